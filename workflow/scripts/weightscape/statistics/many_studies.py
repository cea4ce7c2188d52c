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
    statistic, standard_error, pvalue : shape (n,)
        NaN where the contrast is undetermined.
    along : shape (n,)
        Whether the interval of V's part along D lies above 0.
    """

    statistic: np.ndarray
    standard_error: np.ndarray
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


def contrast_studies(effects: Sequence[np.ndarray], deleted: Sequence[np.ndarray] | None = None) -> ContrastsOfStudies:
    """Return what `weightscape.statistics.family_contrast` finds in each study, gates included.

    Parameters
    ----------
    effects : three or four arrays (n, S, features)
        V, D and W, and E if its direction is removed: paired differences of n studies, S ≥ 3.
    deleted
        As there.
    """
    whole = parts_along(cross_validated_gram(effects))
    without = parts_along(cross_validated_gram(deleted or [without_each_seed(array) for array in effects]))
    df = effects[0].shape[-2] - 1

    def lows(name: str) -> np.ndarray:
        return t_interval(getattr(whole, name), jackknife_standard_error(getattr(without, name)), df)[0]

    statistic, rest = whole.contrast, without.contrast
    standard_error = jackknife_standard_error(rest)
    acts = np.all([acting(effect, FEW_PATTERNS) for effect in effects[1:]], axis=0)
    if len(effects) == 4:
        acts &= (lows("square_d") > 0) & (lows("square_w") > 0)
    determined = acts & np.isfinite(statistic) & np.isfinite(rest).all(axis=-1)
    statistic, standard_error = (np.where(determined, numbers, np.nan) for numbers in (statistic, standard_error))
    return ContrastsOfStudies(
        statistic, standard_error, t_interval(statistic, standard_error, df)[2], determined & (lows("along_d") > 0)
    )
