"""The ERG (or det X = 1) condition: how many of the largest eigenvalues have a product of one.

In WeightWatcher's theory a layer at its best has a power-law tail that starts where the product of the tail's
eigenvalues, of a spectrum rescaled to mean 1, is one (``detX=True`` or ``ERG=True``).
"""

from dataclasses import dataclass

import numpy as np

from weightscape.spectra.not_computable import NotComputableError


@dataclass(frozen=True)
class DetX:
    """Where the tail with product one starts.

    Attributes
    ----------
    count
        Number of eigenvalues in it.
    value
        The first of them, in the units of the eigenvalues.
    scaled
        The same for the spectrum of mean 1.
    """

    count: int
    value: float
    scaled: float


def det_x(eigenvalues: np.ndarray) -> DetX:
    """Return the tail whose product first falls below one when walking down from the largest eigenvalue.

    Parameters
    ----------
    eigenvalues
        Ascending, at least two, not all equal.

    Raises
    ------
    NotComputableError
        If there are fewer than two eigenvalues or all are equal.

    Notes
    -----
    As in WeightWatcher, the smallest eigenvalue is never tried as a start; where no product is below one, the count
    is that of all eigenvalues and the value the second smallest. Products are sums of logarithms here, so that they
    neither overflow nor vanish.
    """
    size = len(eigenvalues)
    if size < 2 or not eigenvalues[0] < eigenvalues[-1]:
        raise NotComputableError(f"det X: the eigenvalues (n = {size}) don't differ")
    scaled = eigenvalues * (size / eigenvalues.sum())
    with np.errstate(divide="ignore"):
        products = np.cumsum(np.log(scaled[:0:-1]))
    below = np.flatnonzero(products < 0)
    start = size - 1 - int(below[0]) if len(below) else 1
    count = size - start if len(below) else size
    return DetX(count, float(eigenvalues[start]), float(scaled[start]))
