"""Whether an intervention acts at all: a sign-flip test of its cross-validated length."""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from weightscape.statistics.constants import SEEDS_FOR_SIGN_FLIP, SIGNIFICANCE
from weightscape.statistics.cross_validated import cross_validated_inner, leave_one_out_inner, seed_products
from weightscape.statistics.estimate import (
    UNKNOWN,
    Estimate,
    jackknife_estimate,
    jackknife_standard_error,
    t_interval,
)
from weightscape.streams import stream

MOST_PATTERNS = 2**15
"""Sign patterns that are listed; of more, a random sample of this size is taken."""

RELATIVE_TIE = 1e-10
_BLOCK = 2**20


@dataclass(frozen=True)
class Presence:
    """Whether different seeds share an effect.

    Attributes
    ----------
    squared_norm
        The cross-validated squared length ⟨A, A⟩ with its jackknife interval.
    pvalue
        Sign-flip p of ⟨A, A⟩, one-sided since only a positive one is an effect.
    acts
        Whether the effect is there; see `presence`.
    """

    squared_norm: Estimate
    pvalue: float
    acts: bool

    @property
    def length(self) -> Estimate:
        """The length √⟨A, A⟩ with the roots of the interval's ends, 0 where a square is negative."""
        value, low, high = (
            math.sqrt(max(square, 0.0)) if math.isfinite(square) else float("nan")
            for square in (self.squared_norm.value, self.squared_norm.low, self.squared_norm.high)
        )
        return Estimate(value, low, high, float("nan"), self.pvalue)


UNKNOWN_PRESENCE = Presence(UNKNOWN, float("nan"), False)
"""The presence of something that was not measured often enough."""


def presence(A: np.ndarray) -> Presence:
    """Test whether an intervention acts: whether its effect is the same in different seeds.

    Parameters
    ----------
    A : shape (S, features)
        Paired differences from the baseline, S ≥ 3. If one is not finite, the presence is unknown.

    Notes
    -----
    If one condition does nothing, its run and the baseline's can be exchanged, so any row of A may change its sign
    without changing the law of A. The p-value is the share of sign patterns whose ⟨A, A⟩ reaches the observed one. In
    fixed units that is exact, whatever the noise looks like and however the features are correlated. It is approximate
    in two ways. The mean of several conditions is less noisy than the baseline and cannot be exchanged with it: where
    nothing acts its differences are symmetric only if the noise is. And the units are estimated from the same runs
    (`weightscape.statistics.features`). docs/calibration.md has the level in both cases.

    The jackknife interval of ⟨A, A⟩ is no good test near 0, where the statistic is degenerate and the interval far too
    wide; it takes the place of the sign flips only where S < `SEEDS_FOR_SIGN_FLIP` seeds have too few patterns for
    p ≤ `SIGNIFICANCE`.
    """
    A = np.asarray(A, dtype=float)
    if not np.isfinite(A).all():
        return UNKNOWN_PRESENCE
    estimate = jackknife_estimate(float(cross_validated_inner(A, A)), leave_one_out_inner(A, A))
    pvalue = float(presence_pvalues(A))
    acts = estimate.is_positive if len(A) < SEEDS_FOR_SIGN_FLIP else pvalue <= SIGNIFICANCE
    return Presence(estimate, pvalue, acts)


def acting(A: np.ndarray, most_patterns: int = MOST_PATTERNS) -> np.ndarray:
    """Return `presence(A).acts` for A of shape (…, S, features), S ≥ 3; the result has the leading axes."""
    n = A.shape[-2]
    if n >= SEEDS_FOR_SIGN_FLIP:
        return presence_pvalues(A, most_patterns) <= SIGNIFICANCE
    standard_error = jackknife_standard_error(leave_one_out_inner(A, A))
    return t_interval(cross_validated_inner(A, A), standard_error, n - 1)[0] > 0


def presence_pvalues(A: np.ndarray, most_patterns: int = MOST_PATTERNS) -> np.ndarray:
    """Return the sign-flip p of ⟨A, A⟩ for A of shape (…, S, features); the result has the leading axes."""
    products = seed_products(A, A)
    n = products.shape[-1]
    products = (products * (1 - np.eye(n))).reshape(-1, n, n)
    threshold = products.sum(axis=(1, 2)) - RELATIVE_TIE * np.abs(products).sum(axis=(1, 2))
    signs = sign_patterns(n, most_patterns)
    reached = np.zeros(len(products))
    step = max(1, _BLOCK // (n * len(products)))
    for start in range(0, len(signs), step):
        part = signs[start : start + step]
        flipped = ((part @ products) * part).sum(axis=-1)
        reached += (flipped >= threshold[:, None]).sum(axis=1)
    return (reached / len(signs)).reshape(np.shape(A)[:-2])


@cache
def sign_patterns(n: int, most: int = MOST_PATTERNS) -> np.ndarray:
    """Return the 2^(n − 1) sign patterns that differ by more than a change of all signs, the unchanged one first.

    If there are more than `most`, a sample of that size is drawn from a named stream, the unchanged pattern among it,
    so that a p from it is never too small (Phipson & Smyth 2010).
    """
    if 2 ** (n - 1) <= most:
        bits = np.arange(2 ** (n - 1))[:, None] >> np.arange(n)
        return 1.0 - 2.0 * (bits & 1)
    signs = stream("sign patterns", n, most).integers(0, 2, size=(most, n)) * 2.0 - 1
    signs[0] = 1
    return signs
