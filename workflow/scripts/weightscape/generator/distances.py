"""Distances between two sets of images: to nearest neighbours, of kernels, and of Gaussians; no torch."""

from collections.abc import Iterator

import numpy as np

CHUNK = 256


def nearest_distances(points: np.ndarray, references: np.ndarray) -> np.ndarray:
    """Return the distance of each point to its nearest reference, as root mean square over the coordinates.

    Parameters
    ----------
    points, references
        float64, shapes (n, d) and (m, d).

    Returns
    -------
    numpy.ndarray
        float64, shape (n,).

    Notes
    -----
    ‖x − y‖² = ‖x‖² + ‖y‖² − 2 x·y finds the nearest reference, in chunks of points; the distance to it is then taken
    from the difference itself, so that a copy is at distance 0 exactly.
    """
    squares = (references**2).sum(axis=1)
    distances = np.empty(len(points))
    for start in range(0, len(points), CHUNK):
        chunk = points[start : start + CHUNK]
        nearest = (squares - 2 * chunk @ references.T).argmin(axis=1)
        distances[start : start + CHUNK] = np.sqrt(((chunk - references[nearest]) ** 2).mean(axis=1))
    return distances


def kernel_distance(features: np.ndarray, references: np.ndarray) -> float:
    """Return the kernel distance between two sets of features.

    Parameters
    ----------
    features, references
        float, shapes (n, d) and (m, d), n and m at least 2.

    Returns
    -------
    float
        Unbiased: 0 on average where both sets are drawn from the same distribution, then as often negative as positive.

    Notes
    -----
    The squared maximum mean discrepancy with the kernel k(x, y) = (x·y/d + 1)³: the mean of k over pairs of different
    features, plus that over pairs of different references, minus twice that over pairs of one of each (Bińkowski,
    Sutherland, Arbel & Gretton, Demystifying MMD GANs, ICLR 2018, arXiv 1801.01401, eq. 4 and section 4).
    """
    x, y = np.asarray(features, np.float64), np.asarray(references, np.float64)
    n, m = len(x), len(y)
    within_x = (_kernel_sum(x, x) - _kernel_diagonal(x).sum()) / (n * (n - 1))
    within_y = (_kernel_sum(y, y) - _kernel_diagonal(y).sum()) / (m * (m - 1))
    return float(within_x + within_y - 2 * _kernel_sum(x, y) / (n * m))


def frechet_distance(features: np.ndarray, references: np.ndarray) -> float:
    """Return the Fréchet distance between the Gaussians that have the means and covariances of two sets of features.

    Parameters
    ----------
    features, references
        float, shapes (n, d) and (m, d), n and m at least 2.

    Returns
    -------
    float
        At least 0 but for rounding. It is biased upwards, the more the fewer images there are (Chong & Forsyth,
        Effectively Unbiased FID and Inception Score, CVPR 2020): compare sets of equal size.

    Notes
    -----
    ‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2 (Σ₁Σ₂)^½) (Dowson & Landau, Journal of Multivariate Analysis 12, 1982; for images:
    Heusel et al., GANs Trained by a Two Time-Scale Update Rule, NeurIPS 2017). With Σ₁ = AᵀA and Σ₂ = BᵀB the
    eigenvalues of Σ₁Σ₂ are those of (ABᵀ)ᵀABᵀ, so the trace of the root is the sum of the singular values of ABᵀ. A is
    the triangular factor of the centred features over √(n − 1), which has at most min(n, d) rows.
    """
    x, y = np.asarray(features, np.float64), np.asarray(references, np.float64)
    shift = x.mean(axis=0) - y.mean(axis=0)
    a, b = (np.linalg.qr(z - z.mean(axis=0), mode="r") / np.sqrt(len(z) - 1) for z in (x, y))
    root = np.linalg.svd(a @ b.T, compute_uv=False).sum()
    return float(shift @ shift + (a**2).sum() + (b**2).sum() - 2 * root)


def _kernel_sum(x: np.ndarray, y: np.ndarray) -> float:
    return sum(float(((chunk @ y.T / x.shape[1] + 1) ** 3).sum()) for chunk in _chunks(x))


def _kernel_diagonal(x: np.ndarray) -> np.ndarray:
    return ((x**2).mean(axis=1) + 1) ** 3


def _chunks(x: np.ndarray) -> Iterator[np.ndarray]:
    return (x[start : start + CHUNK] for start in range(0, len(x), CHUNK))
