"""What a comparison needs to know about a finished study."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from weightscape.report.checks import amendments


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
        """Whether the plan was changed after it had been registered."""
        return bool(self.plan["changed"].any())

    @property
    def plan_amended(self) -> bool:
        """Whether the config says that something was changed after results had been seen."""
        return bool(amendments(self.plan))


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
