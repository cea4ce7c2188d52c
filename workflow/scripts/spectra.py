"""Spectra of the checkpoints of one condition and seed block: every layer of W and of its change by fine-tuning."""

from typing import Any

import pandas as pd
from safetensors.numpy import load_file

from weightscape.files import read_json, write_table
from weightscape.logs import start_log
from weightscape.spectra.cache import Cache
from weightscape.spectra.study import run_rows


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    params = snakemake.params
    layers = read_json(snakemake.input.backbone)["layers"]
    before = load_file(snakemake.input.before)
    cache = Cache(saved=snakemake.input.reference)  # the backbone was decomposed once for all runs
    tables = []
    for path, seed in zip(snakemake.input.weights, params.seeds, strict=True):
        keys = {**params.columns, "seed": seed}
        tables.append(run_rows(load_file(path), before, layers, keys, cache))
        log.info("seed %s: %d rows", seed, len(tables[-1]))
    write_table(pd.concat(tables, ignore_index=True), snakemake.output.table)


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
