"""Adjustment of p-values for the number of tests."""

import numpy as np


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
