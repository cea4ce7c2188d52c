"""Vendi scores with the Gaussian kernel: how many images there are that lie more than a distance apart.

The cosine that Vendi scores are made of by default does not see how long a feature is. The Gaussian (RBF) kernel goes
by distance, in the unit of a bandwidth, which has to be the same for all sets that are compared (Jalali, Li & Farnia,
*An Information-Theoretic Evaluation of Generative Models in Learning Multi-modal Distributions*, NeurIPS 2023).
"""

import numpy as np

LARGEST = 10_000
"""Images at most: the kernel has no features of finite dimension, so its n × n matrix itself is decomposed."""

FOR_MEDIAN = 1000
"""Images that the median distance is taken of."""


def median_bandwidth(features: np.ndarray) -> float:
    """Return the median distance between two different rows, of the first `FOR_MEDIAN` ones.

    Raises
    ------
    ValueError
        If half of the pairs or more are equal, so that there is no distance to go by.

    References
    ----------
    The *median heuristic*: Garreau, Jitkrittum & Kanagawa, *Large Sample Analysis of the Median Heuristic*, 2017
    (arXiv 1707.07269).
    """
    rows = np.asarray(features[:FOR_MEDIAN], np.float64)
    distances = squared_distances(rows)[np.triu_indices(len(rows), 1)]
    bandwidth = float(np.sqrt(np.median(distances))) if len(distances) else 0.0
    if not bandwidth > 0:
        raise ValueError("the RBF kernel has no bandwidth: at least half of all pairs of reference images are equal")
    return bandwidth


def rbf_eigenvalues(features: np.ndarray, bandwidth: float) -> np.ndarray:
    """Return the eigenvalues of K/n with K_ij = exp(−‖x_i − x_j‖²/(2σ²)), as `weightscape.diversity.vendi` uses them.

    Parameters
    ----------
    features
        float, shape (n, d) with 1 ≤ n ≤ `LARGEST`.
    bandwidth
        σ, positive.

    Returns
    -------
    numpy.ndarray
        float64, shape (n,), ascending, not negative, with sum 1.
    """
    rows = np.asarray(features, np.float64)
    if not 1 <= len(rows) <= LARGEST:
        raise ValueError(f"the RBF kernel is for 1 to {LARGEST} images, got {len(rows)}")
    kernel = np.exp(squared_distances(rows) / (-2 * bandwidth**2))
    eigenvalues = np.maximum(np.linalg.eigvalsh(kernel / len(rows)), 0)
    return eigenvalues / eigenvalues.sum()


def squared_distances(rows: np.ndarray) -> np.ndarray:
    """Return ‖x_i − x_j‖² for all pairs of rows, 0 on the diagonal exactly."""
    rows = rows - rows.mean(axis=0)  # changes no distance, but rounding
    squares = (rows**2).sum(axis=1)
    distances = np.maximum(squares[:, None] + squares - 2 * rows @ rows.T, 0)
    np.fill_diagonal(distances, 0)
    return distances
