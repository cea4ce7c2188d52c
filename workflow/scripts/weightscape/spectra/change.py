"""What training changed in a layer: its size, its spectrum, and the directions that matter."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
import scipy.stats

from weightscape.spectra.marchenko_pastur import fit_bulk

TOP = (1, 5, 10)
"""Numbers of leading singular vectors whose span is compared."""

ROUNDING = 1e-14
"""Share of λmax below which an eigenvalue is rounding and has no meaningful logarithm."""

INTRUDERS_AMONG = 10
INTRUDER_COSINE = 0.5
"""A leading singular vector less similar than this to every one before is an intruder (Shuttleworth et al. 2024)."""


@dataclass(frozen=True)
class Decomposition:
    """Left and right singular vectors, as columns, with the largest singular values first."""

    left: np.ndarray
    right: np.ndarray
    spikes: int


def decompose(weight: np.ndarray) -> Decomposition:
    """Return all singular vectors of a weight as the matrix out × rest, and its number of spikes."""
    return _decompose(weight.reshape(len(weight), -1).astype(np.float64), None)


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
    ValueError
        If all weights are zero after or before.
    """
    norm = float(np.linalg.norm(before.ravel().astype(np.float64)))
    if norm == 0 or not all(values[-1] > 0 for values in spectra):
        raise ValueError("change: all weights are zero after or before")
    after, earlier = (np.log10(values[values > ROUNDING * values[-1]]) for values in spectra)
    difference = np.subtract(weight, before, dtype=np.float64)
    return {
        "relative_change": float(np.linalg.norm(difference.ravel())) / norm,
        "log_spectrum_distance": float(scipy.stats.wasserstein_distance(after, earlier)),
    }


def subspace_columns(weight: np.ndarray, reference: Decomposition) -> dict[str, Any]:
    """Return how far the leading singular subspaces turned, and how many intruders are among them.

    The overlap of two spans of k vectors is the mean squared cosine of their principal angles, ‖U_kᵀU'_k‖²_F/k: 1
    where they are the same, about k/dimension where they are unrelated.

    Parameters
    ----------
    weight
        Weight after, out × …; it is taken as the matrix out × rest.
    reference
        `decompose` of the weight before.

    Raises
    ------
    ValueError
        If all weights are zero after or before.
    """
    rank = reference.left.shape[1]
    if rank == 0 or not weight.any():
        raise ValueError("subspaces: all weights are zero after or before")
    wanted = min(max(INTRUDERS_AMONG, *TOP, reference.spikes), rank)
    after = _decompose(weight.reshape(len(weight), -1).astype(np.float64), wanted)
    left, right = after.left.T @ reference.left, after.right.T @ reference.right
    columns: dict[str, Any] = {"spikes_before": reference.spikes}
    for label, k in [*((str(k), k) for k in TOP), ("spikes", reference.spikes)]:
        possible = 0 < k <= min(rank, len(left))
        columns[f"overlap_left_{label}"] = float(np.sum(left[:k, :k] ** 2) / k) if possible else np.nan
        columns[f"overlap_right_{label}"] = float(np.sum(right[:k, :k] ** 2) / k) if possible else np.nan
    similar = np.abs(left[:INTRUDERS_AMONG]).max(axis=1)
    columns["intruders"] = int(np.count_nonzero(similar < INTRUDER_COSINE))
    return columns


def _decompose(matrix: np.ndarray, top: int | None) -> Decomposition:
    """Return the leading `top` singular vectors, or all with a singular value above rounding."""
    wide = matrix.shape[0] <= matrix.shape[1]
    side = matrix if wide else matrix.T
    size = len(side)
    subset = None if top is None else (size - min(top, size), size - 1)
    eigenvalues, vectors = scipy.linalg.eigh(
        side @ side.T, subset_by_index=subset, check_finite=False, driver="evr" if subset else "evd"
    )
    # Below this the Gram matrix holds no direction, only rounding.
    kept = eigenvalues > eigenvalues[-1] * size * np.finfo(np.float64).eps
    vectors = vectors[:, kept][:, ::-1]
    others = side.T @ vectors / np.sqrt(eigenvalues[kept][::-1])
    spikes = _spikes(np.maximum(eigenvalues, 0), max(matrix.shape), int(kept.sum())) if top is None else 0
    return Decomposition(*((vectors, others) if wide else (others, vectors)), spikes)


def _spikes(eigenvalues: np.ndarray, larger: int, rank: int) -> int:
    """Return the number of spikes; without a bulk to stand out from, every direction above rounding is one."""
    try:
        return fit_bulk(eigenvalues, larger, len(eigenvalues)).num_spikes
    except ValueError:
        return rank
