"""Finished studies: what a comparison reads of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from weightscape.comparison.claims import TAKEN
from weightscape.files import read_json, read_table
from weightscape.report.checks import amendments
from weightscape.words.names import described

FILES = ("tables/claims.parquet", "tables/plan.parquet", "tables/runs.parquet", "backbone/backbone.json",
         "data/manifest.json", "provenance.json")  # fmt: skip


@dataclass(frozen=True)
class FinishedStudy:
    """A finished study.

    Attributes
    ----------
    name, title
        From its config.
    backbone, weights, data
        Architecture of the network, SHA-256 sum of its pre-trained weights, and source of the images.
    runs, seeds
        Number of training runs, and of paired seeds.
    claims, plan
        Its tables.
    """

    name: str
    title: str
    backbone: str
    weights: str
    data: str
    runs: int
    seeds: int
    claims: pd.DataFrame
    plan: pd.DataFrame

    @property
    def plan_hash(self) -> str:
        """SHA-256 sum of the plan of the analysis."""
        return str(self.plan.loc[self.plan["item"] == "hash", "current"].iloc[0])

    @property
    def plan_changed(self) -> bool:
        """Whether the plan was changed after registration."""
        return bool(self.plan["changed"].any())

    @property
    def plan_amended(self) -> bool:
        """Whether the config says that something was changed after results had been seen."""
        return bool(amendments(self.plan))


def read_finished_study(folder: Path) -> FinishedStudy:
    """Read what a comparison needs from the folder of a finished study.

    Raises
    ------
    FileNotFoundError
        If a file is missing.
    ValueError
        If a file is damaged, or lacks something as those of another version may.
    """
    if missing := [name for name in FILES if not (folder / name).is_file()]:
        raise FileNotFoundError(f"{folder} is not a finished study: {missing[0]} is missing (make study STUDY=…)")
    runs = _table(folder / "tables/runs.parquet", ["seed"])
    return FinishedStudy(
        name=folder.name,
        title=_value(folder / "provenance.json", "config", "title"),
        backbone=_value(folder / "backbone/backbone.json", "architecture"),
        weights=_value(folder / "backbone/backbone.json", "sha256"),
        data=described(_value(folder / "data/manifest.json", "source")),
        runs=len(runs),
        seeds=runs["seed"].nunique(),
        claims=_table(folder / "tables/claims.parquet", [*TAKEN, "verdict"]),
        plan=_table(folder / "tables/plan.parquet", ["item", "current", "changed"]),
    )


def check_same_claims(studies: Sequence[FinishedStudy]) -> None:
    """Check that all studies are judged on the same claims, apart from those about series that some do not have.

    Raises
    ------
    ValueError
        If they are not, as studies of different versions may be, or if there is none.
    """
    claims = {study.name: list(study.claims.loc[study.claims["series"] == "", "claim"]) for study in studies}
    first = claims[studies[0].name]
    for name, judged in claims.items():
        if not judged or set(judged) != set(first):
            listed = "; ".join(f"{study} {', '.join(map(str, known)) or 'none'}" for study, known in claims.items())
            raise ValueError(f"compare: {name} is judged on different claims from {studies[0].name}: {listed}")


def _value(path: Path, *keys: str) -> Any:
    """Return what a JSON file holds under nested keys."""
    try:
        value = read_json(path)
    except ValueError as error:
        raise ValueError(f"{path} is not a JSON file: {error}") from None
    for key in keys:
        if not isinstance(value, dict) or key not in value:
            raise ValueError(f"{path} lacks the key {'.'.join(keys)}")
        value = value[key]
    return value


def _table(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Return a table that has at least these columns."""
    try:
        table = read_table(path)
    except (ValueError, OSError) as error:
        raise ValueError(f"{path} is not a Parquet file: {error}") from None
    if missing := [column for column in columns if column not in table]:
        raise ValueError(f"{path} lacks the column {missing[0]}")
    return table


def studies_table(studies: Sequence[FinishedStudy]) -> pd.DataFrame:
    """Return one row per study: what it is, how large, and its plan's hash."""
    names = (
        "name",
        "title",
        "backbone",
        "weights",
        "data",
        "runs",
        "seeds",
        "plan_hash",
        "plan_changed",
        "plan_amended",
    )
    rows = [{name: getattr(study, name) for name in names} for study in studies]
    return pd.DataFrame(rows).rename(columns={"name": "study"})


def roles_that_differ(studies: Sequence[FinishedStudy]) -> list[str]:
    """Return the items of the plans' section `claims` that are not the same in all studies, in order."""
    plans = [study.plan.set_index("item")["current"] for study in studies]
    items = sorted({str(item) for plan in plans for item in plan.index if str(item).startswith("claims.")})
    return [item.removeprefix("claims.") for item in items if len({plan.get(item, "") for plan in plans}) > 1]
