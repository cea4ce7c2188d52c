"""Spectra of the pre-trained backbone, which all runs of a study start from, and its decompositions, made only here."""

from typing import Any

from safetensors.numpy import load_file

from weightscape.files import read_json, write_table
from weightscape.logs import start_log
from weightscape.spectra.cache import Cache
from weightscape.spectra.study import pretrained_rows


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    layers = read_json(snakemake.input.backbone)["layers"]
    cache = Cache()
    table = pretrained_rows(load_file(snakemake.input.before), layers, cache)
    write_table(table, snakemake.output.table)
    cache.save(snakemake.output.reference)
    log.info("%d layers", len(table))


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
