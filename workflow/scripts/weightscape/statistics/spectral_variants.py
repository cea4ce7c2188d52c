"""Claim 1 judged anew after each of a list of changes of the analysis."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from weightscape.statistics.constants import BASELINE, BASELINE_B, LAYER_GROUPS, MINIMUM_SEEDS
from weightscape.statistics.contrast import FamilyContrast
from weightscape.statistics.features import Fingerprints, fingerprints, within_condition_sd
from weightscape.statistics.paired import CONSTANT
from weightscape.statistics.plan import Plan
from weightscape.statistics.presence import presence
from weightscape.statistics.series import Series
from weightscape.statistics.spectral_claim import Effects, claim_one_contrast, claim_one_fingerprints

Variant = tuple[str, str, FamilyContrast]
"""Kind of the change, the change, and what the contrast says after it."""


def spectral_variants(
    family: str, spectra: pd.DataFrame, series: Series, plan: Plan, early_stop: list[str]
) -> Iterator[Variant]:
    """Yield claim 1 on one feature family as planned and after each change.

    Parameters
    ----------
    family
        "shape" or "scale".
    spectra, series, plan
        As for the claim.
    early_stop
        Conditions that stop early; their direction is projected out if they act.

    Raises
    ------
    NotInStudyError
        If a series of the claim has no runs.
    """
    prints = claim_one_fingerprints(spectra, family, series, plan)
    yield "plan", "as planned", claim_one_contrast(prints, series, plan)
    yield from _scalings(prints, series, plan)
    metrics = plan.shape if family == "shape" else plan.scale
    for place, kind, names in ((0, "layer group", LAYER_GROUPS), (1, "metric", metrics)):
        for name in names:
            kept = [feature.split("/")[place] != name for feature in prints.features]
            if any(kept) and not all(kept):
                yield kind, f"without {name}", claim_one_contrast(_only(prints, kept), series, plan)
    roles = list(dict.fromkeys(plan.dropout + plan.weight_decay + plan.diversity))
    for condition, rest in without_each_dose(series, roles):
        yield "dose", f"without {condition}", claim_one_contrast(prints, rest, plan)
    if len(plan.diversity) > 1:
        for name in plan.diversity:
            fewer = replace(plan, diversity=tuple(other for other in plan.diversity if other != name))
            yield "series", f"without {name}", claim_one_contrast(prints, series, fewer)
    if (matched := matched_doses(prints, series, plan)) != series:
        yield "strength", "doses of like strength", claim_one_contrast(prints, matched, plan)
    if early_stop:
        yield from _without_early_stop(family, spectra, series, plan, early_stop)
    if spectra.loc[spectra["of"] == "delta", list(metrics)].notna().any().all():
        changes = claim_one_fingerprints(spectra, family, series, plan, of="delta")
        yield "weights", "change of the weights ΔW", claim_one_contrast(changes, series, plan)


def without_each_dose(series: Series, names: list[str]) -> Iterator[tuple[str, Series]]:
    """Yield each condition of the named series that have several, and the series without it."""
    for name in names:
        if len(series[name]) > 1:
            for condition in series[name]:
                yield condition, series | {name: [other for other in series[name] if other != condition]}


def matched_doses(prints: Fingerprints, series: Series, plan: Plan) -> Series:
    """Return the series with one dose each, chosen so that all act with like strength.

    The strength to match is the weakest of the roles' strongest doses, so that each role reaches it; each series is
    represented by the acting dose whose length is nearest to it in ratio. A series of which no dose acts keeps all.
    """
    lengths: dict[str, dict[str, float]] = {}
    for name in dict.fromkeys(plan.dropout + plan.weight_decay + plan.diversity):
        found = (
            {condition: presence(prints.effects[condition]) for condition in series[name]} if _enough(prints) else {}
        )
        lengths[name] = {c: one.length.value for c, one in found.items() if one.acts}
    strongest = [
        max((length for name in role for length in lengths[name].values()), default=0.0)
        for role in (plan.dropout, plan.weight_decay, plan.diversity)
    ]
    target = min(strongest)
    if target == 0:
        return series
    nearest: Series = {}
    for name, acting in lengths.items():
        ratios = {condition: abs(np.log(length / target)) for condition, length in acting.items()}
        if ratios:
            nearest[name] = [min(sorted(ratios), key=ratios.__getitem__)]
    return series | nearest


def _enough(prints: Fingerprints) -> bool:
    return len(prints.seeds) >= MINIMUM_SEEDS and len(prints.features) > 0


def _scalings(prints: Fingerprints, series: Series, plan: Plan) -> Iterator[Variant]:
    """Yield the contrast with features in other units.

    Units that a feature does not have in every deletion (none, or rounding beside those of the plan) are passed over.
    """
    if not _enough(prints):
        return
    roles = dict.fromkeys(plan.dropout + plan.weight_decay + plan.diversity)
    conditions = [condition for name in roles for condition in series[name]]

    def between_baselines(some: Fingerprints) -> np.ndarray:
        names = [name for name in (BASELINE, BASELINE_B) if name in some.runs]
        return within_condition_sd(np.stack([some.runs[name] for name in names])) / some.scales

    def of_differences(some: Fingerprints) -> np.ndarray:
        return np.sqrt(np.diag(_covariance_of_differences(some, conditions)[0]))

    def between_conditions(some: Fingerprints) -> np.ndarray:
        return np.std([some.effects[condition].mean(axis=0) for condition in conditions], axis=0, ddof=1)

    parts = [prints, *(prints.without_seed(place) for place in range(len(prints.seeds)))]

    def known(units: Callable[[Fingerprints], np.ndarray]) -> bool:
        return all((units(some) > CONSTANT).all() for some in parts)

    for name, units in (
        ("SD between the baselines' seeds", between_baselines),
        ("SD of the paired differences", of_differences),
        ("SD between conditions", between_conditions),
    ):
        if known(units):
            yield "scaling", name, claim_one_contrast(prints, series, plan, _in_units(units))

    def decorrelated(some: Fingerprints, effects: Effects) -> Effects:
        matrix = whitening(*_covariance_of_differences(some, conditions))
        V, D, W = (effect @ matrix for effect in effects)
        return V, D, W

    if known(of_differences):
        yield "scaling", "decorrelated noise", claim_one_contrast(prints, series, plan, decorrelated)


def _in_units(units: Callable[[Fingerprints], np.ndarray]) -> Callable[[Fingerprints, Effects], Effects]:
    """Return the change of effects that divides them by units, one per feature."""

    def change(some: Fingerprints, effects: Effects) -> Effects:
        V, D, W = (effect / units(some) for effect in effects)
        return V, D, W

    return change


def _covariance_of_differences(prints: Fingerprints, conditions: list[str]) -> tuple[np.ndarray, int]:
    """Return the covariance of the paired differences between seeds, pooled over conditions, and its df."""
    effects = np.array([prints.effects[condition] for condition in conditions])
    noise = effects - effects.mean(axis=1, keepdims=True)
    df = effects.shape[0] * (effects.shape[1] - 1)
    return np.einsum("csi,csj->ij", noise, noise) / df, df


def whitening(covariance: np.ndarray, df: int) -> np.ndarray:
    """Return Σ^(−1/2) of a covariance shrunk towards its diagonal.

    The share of the diagonal is p/(p + df), p features on df degrees of freedom: none with ample data, half where there
    are as many features as degrees of freedom. It keeps the matrix invertible (Walther et al. 2016 shrink for the same
    purpose). As the covariance comes from the runs that it is applied to, the inner products are biased a little, as
    they are by estimated units; the jackknife estimates it anew without each seed.
    """
    n_features = len(covariance)
    share = n_features / (n_features + df)
    shrunk = (1 - share) * covariance + share * np.diag(np.diag(covariance))
    values, vectors = np.linalg.eigh(shrunk)
    return vectors @ np.diag(values**-0.5) @ vectors.T


def _only(prints: Fingerprints, kept: list[bool]) -> Fingerprints:
    """Return the fingerprints with some of their features."""
    return replace(
        prints,
        runs={condition: values[:, kept] for condition, values in prints.runs.items()},
        features=tuple(feature for feature, keep in zip(prints.features, kept, strict=True) if keep),
    )


def _without_early_stop(
    family: str, spectra: pd.DataFrame, series: Series, plan: Plan, early_stop: list[str]
) -> Iterator[Variant]:
    """Yield the contrast orthogonal to the direction of stopping early, if that acts."""
    roles = dict.fromkeys(plan.dropout + plan.weight_decay + plan.diversity)
    conditions = {BASELINE, BASELINE_B, *early_stop}.union(*(series[name] for name in roles))
    metrics = plan.shape if family == "shape" else plan.scale
    prints = fingerprints(spectra[spectra["condition"].isin(conditions)], metrics)
    if not _enough(prints) or not presence(prints.series_effect(early_stop)).acts:
        return

    def orthogonal(some: Fingerprints, effects: Effects) -> Effects:
        mean = some.series_effect(early_stop).mean(axis=0)
        direction = mean / np.linalg.norm(mean)
        V, D, W = (effect - np.outer(effect @ direction, direction) for effect in effects)
        return V, D, W

    yield "direction", "orthogonal to early stopping", claim_one_contrast(prints, series, plan, orthogonal)
