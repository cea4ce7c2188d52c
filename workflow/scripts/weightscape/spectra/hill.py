"""Hill estimators of the tail exponent: no search for xmin, hence less variance between similar spectra."""

import numpy as np

from weightscape.spectra.not_computable import NotComputableError
from weightscape.spectra.power_law import EQUAL


def hill_alpha(values: np.ndarray, start: int) -> float:
    """Return 1 + n/Σ ln(λ_j/λ_start) over the n values from index `start` on.

    Parameters
    ----------
    values
        Positive numbers, ascending.
    start
        Index of the tail's first value.

    Raises
    ------
    NotComputableError
        If the tail has fewer than two values or all of them are equal.

    References
    ----------
    Hill (1975), Annals of Statistics 3:1163. With the start at the median it is the estimator of TempBalance (Zhou et
    al. 2023, arXiv 2312.00359).
    """
    tail = values[start:]
    excess = float(np.sum(np.log(tail / tail[0]))) if len(tail) > 1 else 0.0
    if excess <= EQUAL * len(tail):
        raise NotComputableError(f"Hill: the eigenvalues of the tail (n = {len(tail)}) don't differ")
    return 1 + len(tail) / excess


def hill_median(values: np.ndarray) -> float:
    """Return the Hill estimate of α over the upper half of `values` (positive, ascending)."""
    return hill_alpha(values, len(values) // 2)
