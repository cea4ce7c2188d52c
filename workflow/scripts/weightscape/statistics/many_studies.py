"""The contrast of claim 1 for many simulated studies at once: calibration and planning repeat it thousands of times."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from weightscape.statistics.constants import SIGNIFICANCE
from weightscape.statistics.contrast import parts_along
from weightscape.statistics.cross_validated import cross_validated_gram, without_each_seed
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
    along : shape (n,)
        Whether the interval of V's part along D lies above 0.
    """

    statistic: np.ndarray
    pvalue: np.ndarray
    along: np.ndarray

    def supported(self, significance: float = SIGNIFICANCE) -> np.ndarray:
        """Return which studies find V nearer to D, and along it."""
        return (self.pvalue <= significance) & (self.statistic > 0) & self.along

    def contradicted(self, significance: float = SIGNIFICANCE) -> np.ndarray:
        """Return which studies find V nearer to W."""
        return (self.pvalue <= significance) & (self.statistic < 0)

    def decided(self, significance: float = SIGNIFICANCE) -> np.ndarray:
        """Return which studies come to a verdict."""
        return self.supported(significance) | self.contradicted(significance)


def contrast_studies(
    V: np.ndarray, D: np.ndarray, W: np.ndarray, deleted: Sequence[np.ndarray] | None = None
) -> ContrastsOfStudies:
    """Return what `weightscape.statistics.family_contrast` finds in each study, gates included.

    Parameters
    ----------
    V, D, W : shape (n, S, features)
        Paired differences of n studies, S ≥ 3.
    deleted : three arrays (n, S, S − 1, features)
        As there.
    """
    whole = parts_along(cross_validated_gram((V, D, W)))
    without = parts_along(cross_validated_gram(deleted or [without_each_seed(array) for array in (V, D, W)]))
    statistic, rest = whole[0] - whole[1], without[0] - without[1]
    acts = acting(D, FEW_PATTERNS) & acting(W, FEW_PATTERNS)
    determined = acts & np.isfinite(statistic) & np.isfinite(rest).all(axis=-1)
    df = V.shape[-2] - 1
    pvalue = t_interval(statistic, jackknife_standard_error(rest), df)[2]
    along = t_interval(whole[0], jackknife_standard_error(without[0]), df)[0] > 0
    return ContrastsOfStudies(
        np.where(determined, statistic, np.nan), np.where(determined, pvalue, np.nan), determined & along
    )
