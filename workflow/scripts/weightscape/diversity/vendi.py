"""The Vendi score: the effective number of different images in a set.

The score of order q is the exponential of the Rényi entropy of the eigenvalues of K/n, where K is the matrix of
cosine similarities between the n images (Friedman & Dieng, *The Vendi Score: A Diversity Evaluation Metric for Machine
Learning*, TMLR 2023; orders q: Pasarkar & Dieng, *Cousins of the Vendi Score*, AISTATS 2024). q = 1 is their default;
q = 2 weighs frequent images more and is the RKE score of Jalali, Li & Farnia (NeurIPS 2023). n equal images score 1,
n orthogonal ones n.

For features X with unit rows, K/n = XXᵀ/n has the same non-zero eigenvalues as the d×d matrix XᵀX/n; the smaller one
is decomposed.

Pixel features follow the paper: all pixel values of an image as one vector, without centring.
"""

import numpy as np

ORDERS = {"vendi_0.5": 0.5, "vendi_1": 1.0, "vendi_2": 2.0, "vendi_inf": np.inf}
"""Order of each Vendi score that is measured, by its column."""


def vendi_score(features: np.ndarray, q: float = 1.0) -> float:
    """Return the Vendi score of order `q` of a set of images.

    Parameters
    ----------
    features
        float or integer, shape (n, d): one row per image, scaled to unit length here.
    q
        Order, positive; ``numpy.inf`` gives 1 / the largest eigenvalue.

    Returns
    -------
    float
        Between 1 and n.

    Raises
    ------
    ValueError
        If there is no image, a feature is not finite, or `q` is not positive.

    Notes
    -----
    q = 1: exp(−Σ λ ln λ). Otherwise: (Σ λ^q)^{1/(1−q)}.

    An image of all zeros has no direction. Such images count as equal to each other and orthogonal to all others.

    Examples
    --------
    >>> round(vendi_score(np.eye(4)), 6)
    4.0
    >>> round(vendi_score(np.ones((4, 3)), q=2), 6)
    1.0
    """
    return vendi_of_eigenvalues(similarity_eigenvalues(features), q)


def similarity_eigenvalues(features: np.ndarray) -> np.ndarray:
    """Return the eigenvalues of the cosine similarity matrix divided by n, as `vendi_score` uses them.

    Parameters
    ----------
    features
        As in `vendi_score`.

    Returns
    -------
    numpy.ndarray
        float64, ascending, not negative, with sum 1; min(n, d) of them, one more if there are rows of zeros.
    """
    rows = unit_rows(features)
    n = len(rows)
    there = rows.any(axis=1)
    zeros = n - np.count_nonzero(there)
    rows = rows[there]
    gram = rows @ rows.T if len(rows) < rows.shape[1] else rows.T @ rows
    eigenvalues = np.linalg.eigvalsh(gram / n) if rows.size else np.empty(0)
    if zeros:
        eigenvalues = np.sort(np.append(eigenvalues, zeros / n))
    eigenvalues = np.maximum(eigenvalues, 0)
    return eigenvalues / eigenvalues.sum()


def unit_rows(features: np.ndarray) -> np.ndarray:
    """Return features with rows of unit length, float64; rows of zeros stay as they are.

    Raises
    ------
    ValueError
        If there is no row or a feature is not finite.
    """
    rows = np.asarray(features, np.float64)
    if rows.ndim != 2 or len(rows) == 0:
        raise ValueError(f"expected features of shape (n, d) with n ≥ 1, got {rows.shape}")
    if not np.isfinite(rows).all():
        raise ValueError("features must be finite")
    largest = np.abs(rows).max(axis=1, keepdims=True)
    rows = rows / np.where(largest > 0, largest, 1)  # so that no square overflows
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.finfo(float).tiny)


def vendi_of_eigenvalues(eigenvalues: np.ndarray, q: float) -> float:
    """Return the Vendi score of order `q` from eigenvalues that are not negative and sum to 1."""
    if not q > 0:
        raise ValueError(f"the order q of a Vendi score must be positive, got {q}")
    positive = eigenvalues[eigenvalues > 0]
    if q == 1:
        return float(np.exp(-(positive * np.log(positive)).sum()))
    if np.isinf(q):
        return float(1 / positive.max())
    return float((positive**q).sum() ** (1 / (1 - q)))


def pixel_features(images: np.ndarray) -> np.ndarray:
    """Return images of shape (n, H, W, C) as rows of pixel values, float64 of shape (n, H·W·C).

    Grey images stored with equal channels give H·W values: their cosines are the same, at a fraction of the cost.
    """
    return comparable_pixels(images)[0]


def comparable_pixels(*sets: np.ndarray) -> list[np.ndarray]:
    """Return several sets of images as rows of pixel values with the same columns; see `pixel_features`."""
    for images in sets:
        if images.ndim != 4:
            raise ValueError(f"expected images of shape (n, H, W, C), got {images.shape}")
    if all((images == images[..., :1]).all() for images in sets):
        sets = tuple(images[..., :1] for images in sets)
    return [images.reshape(len(images), -1).astype(np.float64) for images in sets]
