"""Say how many seeds each claim needs for a wanted power, from a finished study with few seeds as pilot.

Run by hand: ``python workflow/scripts/plan_seeds.py config/digits.yaml --power 0.8``.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import yaml

from weightscape.files import read_table, write_table
from weightscape.statistics.plan import Plan
from weightscape.statistics.planning import seeds_table


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", type=Path, help="config of the pilot study, for example config/digits.yaml")
    parser.add_argument(
        "--results", type=Path, default=Path("results"), help="folder of all studies (default: results)"
    )
    parser.add_argument("--power", type=float, default=0.8, help="wanted power of each claim (default: 0.8)")
    parser.add_argument("--output", type=Path, help="also write the table to this .csv or .parquet file")
    options = parser.parse_args(arguments)
    if not 0 < options.power < 1:
        parser.error(f"--power {options.power}: must lie between 0 and 1")
    config = yaml.safe_load(options.config.read_text(encoding="utf-8"))
    folder = options.results / config["study"] / "tables"
    missing = [name for name in ("runs", "spectra", "claims") if not (folder / f"{name}.parquet").is_file()]
    if missing:
        parser.error(f"{folder} lacks {', '.join(missing)}: run the pilot study first")
    tables = {name: read_table(folder / f"{name}.parquet") for name in ("runs", "spectra", "claims")}
    table = seeds_table(**tables, plan=Plan.from_mapping(config["claims"]), power=options.power)
    print(table.to_string(index=False, na_rep="–"))
    if options.output:
        write_table(table, options.output)


if __name__ == "__main__":
    main()
