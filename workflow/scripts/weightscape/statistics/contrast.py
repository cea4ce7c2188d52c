"""The contrast of claim 1: whether an effect reaches further along a first direction than along a second."""

from dataclasses import dataclass

import numpy as np

from weightscape.statistics.constants import MINIMUM_SEEDS, SIGNIFICANCE
from weightscape.statistics.cross_validated import cross_validated_cosine, cross_validated_inner, leave_one_out_inner
from weightscape.statistics.estimate import UNKNOWN, Estimate, jackknife_estimate
from weightscape.statistics.presence import UNKNOWN_PRESENCE, Presence, presence
from weightscape.statistics.wording import interval_text, number, pvalue_text


@dataclass(frozen=True)
class FamilyContrast:
    """Result of `family_contrast`.

    Attributes
    ----------
    statistic, low, high, pvalue
        The contrast T, its interval and its two-sided p; NaN where T is undetermined.
    cosine_vd, cosine_vw
        Cross-validated cosines of V with D and with W; all NaN where one of the two did not act.
    presence_v, presence_d, presence_w
        Whether each acts, with its cross-validated squared length ⟨V,V⟩, ⟨D,D⟩, ⟨W,W⟩ and the interval of that.
    n_seeds, n_features
        Shape of the arrays.
    verdict
        "supported" (T > 0), "contradicted" (T < 0) or "undetermined".
    reason
        One sentence that says why.
    """

    statistic: float
    low: float
    high: float
    pvalue: float
    cosine_vd: Estimate
    cosine_vw: Estimate
    presence_v: Presence
    presence_d: Presence
    presence_w: Presence
    n_seeds: int
    n_features: int
    verdict: str
    reason: str


def contrast_statistic(
    inner_vd: np.ndarray, inner_vw: np.ndarray, norm_d: np.ndarray, norm_w: np.ndarray
) -> np.ndarray:
    """Return T = ⟨V,D⟩/√⟨D,D⟩ − ⟨V,W⟩/√⟨W,W⟩, NaN where a squared norm is not positive."""
    exists = (norm_d > 0) & (norm_w > 0)
    length_d = np.sqrt(np.where(exists, norm_d, np.nan))
    length_w = np.sqrt(np.where(exists, norm_w, np.nan))
    return inner_vd / length_d - inner_vw / length_w


def family_contrast(
    V: np.ndarray,
    D: np.ndarray,
    W: np.ndarray,
    names: tuple[str, str, str] = ("diversity", "dropout", "weight decay"),
) -> FamilyContrast:
    """Compare how far the effect V reaches along the direction of D and along the direction of W.

    Parameters
    ----------
    V, D, W : shape (S, features)
        Paired differences from the same baseline, one row per seed, features in comparable units (each divided by the
        baseline's between-seed SD).
    names
        What V, D and W are called in the reason.

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
    E[A_s · B_s] = a·b + E[z_s · z_s]: the ordinary inner product is pulled up by the shared baseline.

    T is a smooth function of U-statistics of the seeds, so the delete-one-seed jackknife estimates its variance;
    with S pseudo-values behind it the reference is Student's t with S − 1 degrees of freedom. A direction must exist to
    be a yardstick: if D or W does not act (`weightscape.statistics.presence`), or ⟨D,D⟩ or ⟨W,W⟩ loses its sign when a
    seed is deleted, T is undetermined and the reason names the intervention that did not act.
    """
    V, D, W = (np.asarray(array, dtype=float) for array in (V, D, W))
    if not V.shape == D.shape == W.shape or V.ndim != 2:
        raise ValueError(f"V, D and W must share one shape (seeds, features), not {V.shape}, {D.shape}, {W.shape}")
    if not all(np.isfinite(array).all() for array in (V, D, W)):
        raise ValueError("V, D and W must be finite: drop features that are not before the contrast")
    if V.shape[0] < MINIMUM_SEEDS or V.shape[1] == 0:
        return _too_little(*V.shape)
    found = [presence(array) for array in (V, D, W)]
    value = contrast_statistic(*(cross_validated_inner(*pair) for pair in ((V, D), (V, W), (D, D), (W, W))))
    without = contrast_statistic(*(leave_one_out_inner(*pair) for pair in ((V, D), (V, W), (D, D), (W, W))))
    absent = [name for name, one in zip(names[1:], found[1:], strict=True) if not one.acts]
    estimate = UNKNOWN if absent else jackknife_estimate(float(value), without)
    verdict, reason = _judge(names, absent, estimate, found[0])
    return FamilyContrast(
        statistic=estimate.value,
        low=estimate.low,
        high=estimate.high,
        pvalue=estimate.pvalue,
        cosine_vd=_cosine_of_acting(V, D, found[0], found[1]),
        cosine_vw=_cosine_of_acting(V, W, found[0], found[2]),
        presence_v=found[0],
        presence_d=found[1],
        presence_w=found[2],
        n_seeds=V.shape[0],
        n_features=V.shape[1],
        verdict=verdict,
        reason=reason,
    )


def _cosine_of_acting(A: np.ndarray, B: np.ndarray, a: Presence, b: Presence) -> Estimate:
    """Return the cosine where both effects are there, else NaN throughout."""
    return cross_validated_cosine(A, B) if a.acts and b.acts else UNKNOWN


def _too_little(n_seeds: int, n_features: int) -> FamilyContrast:
    """Return the undetermined result of too few seeds or of no feature."""
    if n_seeds < MINIMUM_SEEDS:
        reason = f"too few seeds ({n_seeds}): the contrast needs {MINIMUM_SEEDS}."
    else:
        reason = "no feature is left to compare."
    nan, nowhere = float("nan"), UNKNOWN_PRESENCE
    return FamilyContrast(
        nan, nan, nan, nan, UNKNOWN, UNKNOWN, nowhere, nowhere, nowhere, n_seeds, n_features, "undetermined", reason
    )


def _judge(names: tuple[str, str, str], absent: list[str], estimate: Estimate, presence_v: Presence) -> tuple[str, str]:
    """Return the verdict and its reason."""
    v, d, w = names
    if absent:
        which = " and ".join(absent)
        return (
            "undetermined",
            f"no direction to compare with: {which} did not act (no effect that different seeds share).",
        )
    if np.isnan(estimate.value):
        return "undetermined", f"the direction of {d} or {w} vanishes when a single seed is left out."
    numbers = f"T = {number(estimate.value)} {interval_text(estimate)}, {pvalue_text(estimate.pvalue)}"
    if estimate.pvalue <= SIGNIFICANCE:
        first, second = (d, w) if estimate.value > 0 else (w, d)
        verdict = "supported" if estimate.value > 0 else "contradicted"
        return verdict, f"{v} reaches further along {first} than along {second}: {numbers}."
    if not presence_v.acts:
        return "undetermined", f"{v} itself did not act, so it points nowhere: {numbers}."
    return "undetermined", f"{v} is not shown to be nearer to {d} or to {w}: {numbers}."
