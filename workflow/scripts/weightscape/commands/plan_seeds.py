"""Seeds that each claim needs for a wanted power, from a finished study with few seeds as pilot."""

import argparse
from pathlib import Path

from weightscape.config.load import read_study
from weightscape.files import read_table, write_table
from weightscape.statistics.families import FEATURE_FAMILIES
from weightscape.statistics.plan import Plan
from weightscape.statistics.planning import seeds_table
from weightscape.statistics.study_tables import StudyTables
from weightscape.statistics.tables import one_baseline
from weightscape.words.reasons import reason

TABLES = ("runs", "evaluation", "diversity", "spectra")
SUFFIXES = (".csv", ".parquet")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("config", type=Path, help="config of the pilot study, for example config/digits.yaml")
    parser.add_argument("--results", type=Path, default="results", help="folder of all studies (default: results)")
    parser.add_argument("--power", type=float, default=0.8, help="wanted power of each claim (default: 0.8)")
    parser.add_argument("-o", "--output", type=Path, help="also write the table to this .csv or .parquet file")


def run(arguments: argparse.Namespace) -> None:
    """Run the command.

    Raises
    ------
    ValueError, FileNotFoundError
        If an argument or the config is not allowed, or the pilot has not run; the message is for the user.
    """
    if not 0 < arguments.power < 1:
        raise ValueError(f"--power {arguments.power}: must lie between 0 and 1")
    if arguments.output and arguments.output.suffix not in SUFFIXES:
        raise ValueError(f"--output {arguments.output}: must end in {' or '.join(SUFFIXES)}")
    study = read_study(arguments.config)
    folder = arguments.results / study.name / "tables"
    if missing := [name for name in TABLES if not (folder / f"{name}.parquet").is_file()]:
        raise FileNotFoundError(f"{folder} lacks {', '.join(missing)}: run the pilot study first")
    tables = StudyTables(**{name: one_baseline(name, read_table(folder / f"{name}.parquet")) for name in TABLES})
    plan = Plan.from_mapping(study.claims.model_dump())
    planned = [metric for family in FEATURE_FAMILIES for metric in plan.metrics(family.name)]
    if absent := [metric for metric in planned if metric not in tables.spectra]:
        raise ValueError(f"{arguments.config}: {folder / 'spectra.parquet'} has no metric {', '.join(absent)}")
    seeds = seeds_table(tables, plan, power=arguments.power)
    table = seeds.drop(columns="facts").assign(note=seeds["facts"].map(reason))
    print(table.to_string(index=False, na_rep="–"))
    if arguments.output:
        write_table(table, arguments.output)
