"""Claim 1 judged anew after each of a list of changes of the analysis."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from weightscape.statistics.claim import Finding, Variant
from weightscape.statistics.constants import BASELINE, BASELINE_B, LAYER_GROUPS, MINIMUM_SEEDS
from weightscape.statistics.contrast import FamilyContrast
from weightscape.statistics.facts import Change, Name
from weightscape.statistics.features import Fingerprints, within_condition_sd
from weightscape.statistics.paired import CONSTANT
from weightscape.statistics.plan import Plan
from weightscape.statistics.presence import presence
from weightscape.statistics.series import Series, without_each_dose
from weightscape.statistics.spectral_contrast import Effects, claim_one_contrast, claim_one_fingerprints
from weightscape.statistics.study_tables import StudyTables

ChangeOfEffects = Callable[[Fingerprints, Effects], Effects]
"""What is done to the effects before they are compared."""


def spectral_variants(family: str, tables: StudyTables, plan: Plan) -> Iterator[Variant]:
    """Yield claim 1 on the feature family "shape" or "scale" after each change.

    Raises
    ------
    NotInStudyError
        If a series of the claim has no runs.
    """
    spectra, series = tables.spectra, tables.series
    prints = claim_one_fingerprints(spectra, family, series, plan)

    def variant(
        kind: str,
        change: Change,
        prints: Fingerprints = prints,
        series: Series = series,
        plan: Plan = plan,
        of_effects: ChangeOfEffects | None = None,
    ) -> Variant:
        return Variant(kind, change, partial(_contrast_finding, prints, series, plan, of_effects))

    for text, of_effects in _scalings(prints, series, plan):
        yield variant("scaling", Change(text), of_effects=of_effects)
    metrics = plan.metrics(family)
    for place, kind, names in ((0, "layer group", LAYER_GROUPS), (1, "metric", metrics)):
        for name in names:
            kept = [feature.split("/")[place] != name for feature in prints.features]
            if any(kept) and not all(kept):
                yield variant(kind, Change("without {}", Name(kind, name)), prints=_only(prints, kept))
    for condition, rest in without_each_dose(series, plan.dropout + plan.weight_decay + plan.diversity):
        yield variant("dose", Change("without {}", tables.conditions[condition]), series=rest)
    if len(plan.diversity) > 1:
        for name in plan.diversity:
            fewer = replace(plan, diversity=tuple(other for other in plan.diversity if other != name))
            yield variant("series", Change("without {}", Name("series", name)), plan=fewer)
    if (matched := matched_doses(prints, series, plan)) != series:
        yield variant("strength", Change("doses of similar strength"), series=matched)
    early_stop = sorted(c for name in series if tables.families[name] == "early_stop" for c in series[name])
    if early_stop:
        beside = claim_one_fingerprints(spectra, family, series, plan, beside=early_stop)
        if _enough(beside) and presence(beside.series_effect(early_stop)).acts:
            change = Change("orthogonal to early stopping")
            yield variant("direction", change, prints=beside, of_effects=partial(_orthogonal, early_stop))
    if spectra.loc[spectra["of"] == "delta", list(metrics)].notna().any().all():
        changes = claim_one_fingerprints(spectra, family, series, plan, of="delta")
        yield variant("weights", Change("change of the weights ΔW"), prints=changes)


def contrast_finding(contrast: FamilyContrast) -> Finding:
    """Return a contrast as the finding of a claim."""
    numbers = (contrast.statistic, contrast.low, contrast.high, contrast.pvalue)
    return Finding(contrast.n_seeds, contrast.verdict, contrast.facts, *numbers)


def _contrast_finding(prints: Fingerprints, series: Series, plan: Plan, of_effects: ChangeOfEffects | None) -> Finding:
    return contrast_finding(claim_one_contrast(prints, series, plan, of_effects))


def matched_doses(prints: Fingerprints, series: Series, plan: Plan) -> Series:
    """Return the series with one dose each, chosen so that all act with similar strength.

    The strength to match is the weakest of the roles' strongest doses, so that each role reaches it; each series is
    represented by the acting dose whose length is nearest to it in ratio. A series of which no dose acts keeps all.
    """
    lengths: dict[str, dict[str, float]] = {}
    for name in dict.fromkeys(plan.dropout + plan.weight_decay + plan.diversity):
        doses = series[name] if _enough(prints) else []
        presences = {condition: presence(prints.effects[condition]) for condition in doses}
        lengths[name] = {condition: dose.length.value for condition, dose in presences.items() if dose.acts}
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


def _scalings(prints: Fingerprints, series: Series, plan: Plan) -> Iterator[tuple[str, ChangeOfEffects]]:
    """Yield names of other units of the features, and the changes of the effects to them.

    Units that a feature does not have in every deletion (none, or rounding beside those of the plan) are passed over.
    """
    if not _enough(prints):
        return
    roles = dict.fromkeys(plan.dropout + plan.weight_decay + plan.diversity)
    conditions = [condition for name in roles for condition in series[name]]

    def between_baselines(given: Fingerprints) -> np.ndarray:
        names = [name for name in (BASELINE, BASELINE_B) if name in given.runs]
        return within_condition_sd(np.stack([given.runs[name] for name in names])) / given.scales

    def of_differences(given: Fingerprints) -> np.ndarray:
        return np.sqrt(np.diag(_covariance_of_differences(given, conditions)[0]))

    def between_conditions(given: Fingerprints) -> np.ndarray:
        return np.std([given.effects[condition].mean(axis=0) for condition in conditions], axis=0, ddof=1)

    parts = [prints, *(prints.without_seed(place) for place in range(len(prints.seeds)))]

    def known(units: Callable[[Fingerprints], np.ndarray]) -> bool:
        return all((units(part) > CONSTANT).all() for part in parts)

    for name, units in (
        ("SD between the baselines' seeds", between_baselines),
        ("SD of the paired differences", of_differences),
        ("SD between conditions", between_conditions),
    ):
        if known(units):
            yield name, partial(_in_units, units)
    if known(of_differences):
        yield "decorrelated noise", partial(_decorrelated, conditions)


def _in_units(units: Callable[[Fingerprints], np.ndarray], prints: Fingerprints, effects: Effects) -> Effects:
    """Return the effects divided by units, one per feature."""
    V, D, W = (effect / units(prints) for effect in effects)
    return V, D, W


def _decorrelated(conditions: list[str], prints: Fingerprints, effects: Effects) -> Effects:
    """Return the effects in coordinates in which the noise of the paired differences is uncorrelated."""
    matrix = whitening(*_covariance_of_differences(prints, conditions))
    V, D, W = (effect @ matrix for effect in effects)
    return V, D, W


def _orthogonal(conditions: list[str], prints: Fingerprints, effects: Effects) -> Effects:
    """Return the effects without their parts along the mean effect of conditions."""
    mean = prints.series_effect(conditions).mean(axis=0)
    direction = mean / np.linalg.norm(mean)
    V, D, W = (effect - np.outer(effect @ direction, direction) for effect in effects)
    return V, D, W


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
