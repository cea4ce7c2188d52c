"""The contrast of claim 1 for many simulated studies at once: calibration and planning repeat it thousands of times."""

from dataclasses import dataclass

import numpy as np

from weightscape.statistics.constants import SIGNIFICANCE
from weightscape.statistics.contrast import contrast_statistic
from weightscape.statistics.cross_validated import cross_validated_inner, leave_one_out_inner
from weightscape.statistics.estimate import jackknife_standard_error, t_interval
from weightscape.statistics.presence import acting

FEW_PATTERNS = 2**9
"""Sign patterns of the test of presence: fewer than for one real study, enough for a rate over many."""


@dataclass(frozen=True)
class ContrastsOfStudies:
    """The result of `contrast_studies`: one entry per study.

    Attributes
    ----------
    statistic, pvalue : shape (n,)
        NaN where the contrast is undetermined.
    """

    statistic: np.ndarray
    pvalue: np.ndarray

    def supported(self, significance: float = SIGNIFICANCE) -> np.ndarray:
        """Return which studies find V nearer to D."""
        return (self.pvalue <= significance) & (self.statistic > 0)

    def decided(self, significance: float = SIGNIFICANCE) -> np.ndarray:
        """Return which studies find V nearer to one of the two."""
        return self.pvalue <= significance


def contrast_studies(V: np.ndarray, D: np.ndarray, W: np.ndarray) -> ContrastsOfStudies:
    """Return what `weightscape.statistics.family_contrast` finds in each study, gates included.

    Parameters
    ----------
    V, D, W : shape (n, S, features)
        Paired differences of n studies, S ≥ 3.
    """
    pairs = ((V, D), (V, W), (D, D), (W, W))
    inner = [cross_validated_inner(*pair) for pair in pairs]
    without = [leave_one_out_inner(*pair) for pair in pairs]
    statistic = contrast_statistic(*inner)
    deleted = contrast_statistic(*without)
    acts = acting(D, FEW_PATTERNS) & acting(W, FEW_PATTERNS)
    determined = acts & np.isfinite(statistic) & np.isfinite(deleted).all(axis=-1)
    pvalue = t_interval(statistic, jackknife_standard_error(deleted), V.shape[-2] - 1)[2]
    return ContrastsOfStudies(np.where(determined, statistic, np.nan), np.where(determined, pvalue, np.nan))
