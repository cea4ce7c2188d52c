"""Claim 2c: synthetic data are better out of distribution than their accuracy in distribution explains."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from weightscape.statistics.accuracies import accuracies, count_probit
from weightscape.statistics.claim import Claim, Finding, Variant, undetermined
from weightscape.statistics.condition_regression import ConditionRegression, regress_conditions, sum_of_independent
from weightscape.statistics.constants import BASELINE_B, MINIMUM_SEEDS
from weightscape.statistics.estimate import Estimate, t_interval
from weightscape.statistics.facts import (
    CannotBeJudgedError,
    Case,
    Change,
    ConditionName,
    Facts,
    Judged,
    NotInStudyError,
    TooFew,
)
from weightscape.statistics.plan import Plan
from weightscape.statistics.power import CANDIDATES, noncentral_power
from weightscape.statistics.series import Series, series_means
from weightscape.statistics.study_tables import StudyTables
from weightscape.statistics.synthetic import (
    ROLES,
    AgainstAugmentation,
    against,
    best_validated,
    gated_synthetic,
    is_withheld,
    only_synthetic,
    synthetic_minus,
    with_real_images,
    without_doses,
)

MINIMUM_CONDITIONS = 4
"""Fewest conditions that fix a line with something left over to see whether it is one."""

OFF_THE_LINE = ("early_stop", "noise", "synthetic", "irrelevant", "freeze", "combination")
"""Families that do not fix the line, whether they are compared or not: a network that is not fitted yet, or in part,
and images that are spoilt lie far from all others, and would alone decide where the line goes; a combination repeats
its parts."""


@dataclass(frozen=True)
class BesideTheLine(Facts):
    """How much further above the other conditions' line synthetic data lie, in probits.

    The other conditions scatter about the line with the SD `scatter`, and the condition `farthest` alone makes up
    `leverage` of their spread in distribution. `line_share` is the part of the variance of the distance that comes from
    the line, which more seeds do not lower.
    """

    distance: AgainstAugmentation
    n_conditions: int
    slope: Estimate
    scatter: float
    farthest: ConditionName
    leverage: float
    line_share: float


@dataclass(frozen=True)
class NoLine(Facts):
    """Conditions that do not differ in accuracy in distribution beyond the noise of their runs."""

    n_conditions: int


class EffectiveRobustness(Claim):
    """Claim 2b on residuals from the line of probit accuracies."""

    name = "2c"
    title = "Synthetic data generalise better out of distribution than their accuracy explains (the paper's version 1)"
    question = (
        "Are synthetic data further above the other conditions' line of accuracy in and out of distribution than the "
        "augmentation that validates best?"
    )
    statistic_name = "difference of probit residuals"
    roles = ROLES

    def judge(self, tables: StudyTables, plan: Plan) -> Finding:
        """Judge the claim with the line through the conditions that are not compared."""
        finding = self.compare(tables.evaluation, with_real_images(tables, plan), plan)
        return gated_synthetic(finding, tables, plan)

    def compare(
        self,
        evaluation: pd.DataFrame,
        series: Series,
        plan: Plan,
        off_the_line: Collection[str] = OFF_THE_LINE,
        among_conditions: bool = False,
    ) -> Finding:
        """Judge the claim with the line through the conditions of `evaluation` that are not compared.

        The line probit(OOD) = a + b·probit(test) goes through the means over seeds of all conditions that are in
        neither claims.synthetic nor claims.augmentation nor of a family in `off_the_line`. A condition's residual is
        its effective robustness (Taori et al. 2020; Miller et al., *Accuracy on the line*, 2021). The statistic is
        g_out − b·g_in, where g_in and g_out are how much more accurate, in probits, synthetic data are than the
        augmentation in and out of distribution. Its variance has two parts: that of g_out − b·g_in over seeds for the
        given line, and g_in² times that of b over the conditions on the line, which takes in that they scatter.

        `among_conditions` asks for more: whether the difference is larger than that of two conditions that scatter
        about the line as the others do.
        """
        inside, outside = (accuracies(evaluation, kind, count_probit) for kind in ("test", "ood"))
        means = [series_means(values, plan.series_of(self.roles), series) for values in (inside, outside)]
        best = best_validated(evaluation, series, plan)
        compared = {condition for name in plan.augmentation + plan.synthetic for condition in series[name]}
        others = conditions_on_the_line(families_of(evaluation), compared, off_the_line)
        seeds = inside[others].dropna().index.intersection(outside[others].dropna().index).intersection(means[1].index)
        if len(seeds) < MINIMUM_SEEDS:
            return undetermined(TooFew("seeds", len(seeds), MINIMUM_SEEDS, "line"), len(seeds))
        if len(others) < MINIMUM_CONDITIONS:
            return undetermined(TooFew("other conditions", len(others), MINIMUM_CONDITIONS, "line"), len(seeds))
        on_line = inside.loc[seeds, others].to_numpy()
        try:
            line = regress_conditions(outside.loc[seeds, others].to_numpy(), on_line)
        except CannotBeJudgedError:
            return undetermined(NoLine(len(others)), len(seeds))
        gain_in, gain_out = (synthetic_minus(table.loc[seeds], plan, best) for table in means)
        if among_conditions:
            n_synthetic = sum(len(series[name]) for name in plan.synthetic)
            estimate, df = difference_among_conditions(gain_in, gain_out, line, 1 / n_synthetic + 1 / len(series[best]))
        else:
            estimate, df = residual_difference(gain_in, gain_out, line)
        farthest, leverage = _farthest(on_line, others)
        row = evaluation[evaluation["condition"] == farthest].iloc[0]
        named = ConditionName(farthest, str(row["series"]), float(row["dose"]))
        distance = against(plan, best, "line", estimate)
        share = 1 - _seed_variance(gain_in, gain_out, line) / estimate.standard_error**2
        facts = BesideTheLine(distance, len(others), line.slopes[0], line.scatter, named, leverage, share)
        return self.judged(estimate, len(seeds), facts, df)

    def variants(self, tables: StudyTables, plan: Plan) -> Iterator[Variant]:
        """Yield the claim without each dose, with other lines, as one condition among others, and without real images.

        A dose left out does not become one of the conditions on the line.
        """
        if is_withheld(tables, plan):
            return
        series = with_real_images(tables, plan)
        for change, condition, rest in without_doses(tables, series, plan):
            evaluation = tables.evaluation[tables.evaluation["condition"] != condition]
            yield Variant("dose", change, partial(self.compare, evaluation, rest, plan))
        if set(OFF_THE_LINE[:2]) & set(tables.families.values()):
            change = Change("early stopping and noise on the line")
            judge = partial(self.compare, tables.evaluation, series, plan, off_the_line=OFF_THE_LINE[2:])
            yield Variant("comparison", change, judge)
        change = Change("as one condition among others that scatter about the line")
        yield Variant(
            "uncertainty", change, partial(self.compare, tables.evaluation, series, plan, among_conditions=True)
        )
        for change, pure in only_synthetic(tables, plan):
            yield Variant("dose", change, partial(self.compare, tables.evaluation, pure, plan))

    def seeds_needed(
        self, tables: StudyTables, plan: Plan, finding: Finding, power: float, significance: float
    ) -> int | None:
        """Return how many seeds suffice if the line stays as uncertain as it is: it depends on the conditions."""
        if not isinstance(finding.facts, Judged) or not isinstance(finding.facts.comparison, BesideTheLine):
            raise NotInStudyError(Case("pilot could not test"))
        beside = finding.facts.comparison
        of_line = beside.line_share * finding.standard_error**2
        for seeds in CANDIDATES:
            of_seeds = (1 - beside.line_share) * finding.standard_error**2 * finding.n_seeds / seeds
            variances, dfs = (of_seeds, of_line), (seeds - 1, beside.n_conditions - 2)
            estimate, df = sum_of_independent(finding.statistic, variances, dfs)
            if noncentral_power(estimate.value / estimate.standard_error, df, significance) >= power:
                return seeds
        return None


def families_of(table: pd.DataFrame) -> dict[str, str]:
    """Return the family of each condition of a table."""
    rows = table.drop_duplicates("condition")
    return dict(zip(rows["condition"], rows["family"], strict=True))


def conditions_on_the_line(
    families: Mapping[str, str], compared: Collection[str], off_the_line: Collection[str] = OFF_THE_LINE
) -> list[str]:
    """Return the conditions that fix the line, the baseline's second set of seeds not among them.

    Parameters
    ----------
    families
        The family of each condition.
    compared
        The conditions that claim 2 compares.
    off_the_line
        Families that do not fix it.
    """
    absent = {*compared, BASELINE_B}
    return sorted(name for name, family in families.items() if name not in absent and family not in off_the_line)


def residual_difference(gain_in: np.ndarray, gain_out: np.ndarray, line: ConditionRegression) -> tuple[Estimate, float]:
    """Return the difference of residuals from a line with its degrees of freedom; gains are differences per seed."""
    slope = line.slopes[0]
    value = float((gain_out - slope.value * gain_in).mean())
    variances = _seed_variance(gain_in, gain_out, line), float(gain_in.mean() ** 2 * slope.standard_error**2)
    return sum_of_independent(value, variances, (len(gain_in) - 1, line.df))


def _seed_variance(gain_in: np.ndarray, gain_out: np.ndarray, line: ConditionRegression) -> float:
    """Return the variance over seeds of the mean difference of residuals from the line as it is."""
    return float((gain_out - line.slopes[0].value * gain_in).var(ddof=1) / len(gain_in))


def difference_among_conditions(
    gain_in: np.ndarray, gain_out: np.ndarray, line: ConditionRegression, share: float
) -> tuple[Estimate, float]:
    """Return the same with the interval of a prediction: the conditions compared scatter like those on the line.

    `share` is 1/(number of synthetic conditions) + 1/(number of the augmentation's).
    """
    slope = line.slopes[0]
    value = float((gain_out - slope.value * gain_in).mean())
    variances = share * line.scatter**2, float(gain_in.mean() ** 2 * slope.standard_error**2)
    standard_error = float(np.sqrt(sum(variances)))
    low, high, pvalue = t_interval(np.asarray(value), np.asarray(standard_error), line.df)
    return Estimate(value, float(low), float(high), standard_error, float(pvalue)), line.df


def _farthest(inside: np.ndarray, names: list[str]) -> tuple[str, float]:
    """Return the condition that makes up most of the spread of the conditions' means, and its share."""
    squares = (inside.mean(axis=0) - inside.mean()) ** 2
    place = int(squares.argmax())
    return names[place], float(squares[place] / squares.sum())
