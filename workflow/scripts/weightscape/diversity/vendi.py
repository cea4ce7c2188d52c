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

from collections.abc import Sequence

import numpy as np
import pandas as pd

ORDERS = {"vendi_1": 1.0, "vendi_2": 2.0}
"""Order of each Vendi score that is measured, by its column; all tables of results follow it."""


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
    rows = np.asarray(features, np.float64)
    if rows.ndim != 2 or len(rows) == 0:
        raise ValueError(f"expected features of shape (n, d) with n ≥ 1, got {rows.shape}")
    if not np.isfinite(rows).all():
        raise ValueError("features must be finite")
    n = len(rows)
    largest = np.abs(rows).max(axis=1)
    zeros = n - np.count_nonzero(largest)
    rows = rows[largest > 0] / largest[largest > 0, None]
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    gram = rows @ rows.T if len(rows) < rows.shape[1] else rows.T @ rows
    eigenvalues = np.linalg.eigvalsh(gram / n) if rows.size else np.empty(0)
    if zeros:
        eigenvalues = np.sort(np.append(eigenvalues, zeros / n))
    eigenvalues = np.maximum(eigenvalues, 0)
    return eigenvalues / eigenvalues.sum()


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
    if images.ndim != 4:
        raise ValueError(f"expected images of shape (n, H, W, C), got {images.shape}")
    if (images == images[..., :1]).all():
        images = images[..., :1]
    return images.reshape(len(images), -1).astype(np.float64)


def diversity_table(
    pixels: np.ndarray, embeddings: np.ndarray, labels: np.ndarray, class_names: Sequence[str]
) -> pd.DataFrame:
    """Return the Vendi scores of a training set, overall and of each class.

    Parameters
    ----------
    pixels
        Images, uint8, shape (n, H, W, C).
    embeddings
        Features of a frozen encoder, float, shape (n, d).
    labels
        int, shape (n,), indices into `class_names`.
    class_names
        Names of the classes.

    Returns
    -------
    pandas.DataFrame
        Columns space ("pixel" or "embedding"), class_name ("all" or a class), n and those of `ORDERS`; NaN scores for
        a class without images.

    Raises
    ------
    ValueError
        If the arrays differ in length, are empty or not finite, or a class is called "all".
    """
    if "all" in class_names:
        raise ValueError('a class cannot be called "all", which stands for the whole set')
    if not len(pixels) == len(embeddings) == len(labels):
        raise ValueError(f"got {len(pixels)} images, {len(embeddings)} embeddings and {len(labels)} labels")
    rows = []
    for space, features in (("pixel", pixel_features(pixels)), ("embedding", embeddings)):
        members = {"all": np.ones(len(labels), bool)}
        members |= {name: labels == label for label, name in enumerate(class_names)}
        for class_name, mask in members.items():
            row = {"space": space, "class_name": class_name, "n": int(mask.sum())} | dict.fromkeys(ORDERS, np.nan)
            if mask.any():
                eigenvalues = similarity_eigenvalues(features[mask])
                row |= {name: vendi_of_eigenvalues(eigenvalues, order) for name, order in ORDERS.items()}
            rows.append(row)
    return pd.DataFrame(rows)
