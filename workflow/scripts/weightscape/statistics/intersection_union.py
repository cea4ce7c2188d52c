"""The smallest of several mean differences, without choosing one on the data that it is judged by."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from scipy.special import stdtrit

from weightscape.statistics.constants import CONFIDENCE
from weightscape.statistics.estimate import Estimate, mean_estimate, t_interval


def smallest_mean(differences: Mapping[str, np.ndarray]) -> tuple[str, Estimate]:
    """Return the name of the smallest mean, and an estimate of the smallest of the true means.

    Parameters
    ----------
    differences
        Per name a sample of shape (n,), one number per seed, paired between names; n ≥ 2 for an interval.

    Notes
    -----
    With δ_k the true means and θ = min_k δ_k, "θ > 0" is that all δ_k > 0: the intersection–union test rejects where
    the one-sided t test of every k does, at the level of a single test (Berger, *Multiparameter hypothesis testing and
    acceptance sampling*, 1982). "θ < 0" is that some δ_k < 0, for which each of the K one-sided p is multiplied by K
    (Bonferroni). The two-sided p is twice the smaller of these two, so that it keeps its level wherever θ = 0. The
    interval inverts both tests: its lower end is the smallest of the K lower ends, its upper end the smallest of upper
    ends at level 1 − α/(2K). With one name both are those of the paired t test.
    """
    names = sorted(differences)
    estimates = [mean_estimate(differences[name]) for name in names]
    place = int(np.argmin([estimate.value for estimate in estimates]))
    smallest, n_tests, df = estimates[place], len(names), len(differences[names[0]]) - 1
    if df < 1:
        return names[place], smallest
    values, errors = (np.array([getattr(e, field) for e in estimates]) for field in ("value", "standard_error"))
    lower, _, pvalues = t_interval(values, errors, df)
    above = np.where(values > 0, pvalues / 2, 1 - pvalues / 2).max()
    below = n_tests * np.where(values < 0, pvalues / 2, 1 - pvalues / 2).min()
    upper = values + stdtrit(df, 1 - (1 - CONFIDENCE) / (2 * n_tests)) * errors
    pvalue = min(1.0, 2 * min(above, below))
    return names[place], replace(smallest, low=float(lower.min()), high=float(upper.min()), pvalue=float(pvalue))
