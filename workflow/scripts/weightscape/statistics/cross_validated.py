"""Cross-validated inner products and cosines of effects that share the noise of one baseline.

The effects of two interventions, A_s and B_s, are differences from the same baseline run of seed s. The baseline's
noise is in both, so the ordinary inner product of their means is positive even if neither intervention does anything.
Only products of different seeds are free of it: their noise is independent, so their mean is unbiased if the features'
units are known beforehand. Units estimated from the same runs leave a small bias (`weightscape.statistics.features`).

References
----------
Walther et al., *Reliability of dissimilarity measures for multi-voxel pattern analysis*, NeuroImage 137 (2016): the
cross-validated (crossnobis) distance, of which this is the inner product.
"""

from collections.abc import Sequence

import numpy as np

from weightscape.statistics.estimate import Estimate, jackknife_estimate


def seed_products(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    """Return the inner products of every seed of A with every seed of B, shape (…, S, S), after checking the shapes."""
    A, B = np.asarray(A, dtype=float), np.asarray(B, dtype=float)
    if A.shape != B.shape or A.ndim < 2:
        raise ValueError(f"A and B must have the same shape (…, seeds, features), not {A.shape} and {B.shape}")
    return A @ np.swapaxes(B, -1, -2)


def cross_validated_inner(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    """Return the mean of A_s · B_s' over all pairs of different seeds s ≠ s'.

    Parameters
    ----------
    A, B : shape (…, S, features)
        Paired differences from the same baseline, S ≥ 2; leading axes are kept.

    Returns
    -------
    shape (…)
        Unbiased for the inner product of the two true effects in fixed units; it can be negative, ``A = B`` included.

    Raises
    ------
    ValueError
        If the shapes differ or there are fewer than two seeds.

    Examples
    --------
    >>> A = np.array([[1.0, 0.0], [3.0, 0.0]])
    >>> float(cross_validated_inner(A, A))
    3.0
    """
    products = seed_products(A, B)
    n = products.shape[-1]
    if n < 2:
        raise ValueError(f"a cross-validated inner product needs 2 seeds, not {n}")
    return (products.sum(axis=(-1, -2)) - np.trace(products, axis1=-2, axis2=-1)) / (n * (n - 1))


def leave_one_out_inner(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    """Return `cross_validated_inner` without each seed in turn, shape (…, S); S ≥ 3."""
    products = seed_products(A, B)
    n = products.shape[-1]
    if n < 3:
        raise ValueError(f"deleting a seed from a cross-validated inner product needs 3 seeds, not {n}")
    off_diagonal = products * (1 - np.eye(n))
    rest = off_diagonal.sum(axis=(-1, -2))[..., None] - off_diagonal.sum(axis=-1) - off_diagonal.sum(axis=-2)
    return rest / ((n - 1) * (n - 2))


def without_each_seed(A: np.ndarray) -> np.ndarray:
    """Return A without each seed in turn: (…, S, features) becomes (…, S, S − 1, features)."""
    n = A.shape[-2]
    rest = np.array([[s for s in range(n) if s != deleted] for deleted in range(n)])
    return A[..., rest, :]


def cross_validated_gram(effects: Sequence[np.ndarray]) -> np.ndarray:
    """Return the cross-validated inner products of all pairs of n effects, each (…, S, features): shape (n, n, …)."""
    return np.array([[cross_validated_inner(A, B) for B in effects] for A in effects])


def orthogonal_gram(gram: np.ndarray) -> np.ndarray:
    """Return the inner products of what the effects are without their parts along the last one.

    Parameters
    ----------
    gram : shape (n, n, …)
        Cross-validated inner products; the last effect is E.

    Returns
    -------
    shape (n − 1, n − 1, …)
        ⟨A,B⟩⊥ = ⟨A,B⟩ − ⟨A,E⟩⟨B,E⟩/⟨E,E⟩, the Schur complement; NaN where ⟨E,E⟩ is not positive. It is a smooth
        function of U-statistics: E's noise is in it only through products of different seeds.
    """
    square = np.where(gram[-1, -1] > 0, gram[-1, -1], np.nan)
    return gram[:-1, :-1] - gram[:-1, -1:] * gram[-1:, :-1] / square


def cosine(inner: np.ndarray, norm_a: np.ndarray, norm_b: np.ndarray) -> np.ndarray:
    """Return inner / √(norm_a · norm_b), NaN where a squared norm is not positive."""
    exists = (norm_a > 0) & (norm_b > 0)
    return inner / np.sqrt(np.where(exists, norm_a * norm_b, np.nan))


def cross_validated_cosine(A: np.ndarray, B: np.ndarray) -> Estimate:
    """Return the cosine ⟨A, B⟩ / √(⟨A, A⟩ ⟨B, B⟩) of two effects with its jackknife interval.

    Parameters
    ----------
    A, B : shape (S, features)
        Paired differences from the same baseline, S ≥ 3.

    Returns
    -------
    Estimate
        All NaN if a squared norm is not positive, with all seeds or without one of them: an effect that is not there
        has no direction. As its parts may be negative, they may also be too small: the value can exceed 1 by its error.
    """
    return jackknife_estimate(*cosine_with_deletions(A, B))


def cosine_with_deletions(A: np.ndarray, B: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the cross-validated cosine and, shape (S,), that without each seed; NaN where it does not exist."""
    parts = [(A, B), (A, A), (B, B)]
    value = cosine(*(cross_validated_inner(x, y) for x, y in parts))
    return float(value), cosine(*(leave_one_out_inner(x, y) for x, y in parts))
