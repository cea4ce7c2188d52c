"""Say how many seeds each claim needs for a wanted power, from a finished study with few seeds as pilot.

Run by hand: ``python workflow/scripts/plan_seeds.py config/digits.yaml --power 0.8``.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from weightscape.config.load import read_study
from weightscape.config.messages import ConfigError
from weightscape.files import read_table, write_table
from weightscape.statistics.plan import Plan
from weightscape.statistics.planning import seeds_table
from weightscape.statistics.study_tables import StudyTables
from weightscape.words.reasons import reason

TABLES = ("runs", "evaluation", "diversity", "spectra")
SUFFIXES = (".csv", ".parquet")


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
    if options.output and options.output.suffix not in SUFFIXES:
        parser.error(f"--output {options.output}: must end in {' or '.join(SUFFIXES)}")
    try:
        study = read_study(options.config)
    except ConfigError as error:
        parser.error(str(error))
    folder = options.results / study.name / "tables"
    if missing := [name for name in TABLES if not (folder / f"{name}.parquet").is_file()]:
        parser.error(f"{folder} lacks {', '.join(missing)}: run the pilot study first")
    tables = StudyTables(**{name: read_table(folder / f"{name}.parquet") for name in TABLES})
    plan = Plan.from_mapping(study.claims.model_dump())
    if absent := [metric for metric in plan.shape + plan.scale if metric not in tables.spectra]:
        parser.error(f"{options.config}: {folder / 'spectra.parquet'} has no metric {', '.join(absent)}")
    seeds = seeds_table(tables, plan, power=options.power)
    table = seeds.drop(columns="facts").assign(note=seeds["facts"].map(reason))
    print(table.to_string(index=False, na_rep="–"))
    if options.output:
        write_table(table, options.output)


if __name__ == "__main__":
    main()
