"""FARMS: the tail exponent of square submatrices, so that layers of different aspect ratio can be compared.

Hu et al. (2025, arXiv 2506.06280) show that α depends on the aspect ratio of a matrix even where nothing was learned,
and pool the spectra of submatrices with one fixed ratio instead. Here the windows are M × M, evenly spaced along the
longer side so that every row is used: the authors' rule for kernels, used for all layers, with the eigenvalues of all
windows pooled before the fit, as they do for dense layers.
"""

import numpy as np

from weightscape.spectra.eigenvalues import spectrum


def windows(matrices: np.ndarray) -> np.ndarray:
    """Return the square windows of a stack of matrices.

    Parameters
    ----------
    matrices
        Shape (count, rows, columns).

    Returns
    -------
    numpy.ndarray
        Shape (count · ⌈N/M⌉, M, M): evenly spaced windows, the first and last at the ends, that overlap as little
        as covering every row allows.
    """
    tall = matrices if matrices.shape[1] >= matrices.shape[2] else matrices.transpose(0, 2, 1)
    larger, smaller = tall.shape[1:]
    count = -(-larger // smaller)
    starts = np.linspace(0, larger - smaller, count).round().astype(int)
    return np.concatenate([tall[:, start : start + smaller] for start in starts])


def farms_eigenvalues(matrices: np.ndarray, device: str = "numpy") -> np.ndarray:
    """Return the pooled eigenvalues of all square windows, ascending."""
    return spectrum(windows(matrices), device=device).eigenvalues
