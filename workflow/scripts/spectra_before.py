"""Spectra of the weights that runs start from, and their decompositions, made only here."""

from typing import Any

from safetensors.numpy import load_file

from weightscape.backbone_description import read_description
from weightscape.files import write_table
from weightscape.logs import start_log
from weightscape.spectra.cache import Cache
from weightscape.spectra.study import start_rows


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    layers = read_description(snakemake.input.backbone).layers
    cache = Cache()
    table = start_rows(load_file(snakemake.input.before), layers, snakemake.params.start, cache)
    write_table(table, snakemake.output.table)
    cache.save(snakemake.output.reference)
    log.info("%d layers", len(table))


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
