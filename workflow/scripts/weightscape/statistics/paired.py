"""The effect of a condition on one outcome: the paired difference to the baseline over seeds."""

from dataclasses import dataclass

import numpy as np

from weightscape.statistics.estimate import mean_estimate
from weightscape.statistics.sign_flip import sign_flip_test

CONSTANT = 1e-12
"""A spread below this share of the values' size is rounding, not spread."""


@dataclass(frozen=True)
class PairedEffect:
    """Result of `paired_effect`; fields that need two seeds are NaN with one.

    Attributes
    ----------
    n_seeds
        Number of pairs.
    mean
        Mean difference.
    low, high
        Its 95 % t interval with n − 1 degrees of freedom.
    d_z
        Mean difference divided by the standard deviation of the differences; NaN where they do not differ.
    pvalue
        Exact two-sided sign-flip p.
    """

    n_seeds: int
    mean: float
    low: float
    high: float
    d_z: float
    pvalue: float


def paired_effect(differences: np.ndarray) -> PairedEffect:
    """Summarise the paired differences of one outcome.

    Parameters
    ----------
    differences : shape (S,)
        Condition minus baseline per seed. Differences that are not finite are left out.
    """
    differences = np.asarray(differences, dtype=float)
    differences = differences[np.isfinite(differences)]
    estimate = mean_estimate(differences)
    n = len(differences)
    if n < 2:
        return PairedEffect(n, estimate.value, *[float("nan")] * 4)
    spread = differences.std(ddof=1)
    d_z = estimate.value / spread if spread > CONSTANT * np.abs(differences).max() else float("nan")
    pvalue = float(sign_flip_test(differences).pvalue[0])
    return PairedEffect(n, estimate.value, estimate.low, estimate.high, float(d_z), pvalue)
