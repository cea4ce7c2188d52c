"""The numbers of Ba, Mancenido & Pan from tables of WeightWatcher, by the authors' own aggregation."""

import argparse
import sys
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from weightscape.files import write_table
from weightscape.published.aggregate import family_table
from weightscape.published.folder import BASELINE, find_tables

FAMILIES = {"div*": "div", "dp*": "dp", "wd*": "wd"}
SUFFIXES = (".csv", ".parquet")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("folder", type=Path, help="folder of WeightWatcher's tables before and after training")
    parser.add_argument(
        "--families", nargs="+", metavar="PATTERN=NAME", default=[f"{key}={name}" for key, name in FAMILIES.items()],
        help="which conditions belong to which family, such as 'dp*=dropout' (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("-o", "--output", type=Path, help="write the table to this .csv or .parquet file")


def run(arguments: argparse.Namespace) -> None:
    """Run the command.

    Raises
    ------
    ValueError, OSError
        If an argument or a table is not as it must be; the message is for the user.
    """
    if arguments.output and arguments.output.suffix not in SUFFIXES:
        raise ValueError(f"--output {arguments.output}: must end in {' or '.join(SUFFIXES)}")
    if not arguments.folder.is_dir():
        raise ValueError(f"{arguments.folder}: no such folder")
    conditions = find_tables(arguments.folder)
    families = families_of(conditions, parse_families(arguments.families))
    table = family_table(conditions, families)
    print(table.to_csv(index=False, float_format="%.6f"), end="")
    for family in table["family"]:
        members = [name for name, its in families.items() if its == family]
        print(f"{family}: {', '.join(members)}, less {BASELINE}", file=sys.stderr)
    if arguments.output:
        write_table(table, arguments.output)


def parse_families(given: Iterable[str]) -> dict[str, str]:
    """Return pattern → family of ``PATTERN=NAME``; ValueError where there is no ``=``."""
    parts = [text.partition("=") for text in given]
    for pattern, _, family in parts:
        if not pattern or not family:
            raise ValueError(f"--families {pattern}: allowed: PATTERN=NAME, such as 'dp*=dropout'")
    return {pattern: family for pattern, _, family in parts}


def families_of(conditions: Iterable[str], patterns: Mapping[str, str]) -> dict[str, str]:
    """Return the family of each condition but the baseline, by the first pattern that fits it.

    Raises
    ------
    ValueError
        If a condition fits no pattern, or a pattern no condition.
    """
    names = [name for name in conditions if name != BASELINE]
    fitting = {name: [pattern for pattern in patterns if fnmatchcase(name, pattern)] for name in names}
    if without := [name for name in names if not fitting[name]]:
        raise ValueError(f"the condition {without[0]} fits none of --families {' '.join(patterns)}")
    if unused := [pattern for pattern in patterns if not any(pattern in fits for fits in fitting.values())]:
        raise ValueError(f"--families {unused[0]}: fits none of the conditions {', '.join(names)}")
    ordered = {name: patterns[fits[0]] for name, fits in fitting.items()}
    return dict(sorted(ordered.items(), key=lambda item: list(patterns.values()).index(item[1])))
