"""The contrast of claim 1: whether an effect reaches further along a first direction than along a second."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np

from weightscape.statistics.constants import MINIMUM_SEEDS, SIGNIFICANCE
from weightscape.statistics.cross_validated import cosine, cross_validated_gram, orthogonal_gram, without_each_seed
from weightscape.statistics.estimate import UNKNOWN, Estimate, jackknife_estimate
from weightscape.statistics.facts import Case, Facts, TooFew
from weightscape.statistics.presence import UNKNOWN_PRESENCE, Presence, presence


@dataclass(frozen=True)
class Roles:
    """The series whose mean effects are V, D, W and, where a direction is removed, E."""

    diversity: tuple[str, ...] = ()
    dropout: tuple[str, ...] = ("dropout",)
    weight_decay: tuple[str, ...] = ("weight_decay",)
    early_stop: tuple[str, ...] = ()


@dataclass(frozen=True)
class FragileDirection(Facts):
    """The direction of dropout or weight decay vanishes without one of the seeds."""

    roles: Roles


@dataclass(frozen=True)
class NothingBesideLearning(Facts):
    """Series of which nothing is shown to be left once the direction of early stopping is removed."""

    series: tuple[str, ...]
    early_stop: tuple[str, ...]


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
    statistic
        The contrast T with its interval and its two-sided p; NaN where T is undetermined.
    along_d, along_w
        The two parts of T: how far V reaches along D and along W. Negative where V is opposed.
    along_e
        How far V reaches along E.
    cosine_vd, cosine_vw, cosine_dw
        Cross-validated cosines, of what is left without E; NaN where one of the two is not shown to act.
    presence_v, presence_d, presence_w
        Whether each acts, E included; `Presence.length` is its length with interval.
    """

    n_seeds: int
    n_features: int
    verdict: str
    facts: Facts
    statistic: Estimate = UNKNOWN
    along_d: Estimate = UNKNOWN
    along_w: Estimate = UNKNOWN
    along_e: Estimate = UNKNOWN
    cosine_vd: Estimate = UNKNOWN
    cosine_vw: Estimate = UNKNOWN
    cosine_dw: Estimate = UNKNOWN
    presence_v: Presence = UNKNOWN_PRESENCE
    presence_d: Presence = UNKNOWN_PRESENCE
    presence_w: Presence = UNKNOWN_PRESENCE


class Parts(NamedTuple):
    """Parts of V along D and along W, and what they are divided by: the squared lengths of D and W."""

    along_d: np.ndarray
    along_w: np.ndarray
    square_d: np.ndarray
    square_w: np.ndarray

    @property
    def contrast(self) -> np.ndarray:
        """T."""
        return self.along_d - self.along_w


def parts_along(gram: np.ndarray) -> Parts:
    """Return ⟨V,D⟩/√⟨D,D⟩ and ⟨V,W⟩/√⟨W,W⟩, both NaN where a squared length is not positive.

    Parameters
    ----------
    gram : shape (3, 3, …) or (4, 4, …)
        Cross-validated inner products of V, D and W, and of E if its direction is removed from all three.
    """
    if len(gram) == 4:
        gram = orthogonal_gram(gram)
    exists = (gram[1, 1] > 0) & (gram[2, 2] > 0)
    along_d, along_w = (gram[0, i] / np.sqrt(np.where(exists, gram[i, i], np.nan)) for i in (1, 2))
    return Parts(along_d, along_w, gram[1, 1], gram[2, 2])


def family_contrast(
    V: np.ndarray,
    D: np.ndarray,
    W: np.ndarray,
    E: np.ndarray | None = None,
    *,
    roles: Roles = Roles(),
    deleted: Sequence[np.ndarray] | None = None,
) -> FamilyContrast:
    """Compare how far the effect V reaches along the direction of D and along the direction of W.

    Parameters
    ----------
    V, D, W : shape (S, features)
        Paired differences from the same baseline, one row per seed, features in comparable units (each divided by its
        between-seed SD).
    E : shape (S, features), optional
        The effect of training less, whose direction is removed from the other three.
    roles
        The series behind the effects, for the facts.
    deleted : three or four arrays (S, S − 1, features)
        V, D, W and E without each seed in turn, in units that were estimated without that seed. Not needed if the units
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

    Harder or easier images also change how far training goes, which moves the spectra as stopping early does. With E
    every product is that of the parts orthogonal to it,

        ⟨A,B⟩⊥ = ⟨A,B⟩ − ⟨A,E⟩⟨B,E⟩/⟨E,E⟩,

    so V's, D's and W's parts along E count for nothing.

    Every ⟨A,B⟩ is the mean of A_s · B_s' over different seeds s ≠ s'. With A_s = a + x_s − z_s and B_s = b + y_s − z_s,
    where z_s is the baseline's noise and seeds are independent, E[A_s · B_s'] = a·b for s ≠ s', whereas within a seed
    E[A_s · B_s] = a·b + E[z_s · z_s]: the ordinary inner product is pulled up by the shared baseline. That holds for
    fixed units. With units estimated from the same runs (`weightscape.statistics.features`) a bias of the order of
    1/conditions is left: docs/calibration.md has it beside the bias of the ordinary product, which is more than ten
    times as large. The error of the units is in the interval if each deletion estimates them anew (`deleted`).

    T is a smooth function of U-statistics of the seeds, so the delete-one-seed jackknife estimates its variance;
    with S pseudo-values behind it the reference is Student's t with S − 1 degrees of freedom. A direction must exist to
    be a yardstick: T is undetermined if D, W or E is not shown to act (`weightscape.statistics.presence`), if the
    jackknife interval of ⟨D,D⟩⊥ or ⟨W,W⟩⊥ is not above 0, or if a squared length loses its sign when a seed is deleted.

    T > 0 alone also holds for a V that is merely opposed to W. "Supported" therefore asks that the interval of V's part
    along D, by the same jackknife, lies above 0 as well; as both must hold, the gate only makes the verdict rarer.
    """
    effects = [np.asarray(array, dtype=float) for array in (V, D, W, *([] if E is None else [E]))]
    shape = effects[0].shape
    if any(effect.shape != shape for effect in effects) or len(shape) != 2:
        raise ValueError(f"the effects must share one shape (seeds, features), not {[e.shape for e in effects]}")
    if not all(np.isfinite(array).all() for array in effects):
        raise ValueError("the effects must be finite: drop features that are not before the contrast")
    n_seeds, n_features = shape
    if n_seeds < MINIMUM_SEEDS:
        few = TooFew("seeds", n_seeds, MINIMUM_SEEDS, "contrast")
        return FamilyContrast(n_seeds, n_features, "undetermined", few)
    if n_features == 0:
        return FamilyContrast(n_seeds, n_features, "undetermined", Case("no feature"))
    presences = [presence(array) for array in effects]
    whole = cross_validated_gram(effects)
    without = cross_validated_gram(deleted or [without_each_seed(array) for array in effects])
    parts, rest = parts_along(whole), parts_along(without)

    def estimated(name: str) -> Estimate:
        return jackknife_estimate(float(getattr(parts, name)), getattr(rest, name))

    absent, left_over = _missing_directions(roles, presences, [estimated("square_d"), estimated("square_w")])
    exists = not absent and not left_over
    statistic, along_d, along_w = (
        estimated(name) if exists else UNKNOWN for name in ("contrast", "along_d", "along_w")
    )
    along_e = UNKNOWN
    if E is not None and presences[3].acts:
        value, deletions = (_part(gram[0, 3], gram[3, 3]) for gram in (whole, without))
        along_e = jackknife_estimate(float(value), deletions)
    left = [orthogonal_gram(gram) if E is not None else gram for gram in (whole, without)]

    def cosine_of(i: int, j: int) -> Estimate:
        """Return the cosine where both effects are there."""
        if not (presences[i].acts and presences[j].acts) or (E is not None and not presences[3].acts):
            return UNKNOWN
        value, deletions = (cosine(gram[i, j], gram[i, i], gram[j, j]) for gram in left)
        return jackknife_estimate(float(value), deletions)

    facts: Facts
    verdict = "undetermined"
    if absent:
        facts = Case("no direction", _names(absent))
    elif left_over:
        facts = NothingBesideLearning(_names(left_over), roles.early_stop)
    elif np.isnan(statistic.value):
        facts = FragileDirection(roles)
    else:
        verdict, outcome = _judge(statistic, along_d, presences[0])
        facts = Contrasted(outcome, roles, statistic, along_d, along_w)
    return FamilyContrast(
        n_seeds,
        n_features,
        verdict,
        facts,
        statistic=statistic,
        along_d=along_d,
        along_w=along_w,
        along_e=along_e,
        cosine_vd=cosine_of(0, 1),
        cosine_vw=cosine_of(0, 2),
        cosine_dw=cosine_of(1, 2),
        presence_v=presences[0],
        presence_d=presences[1],
        presence_w=presences[2],
    )


def _missing_directions(
    roles: Roles, presences: Sequence[Presence], squares: Sequence[Estimate]
) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """Return the roles of which no effect is shown, and those of which nothing is shown to be left beside E."""
    names = (roles.dropout, roles.weight_decay, roles.early_stop)[: len(presences) - 1]
    absent = [series for series, effect in zip(names, presences[1:], strict=True) if not effect.acts]
    if len(presences) < 4:
        return absent, []
    return absent, [series for series, square in zip(names[:2], squares, strict=True) if not square.is_positive]


def _names(roles: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the series of several roles, each once."""
    return tuple(dict.fromkeys(chain.from_iterable(roles)))


def _part(inner: np.ndarray, square: np.ndarray) -> np.ndarray:
    """Return inner / √square, NaN where the square is not positive."""
    return inner / np.sqrt(np.where(square > 0, square, np.nan))


def _judge(statistic: Estimate, along_d: Estimate, presence_v: Presence) -> tuple[str, str]:
    """Return the verdict and the outcome of a contrast that exists."""
    if statistic.pvalue > SIGNIFICANCE:
        return "undetermined", "undecided" if presence_v.acts else "no effect"
    if statistic.value < 0:
        return "contradicted", "weight decay"
    return ("supported", "dropout") if along_d.is_positive else ("undetermined", "only away from weight decay")
