"""The effect of a condition on one outcome: the paired difference from the baseline over seeds."""

import math
from dataclasses import dataclass

import numpy as np

from weightscape.statistics.bootstrap import bca_intervals
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
    low_bca, high_bca
        Its 95 % BCa bootstrap interval.
    d_z
        Mean difference divided by the standard deviation of the differences; ±∞ where all differences are the same,
        NaN where all are 0.
    pvalue
        Exact two-sided sign-flip p.
    """

    n_seeds: int
    mean: float
    low: float
    high: float
    low_bca: float
    high_bca: float
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
    return paired_effects(differences[np.isfinite(differences)][:, None])[0]


def paired_effects(differences: np.ndarray) -> list[PairedEffect]:
    """Summarise many outcomes at once; equal to `paired_effect` of each column.

    Parameters
    ----------
    differences : shape (S, n)
        Finite differences, one row per seed.
    """
    n_seeds = len(differences)
    estimates = [mean_estimate(column) for column in differences.T]
    if n_seeds < 2:
        return [PairedEffect(n_seeds, estimate.value, *[float("nan")] * 6) for estimate in estimates]
    spread = differences.std(axis=0, ddof=1)
    spread = np.where(spread > CONSTANT * np.abs(differences).max(axis=0), spread, 0.0)
    low, high = bca_intervals(differences)
    pvalues = sign_flip_test(differences).pvalue
    return [
        PairedEffect(
            n_seeds=n_seeds,
            mean=estimate.value,
            low=estimate.low,
            high=estimate.high,
            low_bca=float(low[i]),
            high_bca=float(high[i]),
            d_z=_ratio(estimate.value, float(spread[i])),
            pvalue=float(pvalues[i]),
        )
        for i, estimate in enumerate(estimates)
    ]


def _ratio(mean: float, spread: float) -> float:
    """Return the mean divided by the spread, ±∞ for a spread of 0, NaN if both are 0."""
    if spread > 0:
        return mean / spread
    return math.copysign(math.inf, mean) if mean else math.nan
