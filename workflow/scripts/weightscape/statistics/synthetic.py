"""What the claims on synthetic data share: the choice of the augmentation to compare with, and differences from it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from weightscape.statistics.accuracies import accuracies
from weightscape.statistics.claim import Finding
from weightscape.statistics.estimate import Estimate
from weightscape.statistics.facts import Case, Change, Facts, NotInStudyError
from weightscape.statistics.plan import Plan
from weightscape.statistics.recognition import checks_of_conditions, gated
from weightscape.statistics.series import Series, series_means, without_each_dose
from weightscape.statistics.study_tables import StudyTables

ROLES = ("augmentation", "synthetic")


@dataclass(frozen=True)
class AgainstAugmentation(Facts):
    """Synthetic series against an augmentation, and whether that was `chosen` among several.

    The `comparison` is "vendi" (the ratio of Vendi scores), "odds" (the ratio of the odds of a right answer), "images"
    (the difference of logit accuracies, over resampled images), or "line" (that of the distances to a line).
    """

    comparison: str
    synthetic: tuple[str, ...]
    augmentation: str
    chosen: bool
    estimate: Estimate


def against(plan: Plan, augmentation: str, comparison: str, estimate: Estimate) -> AgainstAugmentation:
    """Return the facts of a comparison of the plan's synthetic series with one of its augmentations."""
    return AgainstAugmentation(comparison, plan.synthetic, augmentation, len(plan.augmentation) > 1, estimate)


def best_validated(evaluation: pd.DataFrame, series: Series, plan: Plan) -> str:
    """Return the augmentation with the highest mean validation accuracy over doses and seeds."""
    means = series_means(accuracies(evaluation, "validation"), plan.series_of(ROLES), series)
    return largest(means.mean(), plan.augmentation)


def largest(values: pd.Series, names: Sequence[str]) -> str:
    """Return the name with the largest value; the first in the alphabet among equals."""
    return str(values[sorted(names)].idxmax())


def gated_synthetic(finding: Finding, tables: StudyTables, plan: Plan) -> Finding:
    """Return a finding on the plan's synthetic series, without verdict where their images are not recognised."""
    return gated(finding, tables, _synthetic_conditions(tables, plan))


def is_withheld(tables: StudyTables, plan: Plan) -> bool:
    """Return whether the verdicts on the plan's synthetic series are withheld, so that no other analysis is needed."""
    return any(not check.passed for check in checks_of_conditions(tables, _synthetic_conditions(tables, plan)))


def _synthetic_conditions(tables: StudyTables, plan: Plan) -> list[str]:
    return [condition for name in plan.synthetic for condition in tables.series.get(name, ())]


def synthetic_minus(means: pd.DataFrame, plan: Plan, other: str) -> np.ndarray:
    """Return, per seed, the mean of the synthetic series minus another series."""
    return (means[list(plan.synthetic)].mean(axis=1) - means[other]).to_numpy()


def with_real_images(tables: StudyTables, plan: Plan) -> Series:
    """Return the series, those of the plan's synthetic data without conditions that train on no real image.

    Synthetic images are judged as they are used: added to real ones, or in the place of some of them.

    Raises
    ------
    NotInStudyError
        If no such condition is left of a synthetic series.
    """
    series = _synthetic_parts(tables, plan, real=True)
    if lacking := tuple(name for name in plan.synthetic if name in series and not series[name]):
        raise NotInStudyError(Case("only synthetic images", lacking))
    return series


def only_synthetic(tables: StudyTables, plan: Plan) -> Iterator[tuple[Change, Series]]:
    """Yield the change to conditions that train on no real image and the series after it, if all have such."""
    series = _synthetic_parts(tables, plan, real=False)
    if plan.synthetic and all(series.get(name) for name in plan.synthetic):
        yield Change("synthetic images only, no real one"), series


def _synthetic_parts(tables: StudyTables, plan: Plan, real: bool) -> Series:
    """Return the series, those of the plan's synthetic data with only the conditions that have real images or not."""
    runs = tables.runs
    having = set(runs.loc[(runs["n_real"] > 0) == real, "condition"])
    return {
        name: [condition for condition in conditions if name not in plan.synthetic or condition in having]
        for name, conditions in tables.series.items()
    }


def without_doses(tables: StudyTables, series: Series, plan: Plan) -> Iterator[tuple[Change, str, Series]]:
    """Yield each change that leaves out a dose, the condition that it leaves out, and the series after it."""
    for condition, rest in without_each_dose(series, plan.augmentation + plan.synthetic):
        yield Change("without {}", tables.conditions[condition]), condition, rest


def one_dose_each(series: Series, plan: Plan, values: pd.Series) -> Series:
    """Return the series with the one dose of each compared series that has the largest value."""
    names = dict.fromkeys(plan.augmentation + plan.synthetic)
    return series | {name: [str(values[series[name]].idxmax())] for name in names}
