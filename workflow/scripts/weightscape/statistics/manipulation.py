"""The manipulation check: whether the training sets of a series that stands for diversity are more diverse at all."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from weightscape.statistics.constants import BASELINE, MINIMUM_SEEDS, SIGNIFICANCE
from weightscape.statistics.estimate import UNKNOWN, Estimate, mean_estimate
from weightscape.statistics.facts import Facts, NotInStudyError, write_facts
from weightscape.statistics.multiplicity import holm
from weightscape.statistics.plan import Plan
from weightscape.statistics.series import Series, series_means
from weightscape.statistics.vendi_scores import log_vendi

OUTCOMES = ("more diverse", "less diverse", "not shown")

COLUMNS = ["series", "difference", "low", "high", "standard_error", "pvalue", "pvalue_holm", "outcome", "facts"]


@dataclass(frozen=True)
class ManipulationCheck(Facts):
    """What the manipulation check finds of a series.

    Attributes
    ----------
    series
        A series of `claims.diversity`.
    difference
        Log Vendi score of its training sets, mean over its doses, minus the baseline's, paired by seed; NaN where it
        was not measured.
    pvalue_holm
        The p of `difference`, adjusted by Holm over the series of `claims.diversity`.
    outcome
        One of `OUTCOMES`. "not shown" covers series with too few seeds and without scores.
    """

    series: str
    difference: Estimate
    pvalue_holm: float
    outcome: str

    @property
    def passed(self) -> bool:
        """Whether the series may stand for more diverse data."""
        return self.outcome == "more diverse"


def manipulation_checks(diversity: pd.DataFrame, series: Series, plan: Plan) -> dict[str, ManipulationCheck]:
    """Compare the Vendi score of each series of `plan.diversity` with the baseline's.

    Parameters
    ----------
    diversity
        Diversity table. Scores are of order 1, in the embedding space, over all classes, of equally many images under
        every condition.
    series
        The study's series.
    plan
        The plan.

    Returns
    -------
    dict of str to ManipulationCheck
        One per series, in the order of the plan.

    Notes
    -----
    Paired t test of the differences of log scores, two-sided, Holm over the series. A series that could not be tested
    counts as a test.
    """
    scores = log_vendi(diversity)
    differences = {name: _difference(scores, series, name) for name in plan.diversity}
    adjusted = holm(np.array([difference.pvalue for difference in differences.values()]))
    return {
        name: ManipulationCheck(name, difference, float(pvalue), _outcome(difference, float(pvalue)))
        for (name, difference), pvalue in zip(differences.items(), adjusted, strict=True)
    }


def manipulation_table(checks: Mapping[str, ManipulationCheck]) -> pd.DataFrame:
    """Return the checks as a table with the columns `COLUMNS`, one row per series."""
    rows = [
        {
            **asdict(check.difference),
            "series": check.series,
            "difference": check.difference.value,
            "pvalue_holm": check.pvalue_holm,
            "outcome": check.outcome,
            "facts": write_facts(check),
        }
        for check in checks.values()
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _difference(scores: pd.DataFrame, series: Series, name: str) -> Estimate:
    """Return the paired difference of a series from the baseline; unknown where it cannot be tested."""
    if BASELINE not in scores:
        return UNKNOWN
    try:
        means = series_means(scores, [(BASELINE,), (name,)], series | {BASELINE: [BASELINE]})
    except NotInStudyError:
        return UNKNOWN
    return mean_estimate((means[name] - means[BASELINE]).to_numpy()) if len(means) >= MINIMUM_SEEDS else UNKNOWN


def _outcome(difference: Estimate, pvalue_holm: float) -> str:
    if not pvalue_holm <= SIGNIFICANCE:
        return "not shown"
    return "more diverse" if difference.value > 0 else "less diverse"
