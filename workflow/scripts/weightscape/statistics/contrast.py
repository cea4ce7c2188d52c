"""The contrast of claim 1: whether an effect reaches further along a first direction than along a second."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from weightscape.statistics.constants import MINIMUM_SEEDS, SIGNIFICANCE
from weightscape.statistics.cross_validated import cosine, cross_validated_gram, without_each_seed
from weightscape.statistics.estimate import UNKNOWN, Estimate, jackknife_estimate
from weightscape.statistics.facts import Case, Facts, TooFew
from weightscape.statistics.presence import UNKNOWN_PRESENCE, Presence, presence


@dataclass(frozen=True)
class Roles:
    """The series whose mean effects are V, D and W."""

    diversity: tuple[str, ...] = ()
    dropout: tuple[str, ...] = ("dropout",)
    weight_decay: tuple[str, ...] = ("weight_decay",)


@dataclass(frozen=True)
class FragileDirection(Facts):
    """The direction of dropout or weight decay vanishes without one of the seeds."""

    roles: Roles


@dataclass(frozen=True)
class Contrasted(Facts):
    """The contrast T and its two parts.

    `outcome` is "no effect" (V is not shown to act), "undecided", "weight decay" (further along it), "dropout", or
    "only away from weight decay" (further along dropout than along weight decay, but not along dropout).
    """

    outcome: str
    roles: Roles
    statistic: Estimate
    along_d: Estimate
    along_w: Estimate


@dataclass(frozen=True)
class FamilyContrast:
    """Result of `family_contrast`; what does not exist is NaN.

    Attributes
    ----------
    n_seeds, n_features
        Shape of the arrays.
    verdict
        "supported" (T > 0 and V reaches along D), "contradicted" (T < 0) or "undetermined".
    facts
        Why.
    statistic, low, high, pvalue
        The contrast T, its interval and its two-sided p; NaN where T is undetermined.
    along_d, along_w
        The two parts of T: how far V reaches along D and along W. Negative where V is opposed.
    cosine_vd, cosine_vw, cosine_dw
        Cross-validated cosines; NaN where one of the two is not shown to act.
    presence_v, presence_d, presence_w
        Whether each acts; `Presence.length` is its length with interval.
    """

    n_seeds: int
    n_features: int
    verdict: str
    facts: Facts
    statistic: float = UNKNOWN.value
    low: float = UNKNOWN.low
    high: float = UNKNOWN.high
    pvalue: float = UNKNOWN.pvalue
    along_d: Estimate = UNKNOWN
    along_w: Estimate = UNKNOWN
    cosine_vd: Estimate = UNKNOWN
    cosine_vw: Estimate = UNKNOWN
    cosine_dw: Estimate = UNKNOWN
    presence_v: Presence = UNKNOWN_PRESENCE
    presence_d: Presence = UNKNOWN_PRESENCE
    presence_w: Presence = UNKNOWN_PRESENCE


def parts_along(gram: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return ⟨V,D⟩/√⟨D,D⟩ and ⟨V,W⟩/√⟨W,W⟩, both NaN where a squared length is not positive.

    Parameters
    ----------
    gram : shape (3, 3, …)
        Cross-validated inner products of V, D and W.
    """
    exists = (gram[1, 1] > 0) & (gram[2, 2] > 0)
    along_d, along_w = (gram[0, i] / np.sqrt(np.where(exists, gram[i, i], np.nan)) for i in (1, 2))
    return along_d, along_w


def family_contrast(
    V: np.ndarray,
    D: np.ndarray,
    W: np.ndarray,
    roles: Roles = Roles(),
    deleted: Sequence[np.ndarray] | None = None,
) -> FamilyContrast:
    """Compare how far the effect V reaches along the direction of D and along the direction of W.

    Parameters
    ----------
    V, D, W : shape (S, features)
        Paired differences from the same baseline, one row per seed, features in comparable units (each divided by its
        between-seed SD).
    roles
        The series behind V, D and W, for the facts.
    deleted : three arrays (S, S − 1, features)
        V, D and W without each seed in turn, in units that were estimated without that seed. Not needed if the units
        are known and do not come from these seeds.

    Returns
    -------
    FamilyContrast
        The verdict is at level `SIGNIFICANCE`, without adjustment for other claims. With fewer than `MINIMUM_SEEDS`
        seeds or no feature it is undetermined, and the numbers are NaN.

    Raises
    ------
    ValueError
        If the shapes differ or an array has a value that is not finite.

    Notes
    -----
    Let v, d and w be the true effects. V's part along d is v·d/|d| and its part along w is v·w/|w|; the contrast

        T = ⟨V,D⟩/√⟨D,D⟩ − ⟨V,W⟩/√⟨W,W⟩

    estimates their difference, in the features' units. It does not depend on how strong dropout and weight decay were,
    since both are only directions here, and it scales with V instead of dividing by V's length: where diversity does
    nothing, T is near 0 and not a ratio of two noises.

    Every ⟨A,B⟩ is the mean of A_s · B_s' over different seeds s ≠ s'. With A_s = a + x_s − z_s and B_s = b + y_s − z_s,
    where z_s is the baseline's noise and seeds are independent, E[A_s · B_s'] = a·b for s ≠ s', whereas within a seed
    E[A_s · B_s] = a·b + E[z_s · z_s]: the ordinary inner product is pulled up by the shared baseline. That holds for
    fixed units. With units estimated from the same runs (`weightscape.statistics.features`) a bias of the order of
    1/conditions is left: docs/statistics.md has it beside the bias of the ordinary product, which is more than ten
    times as large. The error of the units is in the interval if each deletion estimates them anew (`deleted`).

    T is a smooth function of U-statistics of the seeds, so the delete-one-seed jackknife estimates its variance;
    with S pseudo-values behind it the reference is Student's t with S − 1 degrees of freedom. A direction must exist to
    be a yardstick: if D or W is not shown to act (`weightscape.statistics.presence`), or ⟨D,D⟩ or ⟨W,W⟩ loses its sign
    when a seed is deleted, T is undetermined and the facts name the intervention.

    T > 0 alone also holds for a V that is merely opposed to W. "Supported" therefore asks that the interval of V's part
    along D, by the same jackknife, lies above 0 as well; as both must hold, the gate only makes the verdict rarer.
    """
    V, D, W = (np.asarray(array, dtype=float) for array in (V, D, W))
    if not V.shape == D.shape == W.shape or V.ndim != 2:
        raise ValueError(f"V, D and W must share one shape (seeds, features), not {V.shape}, {D.shape}, {W.shape}")
    if not all(np.isfinite(array).all() for array in (V, D, W)):
        raise ValueError("V, D and W must be finite: drop features that are not before the contrast")
    n_seeds, n_features = V.shape
    if n_seeds < MINIMUM_SEEDS:
        few = TooFew("seeds", n_seeds, MINIMUM_SEEDS, "contrast")
        return FamilyContrast(n_seeds, n_features, "undetermined", few)
    if n_features == 0:
        return FamilyContrast(n_seeds, n_features, "undetermined", Case("no feature"))
    presences = [presence(array) for array in (V, D, W)]
    whole = cross_validated_gram((V, D, W))
    without = cross_validated_gram(deleted or [without_each_seed(array) for array in (V, D, W)])
    directions = zip((roles.dropout, roles.weight_decay), presences[1:], strict=True)
    absent = [series for series, direction in directions if not direction.acts]
    (along_d, along_w), (without_d, without_w) = parts_along(whole), parts_along(without)
    estimate, on_d, on_w = (
        UNKNOWN if absent else jackknife_estimate(float(value), rest)
        for value, rest in (
            (along_d - along_w, without_d - without_w),
            (along_d, without_d),
            (along_w, without_w),
        )
    )

    def cosine_of(i: int, j: int) -> Estimate:
        """Return the cosine where both effects are there."""
        if not (presences[i].acts and presences[j].acts):
            return UNKNOWN
        value, rest = (cosine(gram[i, j], gram[i, i], gram[j, j]) for gram in (whole, without))
        return jackknife_estimate(float(value), rest)

    facts: Facts
    if absent:
        verdict, facts = "undetermined", Case("no direction", tuple(dict.fromkeys(chain.from_iterable(absent))))
    elif np.isnan(estimate.value):
        verdict, facts = "undetermined", FragileDirection(roles)
    else:
        verdict, outcome = _judge(estimate, on_d, presences[0])
        facts = Contrasted(outcome, roles, estimate, on_d, on_w)
    return FamilyContrast(
        n_seeds,
        n_features,
        verdict,
        facts,
        statistic=estimate.value,
        low=estimate.low,
        high=estimate.high,
        pvalue=estimate.pvalue,
        along_d=on_d,
        along_w=on_w,
        cosine_vd=cosine_of(0, 1),
        cosine_vw=cosine_of(0, 2),
        cosine_dw=cosine_of(1, 2),
        presence_v=presences[0],
        presence_d=presences[1],
        presence_w=presences[2],
    )


def _judge(estimate: Estimate, along_d: Estimate, presence_v: Presence) -> tuple[str, str]:
    """Return the verdict and the outcome of a contrast that exists."""
    if estimate.pvalue > SIGNIFICANCE:
        return "undetermined", "undecided" if presence_v.acts else "no effect"
    if estimate.value < 0:
        return "contradicted", "weight decay"
    return ("supported", "dropout") if along_d.is_positive else ("undetermined", "only away from weight decay")
