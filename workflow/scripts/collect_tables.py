"""Join the tables of all seed blocks to one per kind (runs, spectra …), sorted by keys, as Parquet and CSV."""

from pathlib import Path
from typing import Any

from weightscape.logs import start_log


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    from weightscape.files import read_table, write_table
    from weightscape.statistics.tables import join_tables

    for kind in snakemake.params.kinds:
        sources = getattr(snakemake.input, kind)
        output = Path(getattr(snakemake.output, kind))
        table = join_tables(kind, [read_table(source) for source in sources])
        for path in (output, output.with_suffix(".csv")):
            write_table(table, path)
        log.info("%s: %d rows from %d tables", output, len(table), len(sources))


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
