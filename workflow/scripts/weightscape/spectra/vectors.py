"""Localisation of singular vectors: whether the directions of the tail use all neurons or a few.

The three measures, and their mean and variance over the bulk and over the tail, are WeightWatcher's ``vectors=True``.
"""

from typing import Any

import numpy as np

from weightscape.spectra.linalg import NUMPY, gram_eigenvectors
from weightscape.spectra.not_computable import NotComputableError

HISTOGRAM_BINS = 100
_EPSILON = 1e-10


def vector_columns(matrices: np.ndarray, num_tail: int, device: str = NUMPY) -> dict[str, Any]:
    """Return mean and variance of the vectors' measures over the bulk and over the tail.

    Parameters
    ----------
    matrices
        Shape (count, rows, columns).
    num_tail
        Number of eigenvalues, of all matrices together, that form the tail.
    device
        See `weightscape.spectra.linalg`.

    Raises
    ------
    NotComputableError
        If the tail is the whole spectrum, so that there is no bulk.
    """
    eigenvalues, measures = [], []
    for matrix in matrices:
        values, vectors = gram_eigenvectors(matrix, device=device)
        eigenvalues.append(values)
        measures.append(np.stack([_entropies(vectors), _localization(vectors), _participation(vectors)]))
    order = np.argsort(np.concatenate(eigenvalues), kind="stable")
    ordered = np.concatenate(measures, axis=1)[:, order]
    if num_tail >= len(order):
        raise NotComputableError("vectors: the tail is the whole spectrum")
    columns: dict[str, Any] = {}
    for name, values in zip(("vec_entropy", "loc_ratio", "part_ratio"), ordered, strict=True):
        for part, chosen in (("bulk", values[:-num_tail]), ("tail", values[-num_tail:])):
            columns[f"{part}_mean_{name}"] = float(chosen.mean())
            columns[f"{part}_var_{name}"] = float(chosen.var())
    return columns


def _entropies(vectors: np.ndarray) -> np.ndarray:
    """Return, for each column, the entropy in nats of a histogram of its absolute values."""
    entropies = []
    for vector in np.abs(vectors.T):
        counts = np.histogram(vector - vector.mean(), bins=HISTOGRAM_BINS, density=True)[0] + _EPSILON
        p = counts / counts.sum()
        entropies.append(-np.sum(p * np.log(p)))
    return np.array(entropies)


def _localization(vectors: np.ndarray) -> np.ndarray:
    """Return ‖v‖₁/‖v‖_∞ of each column: 1 for a single component, the dimension for equal ones."""
    sizes = np.abs(vectors)
    return sizes.sum(axis=0) / sizes.max(axis=0)


def _participation(vectors: np.ndarray) -> np.ndarray:
    """Return ‖v‖₂/‖v‖₄ of each column: 1 for a single component, dimension^¼ for equal ones."""
    return np.linalg.norm(vectors, axis=0) / np.sum(vectors**4, axis=0) ** 0.25
