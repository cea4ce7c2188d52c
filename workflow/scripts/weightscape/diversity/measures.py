"""Measures of diversity beside the Vendi score, and how alike two sets are, with which the paper weighs that score."""

import numpy as np

from weightscape.diversity.vendi import unit_rows

CHUNK = 1024


def mean_distance(features: np.ndarray) -> float:
    """Return the mean of 1 − cosine over all pairs of different rows; NaN for a single row.

    Notes
    -----
    With unit rows x_i, Σ_{i≠j} x_i·x_j = ‖Σ x_i‖² − n, so the cost is that of one sum. A row of zeros has cosine 0 with
    all others.
    """
    rows = unit_rows(features)
    n = len(rows)
    if n < 2:
        return float("nan")
    total, squares = rows.sum(axis=0), (rows**2).sum()
    return float(1 - (total @ total - squares) / (n * (n - 1)))


def dcscore(features: np.ndarray) -> float:
    """Return the DCScore: how many images can be told from all others by their similarities.

    Returns
    -------
    float
        From 1, if all images are equal, to n·e/(e + n − 1) if no two have anything in common.

    Notes
    -----
    Each image is classified by a softmax over its cosines with all images; the score is the sum of the probabilities of
    being itself, Σ_i exp(x_i·x_i)/Σ_j exp(x_i·x_j) for unit rows, with the temperature 1 of the paper's code.

    References
    ----------
    Zhu et al., *Measuring Diversity in Synthetic Datasets*, ICML 2025 (arXiv 2502.08512), section 4.
    """
    rows = unit_rows(features)
    own = np.exp((rows**2).sum(axis=1))
    sums = [np.exp(rows[start : start + CHUNK] @ rows.T).sum(axis=1) for start in range(0, len(rows), CHUNK)]
    return float((own / np.concatenate(sums)).sum())


def paired_similarity(features: np.ndarray, originals: np.ndarray) -> float:
    """Return the paper's ρ: the cosine of two matrices of features, taken as long vectors.

    Parameters
    ----------
    features, originals
        float, shape (n, d); row i of one belongs to row i of the other, and another order gives another ρ.

    Raises
    ------
    ValueError
        If the shapes differ.

    References
    ----------
    Ba, Mancenido & Pan, *Data Diversity as Implicit Regularization* (arXiv 2410.14602 v2): the weighted Vendi score is
    the Vendi score of a modified data set times ρ = ⟨X, X₀⟩_F / (‖X‖_F ‖X₀‖_F), with X₀ the original.
    """
    x, y = np.asarray(features, np.float64), np.asarray(originals, np.float64)
    if x.shape != y.shape:
        raise ValueError(f"pairs of rows need features of one shape, got {x.shape} and {y.shape}")
    return _ratio(float((x * y).sum()), float(np.linalg.norm(x) * np.linalg.norm(y)))


def subspace_similarity(features: np.ndarray, originals: np.ndarray) -> float:
    """Return a ρ that does not depend on the order of rows: the cosine of the two sets' second moments.

    Parameters
    ----------
    features, originals
        float, shapes (n, d) and (m, d).

    Returns
    -------
    float
        1 if the sets have the same second moments, as a set and any reordering or repetition of it have; 0 if no image
        of one has anything in common with any of the other.

    Notes
    -----
    With unit rows and M = XᵀX/n, whose eigenvalues are those of the Vendi score, ρ = tr(M M₀)/√(tr M² · tr M₀²). The
    numerator is the mean squared cosine over all pairs of an image and an original, and 1/tr M² is the Vendi score of
    order 2. It is the RV coefficient (Robert & Escoufier, *A Unifying Tool for Linear Multivariate Statistical
    Methods*, Applied Statistics 25, 1976) of moments that are not centred, since the paper's ρ is not centred either.
    The best ρ over all orders would need an assignment of all rows, in O(n³); this takes O(n d²) and sets of different
    sizes.
    """
    x, y = unit_rows(features), unit_rows(originals)
    if min(len(x), len(y)) < x.shape[1]:
        cross, own_x, own_y = (_mean_squared_cosine(*pair) for pair in ((x, y), (x, x), (y, y)))
    else:
        m_x, m_y = x.T @ x / len(x), y.T @ y / len(y)
        cross, own_x, own_y = (m_x * m_y).sum(), (m_x**2).sum(), (m_y**2).sum()
    return _ratio(float(cross), float(np.sqrt(own_x * own_y)))


def _mean_squared_cosine(x: np.ndarray, y: np.ndarray) -> float:
    chunks = (x[start : start + CHUNK] for start in range(0, len(x), CHUNK))
    return sum(float(((chunk @ y.T) ** 2).sum()) for chunk in chunks) / (len(x) * len(y))


def _ratio(numerator: float, denominator: float) -> float:
    """Return the quotient; NaN where a set has no direction at all."""
    return float(numerator / denominator) if denominator > 0 else float("nan")
