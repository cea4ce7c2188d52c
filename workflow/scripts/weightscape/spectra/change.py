"""What training changed in a layer: its size, its spectrum, and the directions that matter."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.stats

from weightscape.spectra.linalg import NUMPY, gram_eigenvectors, is_wide
from weightscape.spectra.marchenko_pastur import fit_bulk
from weightscape.spectra.not_computable import NotComputableError

TOP = (1, 5, 10)
"""Numbers of leading singular vectors whose span is compared."""

ROUNDING = 1e-14
"""Share of λmax below which an eigenvalue is rounding and has no meaningful logarithm."""

INTRUDERS_AMONG = 10
INTRUDER_COSINE = 0.5
"""A leading singular vector less similar than this to every one before is an intruder (Shuttleworth et al. 2024)."""


@dataclass(frozen=True)
class Decomposition:
    """The singular vectors of a weight as the matrix out × rest, as columns, the largest singular values first.

    Attributes
    ----------
    left
        All left vectors with a singular value above rounding, shape (out, rank): an intruder differs from each of them.
    right
        The leading right vectors, as many as are compared, shape (rest, …).
    spikes
        Number of spikes beyond the robust bulk; the rank where there is no bulk.
    """

    left: np.ndarray
    right: np.ndarray
    spikes: int


def decompose(weight: np.ndarray, device: str = NUMPY) -> Decomposition:
    """Return the singular vectors and the number of spikes of a weight before training."""
    matrix = _matrix(weight)
    eigenvalues, vectors = gram_eigenvectors(matrix, device=device)
    values, vectors = _directions(eigenvalues, vectors, min(matrix.shape))
    eigenvalues[: len(eigenvalues) - len(values)] = 0
    spikes = _spikes(eigenvalues, max(matrix.shape), len(values))
    top = _compared(spikes)
    if is_wide(matrix):
        left, right = vectors, _other_side(matrix, values[:top], vectors[:, :top])
    else:
        left, right = _other_side(matrix, values, vectors), vectors[:, :top]
    return Decomposition(np.ascontiguousarray(left), np.ascontiguousarray(right), spikes)


def size_columns(weight: np.ndarray, before: np.ndarray, spectra: tuple[np.ndarray, np.ndarray]) -> dict[str, Any]:
    """Return how much the weight and its spectrum changed.

    The distance of the spectra is the Wasserstein-1 distance of log10 λ over the eigenvalues above rounding.

    Parameters
    ----------
    weight, before
        Arrays of one shape.
    spectra
        Eigenvalues after and before, ascending.

    Raises
    ------
    NotComputableError
        If all weights are zero after or before.
    """
    norm = float(np.linalg.norm(before.ravel().astype(np.float64)))
    if norm == 0 or not all(values[-1] > 0 for values in spectra):
        raise NotComputableError("change: all weights are zero after or before")
    after, earlier = (np.log10(values[values > ROUNDING * values[-1]]) for values in spectra)
    difference = np.subtract(weight, before, dtype=np.float64)
    return {
        "relative_change": float(np.linalg.norm(difference.ravel())) / norm,
        "log_spectrum_distance": float(scipy.stats.wasserstein_distance(after, earlier)),
    }


def subspace_columns(weight: np.ndarray, reference: Decomposition, device: str = NUMPY) -> dict[str, Any]:
    """Return how far the leading singular subspaces turned, and how many intruders are among them.

    The overlap of two spans of k vectors is the mean squared cosine of their principal angles, ‖U_kᵀU'_k‖²_F/k: 1
    where they are the same, about k/dimension where they are unrelated.

    Parameters
    ----------
    weight
        Weight after, out × …; it is taken as the matrix out × rest.
    reference
        `decompose` of the weight before.
    device
        See `weightscape.spectra.linalg`.

    Raises
    ------
    NotComputableError
        If all weights are zero after or before.
    """
    rank = reference.left.shape[1]
    if rank == 0 or not weight.any():
        raise NotComputableError("subspaces: all weights are zero after or before")
    matrix = _matrix(weight)
    leading = gram_eigenvectors(matrix, min(_compared(reference.spikes), rank), device)
    values, inner = _directions(*leading, min(matrix.shape))
    outer = _other_side(matrix, values, inner)
    after_left, after_right = (inner, outer) if is_wide(matrix) else (outer, inner)
    left, right = after_left.T @ reference.left, after_right.T @ reference.right
    columns: dict[str, Any] = {"spikes_before": reference.spikes}
    for label, k in [*((str(k), k) for k in TOP), ("spikes", reference.spikes)]:
        possible = 0 < k <= min(rank, len(left))
        columns[f"overlap_left_{label}"] = float(np.sum(left[:k, :k] ** 2) / k) if possible else np.nan
        columns[f"overlap_right_{label}"] = float(np.sum(right[:k, :k] ** 2) / k) if possible else np.nan
    similar = np.abs(left[:INTRUDERS_AMONG]).max(axis=1)
    columns["intruders"] = int(np.count_nonzero(similar < INTRUDER_COSINE))
    return columns


def _matrix(weight: np.ndarray) -> np.ndarray:
    """Return the weight as out × rest, scaled so that squares of tiny or huge weights neither vanish nor overflow."""
    matrix = weight.reshape(len(weight), -1).astype(np.float64)
    if scale := max(float(matrix.max()), -float(matrix.min())):
        matrix /= scale
    return matrix


def _compared(spikes: int) -> int:
    """Return the number of leading directions that some column compares."""
    return max(INTRUDERS_AMONG, *TOP, spikes)


def _directions(eigenvalues: np.ndarray, vectors: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the eigenvalues and vectors of a Gram matrix above its rounding, largest first; below is no direction."""
    rounding = eigenvalues[-1] * size * np.finfo(np.float64).eps
    first = len(eigenvalues) - int(np.count_nonzero(eigenvalues > rounding))
    return eigenvalues[first:][::-1], vectors[:, first:][:, ::-1]


def _other_side(matrix: np.ndarray, eigenvalues: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Return the singular vectors of the larger side that belong to `vectors` of the smaller one."""
    others = (matrix.T if is_wide(matrix) else matrix) @ vectors
    others /= np.sqrt(eigenvalues)
    return others


def _spikes(eigenvalues: np.ndarray, larger: int, rank: int) -> int:
    """Return the number of spikes; without a bulk to stand out from, every direction above rounding is one."""
    try:
        return fit_bulk(eigenvalues, larger, len(eigenvalues)).num_spikes
    except NotComputableError:
        return rank
