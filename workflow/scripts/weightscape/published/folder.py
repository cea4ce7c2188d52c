"""Which tables of a folder belong together: those of one condition, before and after training."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

BASELINE = "bs"
"""The baseline's condition in both namings."""


class Tables(NamedTuple):
    """The two tables of a condition: files of WeightWatcher's ``details``."""

    before: Path
    after: Path


def find_tables(folder: Path) -> dict[str, Tables]:
    """Return the tables of each condition in a folder, or in its subfolder ``ww-df``, by the condition's name.

    Both namings of the authors' repository are known: ``<condition>_<set>.csv`` before training and
    ``<condition>_<set>_ft.csv`` after it, and ``<condition>.csv`` before and ``ft_<condition>.csv`` after.

    Raises
    ------
    ValueError
        If there are no such files, a file has no partner, or two have the same condition.
    """
    inner = folder / "ww-df"
    folder = inner if inner.is_dir() else folder
    files = {path.stem: path for path in sorted(folder.glob("*.csv"))}
    after = {stem: name for stem in files if (name := _before(stem)) is not None}
    if not after:
        raise ValueError(
            f"{folder}: no tables of WeightWatcher; wanted are pairs of files such as bs.csv and ft_bs.csv, "
            "or bs_set.csv and bs_set_ft.csv"
        )
    alone = _alone(files, after)
    if alone:
        raise ValueError(f"{folder}: {alone[0]}.csv has no partner, the table before or after training")
    tables: dict[str, Tables] = {}
    for stem, name in after.items():
        condition = name.split("_")[0] if stem.endswith("_ft") else name
        if condition in tables:
            raise ValueError(f"{folder}: two pairs of tables are of the condition {condition!r}")
        tables[condition] = Tables(files[name], files[stem])
    return tables


def _before(stem: str) -> str | None:
    """Return the name of the table before training for that after it, None for other files."""
    if stem.startswith("ft_"):
        return stem.removeprefix("ft_")
    return stem.removesuffix("_ft") if stem.endswith("_ft") else None


def _alone(files: Iterable[str], after: dict[str, str]) -> list[str]:
    before = set(after.values())
    names = set(files)
    return sorted([stem for stem, name in after.items() if name not in names] + [*(names - set(after) - before)])
