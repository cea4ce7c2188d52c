"""Adjustment of p-values for the number of tests."""

import numpy as np

from weightscape.statistics.presence import MOST_PATTERNS, sign_patterns

_TIE = 1e-10
_BLOCK = 2**22


def holm(pvalues: np.ndarray) -> np.ndarray:
    """Return Holm's adjusted p-values; a NaN counts as a planned test that showed nothing and stays NaN.

    Parameters
    ----------
    pvalues : shape (n,)
        p-values in [0, 1], or NaN for a test that could not be made. It still counts in n: whether a test can be made
        is seen in the data, so leaving it out would loosen the others.

    Notes
    -----
    In increasing order, p̃_(i) = max_{j ≤ i} min(1, (n − j + 1) p_(j)) (Holm 1979). It controls the probability of any
    false finding under every dependence of the tests.

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, 0.03])).round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    pvalues = np.asarray(pvalues, dtype=float)
    known = np.where(np.isnan(pvalues), 1.0, pvalues)
    if ((known < 0) | (known > 1)).any():
        raise ValueError(f"p-values must lie in [0, 1]; found {known.min()} … {known.max()}")
    order = np.argsort(known, kind="stable")
    adjusted = np.empty_like(known)
    factors = np.arange(len(known), 0, -1)
    adjusted[order] = np.minimum(1, np.maximum.accumulate(factors * known[order]))
    return np.where(np.isnan(pvalues), np.nan, adjusted)


def westfall_young(differences: np.ndarray, most_patterns: int = MOST_PATTERNS) -> np.ndarray:
    """Return p-values of many paired differences adjusted together by the step-down maximum over sign flips.

    Parameters
    ----------
    differences : shape (S, n)
        Finite paired differences, one row per seed, one column per test.
    most_patterns
        Most sign patterns to list; of more, a sample is taken.

    Returns
    -------
    shape (n,)
        Adjusted two-sided p. Unlike Holm's, the smallest possible one is that of a single test, 2/2^S, however many
        tests there are, since the tests' dependence is kept: all columns of a seed change sign together.

    Notes
    -----
    Westfall & Young, *Resampling-Based Multiple Testing* (1993), algorithm 4.1, with |t| as statistic. In a
    sign-flipped column Σd² stays the same, so |t| is an increasing function of |Σ ±d|/√(S Σd²), which has no pole.
    """
    differences = np.asarray(differences, dtype=float)
    if differences.ndim != 2 or len(differences) == 0 or not np.isfinite(differences).all():
        raise ValueError("differences must be finite, shape (seeds, tests), with at least one seed")
    n_seeds, n_tests = differences.shape
    size = np.sqrt(n_seeds * (differences**2).sum(axis=0))
    scaled = differences / np.where(size > 0, size, 1.0)
    observed = np.abs(scaled.sum(axis=0))
    order = np.argsort(-observed, kind="stable")
    reached = np.zeros(n_tests)
    patterns = sign_patterns(n_seeds, most_patterns)
    for part in np.array_split(patterns, max(1, patterns.shape[0] * n_tests // _BLOCK)):
        flipped = np.abs(part @ scaled[:, order])
        largest_of_rest = np.maximum.accumulate(flipped[:, ::-1], axis=1)[:, ::-1]
        reached += (largest_of_rest >= observed[order] - _TIE).sum(axis=0)
    adjusted = np.empty(n_tests)
    adjusted[order] = np.maximum.accumulate(reached / len(patterns))
    return adjusted
