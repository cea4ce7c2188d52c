"""Claim 2c: synthetic data are better out of distribution than their accuracy in distribution explains."""

from collections.abc import Collection, Iterable

import numpy as np
import pandas as pd

from weightscape.statistics.accuracies import accuracies, count_probit
from weightscape.statistics.constants import BASELINE_B, MINIMUM_SEEDS
from weightscape.statistics.errors import NotInStudyError
from weightscape.statistics.estimate import jackknife_estimate
from weightscape.statistics.finding import Claim, Finding, judged, undetermined
from weightscape.statistics.plan import Plan
from weightscape.statistics.series import Series, series_means
from weightscape.statistics.synthetic_claims import BEST, best_validated, chosen, synthetic_minus
from weightscape.statistics.wording import estimate_text, higher_text, listing, verb

MINIMUM_CONDITIONS = 4
"""Fewest conditions that fix a line with something left over to see whether it is one."""

MORE_ROBUST = Claim(
    "2c",
    "Synthetic data generalise better out of distribution than their accuracy explains",
    "Is synthetic data further above the other conditions' line of accuracy in and out of distribution than the "
    "augmentation that validates best?",
    "difference of probit residuals",
)


def effective_robustness_claim(evaluation: pd.DataFrame, series: Series, plan: Plan) -> Finding:
    """Judge claim 2c: claim 2b on residuals from the line of probit accuracies (effective robustness).

    The line probit(OOD) = a + b·probit(test) goes through the means over seeds of all conditions that are in neither
    claims.synthetic nor claims.augmentation. A condition's residual is its
    effective robustness (Taori et al. 2020; Miller et al., *Accuracy on the line*, 2021). The statistic is the mean
    over seeds of the residual of synthetic data minus that of the augmentation; line and means are made anew without
    each seed for the jackknife. The slope must be known: if its own interval is not above 0, the claim is undetermined.
    """
    roles = [plan.augmentation, plan.synthetic]
    try:
        inside, outside = (accuracies(evaluation, kind, count_probit) for kind in ("test", "ood"))
        means = [series_means(values, roles, series) for values in (inside, outside)]
        best = best_validated(evaluation, series, plan)
    except NotInStudyError as error:
        return undetermined(MORE_ROBUST, str(error))
    compared = {condition for name in plan.augmentation + plan.synthetic for condition in series[name]}
    others = conditions_on_the_line(outside.columns, compared)
    seeds = inside[others].dropna().index.intersection(outside[others].dropna().index).intersection(means[1].index)
    if len(seeds) < MINIMUM_SEEDS:
        return undetermined(MORE_ROBUST, f"Too few seeds ({len(seeds)}): the line needs {MINIMUM_SEEDS}.", len(seeds))
    if len(others) < MINIMUM_CONDITIONS:
        reason = f"Too few other conditions ({len(others)}): a line needs {MINIMUM_CONDITIONS}."
        return undetermined(MORE_ROBUST, reason, len(seeds))
    lines = inside.loc[seeds, others].to_numpy(), outside.loc[seeds, others].to_numpy()
    gains = [synthetic_minus(table.loc[seeds], plan, best) for table in means]
    values = np.array(_residual_difference(*lines, *gains))
    deleted = np.array(
        [_residual_difference(*(np.delete(array, s, axis=0) for array in (*lines, *gains))) for s in range(len(seeds))]
    )
    slope = jackknife_estimate(float(values[1]), deleted[:, 1])
    if not slope.is_positive:
        reason = f"The {len(others)} other conditions do not fix a line: its slope is {estimate_text(slope)}."
        return undetermined(MORE_ROBUST, reason, len(seeds))
    estimate = jackknife_estimate(float(values[0]), deleted[:, 0])
    detail = (
        f"beside the line of {len(others)} other conditions (slope {estimate_text(slope)}), "
        f"{listing(plan.synthetic)} {verb(plan.synthetic, 'lies', 'lie')} {higher_text(estimate, 'probits')} than "
        f"{chosen(best, BEST, plan)}"
    )
    return judged(MORE_ROBUST, estimate, len(seeds), detail)


def conditions_on_the_line(conditions: Iterable[str], compared: Collection[str]) -> list[str]:
    """Return the conditions that fix the line: neither compared by claim 2 nor the baseline's second run."""
    return sorted(set(conditions) - {*compared, BASELINE_B})


def robustness_line(inside: np.ndarray, outside: np.ndarray) -> tuple[float, float]:
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
    _, slope = robustness_line(inside, outside)
    return float(gain_outside.mean() - slope * gain_inside.mean()), slope
