"""Sign-flip tests of paired differences: exact where the flips can be listed, Monte Carlo with its own error beyond."""

from dataclasses import dataclass

import numpy as np

from weightscape.streams import stream

EXACT_UP_TO = 20
"""Most seeds for which all 2^S sign patterns are listed."""

RELATIVE_TIE = 1e-10
"""Sums that differ by less than this share of Σ|d| count as equal, so rounding cannot turn a tie into a difference."""

_LARGEST_BLOCK = 2**22


@dataclass(frozen=True)
class SignFlip:
    """Result of `sign_flip_test`.

    Attributes
    ----------
    pvalue : shape (n,)
        Two-sided p of each column.
    n_flips
        Number of sign patterns behind it: 2^S where exact, else the number drawn.
    exact
        Whether all patterns were listed.
    standard_error : shape (n,)
        Monte Carlo standard error of `pvalue`; 0 where exact.
    """

    pvalue: np.ndarray
    n_flips: int
    exact: bool
    standard_error: np.ndarray


def sign_flip_test(differences: np.ndarray, n_random: int = 100_000) -> SignFlip:
    """Test whether paired differences are symmetric about 0, by the absolute mean under all changes of sign.

    Parameters
    ----------
    differences : shape (S,) or (S, n)
        Finite paired differences, one row per seed; every column is tested on its own.
    n_random
        Number of random sign patterns beyond `EXACT_UP_TO` seeds.

    Returns
    -------
    SignFlip
        With S seeds the smallest exact p is 2 / 2^S; if all differences are 0, p is 1.

    Raises
    ------
    ValueError
        If there is no seed or a difference is not finite.

    Notes
    -----
    Under the hypothesis the joint law of the differences does not change when any of them changes its sign, so the
    observed |Σ d_s| is one draw from the 2^S values of |Σ ± d_s| and p is the share of these that reach it (Fisher,
    *The Design of Experiments*, 1935, §21). A pattern and its opposite have the same absolute sum: half is listed.
    The Monte Carlo p is (1 + reached)/(1 + drawn) (Phipson & Smyth 2010), which never falls below its level.
    """
    differences = np.asarray(differences, dtype=float)
    if len(differences) == 0 or not np.isfinite(differences).all():
        raise ValueError("a sign-flip test needs at least one seed and finite differences")
    columns = differences.reshape(len(differences), -1)
    threshold = np.abs(columns.sum(axis=0)) - RELATIVE_TIE * np.abs(columns).sum(axis=0)
    n = len(columns)
    if n <= EXACT_UP_TO:
        width = max(1, _LARGEST_BLOCK >> (n - 1))
        blocks = range(0, columns.shape[1], width)
        reached = [_listed(columns[:, i : i + width], threshold[i : i + width]) for i in blocks]
        pvalue = np.concatenate(reached) if reached else np.empty(0)
        return SignFlip(pvalue, 2**n, True, np.zeros_like(pvalue))
    rng = stream("sign-flip", n, n_random)
    count = np.zeros(columns.shape[1])
    step = max(1, _LARGEST_BLOCK // max(n, columns.shape[1]))
    for start in range(0, n_random, step):
        signs = rng.integers(0, 2, size=(min(step, n_random - start), n)) * 2.0 - 1
        count += (np.abs(signs @ columns) >= threshold).sum(axis=0)
    pvalue = (1 + count) / (1 + n_random)
    return SignFlip(pvalue, n_random, False, np.sqrt(pvalue * (1 - pvalue) / n_random))


def _listed(columns: np.ndarray, threshold: np.ndarray) -> np.ndarray:
    """Return the share of all sign patterns whose absolute sum reaches the threshold, per column."""
    sums = columns[:1]
    for row in columns[1:]:
        sums = np.concatenate([sums + row, sums - row])
    return (np.abs(sums) >= threshold).mean(axis=0)
