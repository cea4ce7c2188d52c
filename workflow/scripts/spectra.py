"""Spectra of the checkpoints of one condition and seed block: every layer of W and of its change by fine-tuning."""

from typing import Any

import pandas as pd
from safetensors.numpy import load_file

from weightscape.backbone_description import read_description
from weightscape.files import write_table
from weightscape.logs import start_log
from weightscape.spectra.cache import Cache
from weightscape.spectra.study import run_rows


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    params = snakemake.params
    inputs = snakemake.input
    layers = read_description(inputs.backbone).layers
    # What runs start from was decomposed once for all that do.
    caches = {reference: Cache(saved=reference) for reference in inputs.references}
    tables = []
    per_run = zip(inputs.weights, inputs.before, inputs.references, params.seeds, strict=True)
    for path, before, reference, seed in per_run:
        keys = {**params.columns, "seed": seed}
        tables.append(run_rows(load_file(path), load_file(before), layers, keys, caches[reference]))
        log.info("seed %s: %d rows", seed, len(tables[-1]))
    write_table(pd.concat(tables, ignore_index=True), snakemake.output.table)


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
