"""Claim 2c: synthetic data are better out of distribution than their accuracy in distribution explains."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from weightscape.statistics.accuracies import accuracies, count_probit
from weightscape.statistics.claim import Claim, Finding, Variant, undetermined
from weightscape.statistics.constants import BASELINE_B, MINIMUM_SEEDS
from weightscape.statistics.estimate import Estimate, jackknife_estimate
from weightscape.statistics.facts import Facts, TooFew
from weightscape.statistics.plan import Plan
from weightscape.statistics.series import Series, series_means
from weightscape.statistics.study_tables import StudyTables
from weightscape.statistics.synthetic import (
    ROLES,
    AgainstAugmentation,
    against,
    best_validated,
    synthetic_minus,
    without_doses,
)

MINIMUM_CONDITIONS = 4
"""Fewest conditions that fix a line with something left over to see whether it is one."""


@dataclass(frozen=True)
class BesideTheLine(Facts):
    """How much further above the other conditions' line synthetic data lie, in probits."""

    distance: AgainstAugmentation
    n_conditions: int
    slope: Estimate


@dataclass(frozen=True)
class NoLine(Facts):
    """A slope that is not above 0 for certain."""

    n_conditions: int
    slope: Estimate


class EffectiveRobustness(Claim):
    """Claim 2b on residuals from the line of probit accuracies."""

    name = "2c"
    title = "Synthetic data generalise better out of distribution than their accuracy explains"
    question = (
        "Is synthetic data further above the other conditions' line of accuracy in and out of distribution than the "
        "augmentation that validates best?"
    )
    statistic_name = "difference of probit residuals"
    roles = ROLES

    def judge(self, tables: StudyTables, plan: Plan) -> Finding:
        """Judge the claim with the line through all other conditions."""
        return self.compare(tables.evaluation, tables.series, plan)

    def compare(self, evaluation: pd.DataFrame, series: Series, plan: Plan) -> Finding:
        """Judge the claim with the line through the conditions of `evaluation` that are not compared.

        The line probit(OOD) = a + b·probit(test) goes through the means over seeds of all conditions that are in
        neither claims.synthetic nor claims.augmentation. A condition's residual is its effective robustness (Taori et
        al. 2020; Miller et al., *Accuracy on the line*, 2021). The statistic is the mean over seeds of the residual of
        synthetic data minus that of the augmentation; line and means are made anew without each seed for the jackknife.
        The slope must be known: if its own interval is not above 0, the claim is undetermined.
        """
        inside, outside = (accuracies(evaluation, kind, count_probit) for kind in ("test", "ood"))
        means = [series_means(values, plan.series_of(self.roles), series) for values in (inside, outside)]
        best = best_validated(evaluation, series, plan)
        compared = {condition for name in plan.augmentation + plan.synthetic for condition in series[name]}
        others = conditions_on_the_line(outside.columns, compared)
        seeds = inside[others].dropna().index.intersection(outside[others].dropna().index).intersection(means[1].index)
        if len(seeds) < MINIMUM_SEEDS:
            return undetermined(TooFew("seeds", len(seeds), MINIMUM_SEEDS, "line"), len(seeds))
        if len(others) < MINIMUM_CONDITIONS:
            return undetermined(TooFew("other conditions", len(others), MINIMUM_CONDITIONS, "line"), len(seeds))
        lines = inside.loc[seeds, others].to_numpy(), outside.loc[seeds, others].to_numpy()
        gains = [synthetic_minus(table.loc[seeds], plan, best) for table in means]
        value, slope = _residual_difference(*lines, *gains)
        without = [[np.delete(array, s, axis=0) for array in (*lines, *gains)] for s in range(len(seeds))]
        deleted = np.array([_residual_difference(*arrays) for arrays in without])
        slope_estimate = jackknife_estimate(slope, deleted[:, 1])
        if not slope_estimate.is_positive:
            return undetermined(NoLine(len(others), slope_estimate), len(seeds))
        estimate = jackknife_estimate(value, deleted[:, 0])
        distance = against(plan, best, "line", estimate)
        return self.judged(estimate, len(seeds), BesideTheLine(distance, len(others), slope_estimate))

    def variants(self, tables: StudyTables, plan: Plan) -> Iterator[Variant]:
        """Yield the claim without each dose, which does not become one of the conditions on the line."""
        for change, condition, rest in without_doses(tables, plan):
            evaluation = tables.evaluation[tables.evaluation["condition"] != condition]
            yield Variant("dose", change, partial(self.compare, evaluation, rest, plan))


def conditions_on_the_line(conditions: Iterable[str], compared: Collection[str]) -> list[str]:
    """Return the conditions that fix the line: neither compared by claim 2 nor the baseline's second run."""
    return sorted(set(conditions) - {*compared, BASELINE_B})


def accuracy_line(inside: np.ndarray, outside: np.ndarray) -> tuple[float, float]:
    """Return intercept and slope of the least-squares line through the conditions' means over seeds.

    Parameters
    ----------
    inside, outside
        Probit accuracies on the test set and out of distribution, seeds × conditions.

    Returns
    -------
    Both NaN where the conditions do not differ in distribution.
    """
    x, y = inside.mean(axis=0), outside.mean(axis=0)
    x_centred = x - x.mean()
    spread = x_centred @ x_centred
    slope = float(x_centred @ y / spread) if spread > 0 else np.nan
    return float(y.mean() - slope * x.mean()), slope


def _residual_difference(
    inside: np.ndarray, outside: np.ndarray, gain_inside: np.ndarray, gain_outside: np.ndarray
) -> tuple[float, float]:
    """Return the mean difference of residuals and the slope of the line through the conditions' means over seeds.

    `inside` and `outside` are seeds × conditions of the line, the gains differences per seed. The intercept cancels.
    """
    _, slope = accuracy_line(inside, outside)
    return float(gain_outside.mean() - slope * gain_inside.mean()), slope
