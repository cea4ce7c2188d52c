"""Eigenvalues of WᵀW: from the small Gram matrix where that is accurate, from singular values where it is not."""

from dataclasses import dataclass

import numpy as np

from weightscape.spectra.linalg import NUMPY, gram_eigenvalues, singular_values

GRAM_RANGE = 1e-11
"""The Gram matrix squares the condition number; below this λmin/λmax its small eigenvalues are noise."""


@dataclass(frozen=True)
class Spectrum:
    """The pooled spectrum of a layer's matrices.

    Attributes
    ----------
    eigenvalues
        Eigenvalues of WᵀW of all matrices, ascending, ≥ 0, without the |N − M| structural zeros of a matrix.
    sv_max, sv_min
        Largest singular value of all, and the largest over the matrices of their smallest (as WeightWatcher has it).
    rank_loss
        Number of singular values that are zero to rounding, summed over the matrices.
    exact
        Whether every matrix went through the singular value decomposition.
    """

    eigenvalues: np.ndarray
    sv_max: float
    sv_min: float
    rank_loss: int
    exact: bool


def spectrum(matrices: np.ndarray, exact: bool = False, device: str = NUMPY) -> Spectrum:
    """Return the pooled spectrum of a stack of matrices.

    Parameters
    ----------
    matrices
        Float64, shape (count, rows, columns).
    exact
        Use the singular value decomposition throughout. Otherwise a matrix is decomposed through its Gram
        matrix of the smaller side, several times faster, unless λmin/λmax < 1e-11 shows that this loses the
        smallest eigenvalues.
    device
        `weightscape.spectra.linalg.NUMPY`, or a torch device that does float64.
    """
    parts = [_singular_values(matrix, exact, device) for matrix in matrices]
    values = np.sort(np.concatenate([singular for singular, _ in parts]))
    larger = max(matrices.shape[1:])
    return Spectrum(
        eigenvalues=values * values,
        sv_max=float(values[-1]),
        sv_min=float(max(singular[0] for singular, _ in parts)),
        rank_loss=sum(len(singular) - matrix_rank(singular, larger) for singular, _ in parts),
        exact=all(was_exact for _, was_exact in parts),
    )


def zero_level(largest: float, larger: int) -> float:
    """Return the value up to which an eigenvalue is zero to rounding, (s_max·N·ε)²: the square of `matrix_rank`'s."""
    return largest * (larger * float(np.finfo(np.float64).eps)) ** 2


def matrix_rank(singular: np.ndarray, larger: int) -> int:
    """Return how many singular values exceed s_max · N · machine epsilon, as ``numpy.linalg.matrix_rank`` does."""
    return int(np.count_nonzero(singular > singular.max() * larger * np.finfo(np.float64).eps))


def _singular_values(matrix: np.ndarray, exact: bool, device: str) -> tuple[np.ndarray, bool]:
    """Return the singular values of one matrix, ascending, and whether they come from the decomposition itself."""
    scale = float(np.abs(matrix).max())
    if scale == 0:
        return np.zeros(min(matrix.shape)), True
    if not exact:
        # Scaled so that squares of tiny or huge weights neither vanish nor overflow.
        scaled = matrix if 1e-100 < scale < 1e100 else matrix / scale
        eigenvalues = gram_eigenvalues(scaled, device)
        if eigenvalues[0] > GRAM_RANGE * eigenvalues[-1]:
            singular = np.sqrt(eigenvalues)
            return (singular if scaled is matrix else singular * scale), False
    return singular_values(matrix, device), True
