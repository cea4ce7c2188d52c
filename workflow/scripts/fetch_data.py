"""Download a data set that is not there yet, and write down what it holds."""

from typing import Any

from weightscape.data.source import SOURCES
from weightscape.files import write_json
from weightscape.logs import start_log


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    source = SOURCES.parse(snakemake.params.source)
    source.fetch()
    log.info("%s is there", snakemake.params.source)
    write_json(source.given(), snakemake.output[0])


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
