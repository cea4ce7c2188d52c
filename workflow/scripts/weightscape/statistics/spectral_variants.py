"""Claim 1 judged anew after each of a list of changes of the analysis."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from weightscape.statistics.claim import Finding, Variant
from weightscape.statistics.constants import LAYER_GROUPS, MINIMUM_SEEDS
from weightscape.statistics.facts import Change, Name
from weightscape.statistics.families import FeatureFamily
from weightscape.statistics.features import Fingerprints, Pooling
from weightscape.statistics.paired import CONSTANT
from weightscape.statistics.plan import Plan
from weightscape.statistics.series import Series, without_each_dose
from weightscape.statistics.spectral_contrast import (
    ChangeOfEffects,
    Effects,
    at_equal_loss,
    claim_one_contrast,
    claim_one_fingerprints,
    contrast_finding,
)
from weightscape.statistics.study_tables import StudyTables

POOLINGS: dict[Pooling, str] = {
    "raw mean": "mean over layers in their own units",
    "standardised median": "median over layers",
}
"""Other ways to make a feature of layers, and how these changes are called."""


def spectral_variants(family: FeatureFamily, tables: StudyTables, plan: Plan, members: Plan) -> Iterator[Variant]:
    """Yield claim 1 on a feature family after each change.

    Parameters
    ----------
    family, tables
        What the claim is about.
    plan
        The study's plan, which fixes the features and their units.
    members
        The plan with the series of diversity whose mean is judged.

    Raises
    ------
    NotInStudyError
        If a series of the claim has no runs.
    """
    series = tables.series
    prints = claim_one_fingerprints(tables, family, plan)

    def variant(
        kind: str,
        change: Change,
        prints: Fingerprints = prints,
        series: Series = series,
        plan: Plan = members,
        of_effects: ChangeOfEffects | None = None,
    ) -> Variant:
        return Variant(kind, change, partial(_judge, prints, series, plan, of_effects))

    def changed(change: str, make: Callable[[], Fingerprints]) -> Fingerprints:
        """Return other fingerprints; the claims on one feature family share them."""
        return tables.once(("fingerprints", family.name, plan, change), make)

    if plan.early_stop:
        yield variant("learning", Change("with the direction of early stopping"), plan=replace(members, early_stop=()))
        if change := at_equal_loss(tables, members):
            yield variant("learning", Change("at equal training loss"), of_effects=change)
    for pooling, text in POOLINGS.items():
        other = changed(pooling, partial(replace, prints, pooling=pooling))
        yield variant("layers", Change(text), prints=other)
    for text, of_effects in _scalings(prints, series, plan):
        yield variant("scaling", Change(text), of_effects=of_effects)
    for place, kind, names in ((0, "layer group", LAYER_GROUPS), (1, "metric", plan.metrics(family.name))):
        for name in names:
            kept = [feature.split("/")[place] != name for feature in prints.features]
            if any(kept) and not all(kept):
                fewer = changed(f"{kind} {name}", partial(prints.only, kept))
                yield variant(kind, Change("without {}", Name(kind, name)), prints=fewer)
    for condition, rest in without_each_dose(series, plan.dropout + plan.weight_decay + members.diversity):
        yield variant("dose", Change("without {}", tables.conditions[condition]), series=rest)
    if len(members.diversity) > 1:
        for name in members.diversity:
            others = replace(members, diversity=tuple(other for other in members.diversity if other != name))
            yield variant("series", Change("without {}", Name("series", name)), plan=others)


def _judge(prints: Fingerprints, series: Series, plan: Plan, of_effects: ChangeOfEffects | None) -> Finding:
    return contrast_finding(claim_one_contrast(prints, series, plan, of_effects), plan.margin)


def _scalings(prints: Fingerprints, series: Series, plan: Plan) -> Iterator[tuple[str, ChangeOfEffects]]:
    """Yield names of other units of the features, and the changes of the effects to them.

    Units that a feature does not have in every deletion (none, or rounding beside those of the plan) are passed over.
    """
    if len(prints.seeds) < MINIMUM_SEEDS or not prints.features:
        return
    roles = dict.fromkeys(plan.dropout + plan.weight_decay + plan.early_stop + plan.diversity)
    conditions = [condition for name in roles for condition in series.get(name, [])]

    def between_conditions(given: Fingerprints) -> np.ndarray:
        return np.std([given.effects[condition].mean(axis=0) for condition in conditions], axis=0, ddof=1)

    def of_differences(given: Fingerprints) -> np.ndarray:
        return np.sqrt(np.diag(_covariance_of_differences(given, conditions)[0]))

    def known(units: Callable[[Fingerprints], np.ndarray]) -> bool:
        return all((units(part) > CONSTANT).all() for part in (prints, *prints.deletions))

    if known(between_conditions):
        yield "SD between conditions", partial(_in_units, between_conditions)
    if known(of_differences):
        yield "decorrelated noise", partial(_decorrelated, conditions)


def _in_units(units: Callable[[Fingerprints], np.ndarray], prints: Fingerprints, effects: Effects) -> Effects:
    """Return the effects divided by units, one per feature."""
    return [effect / units(prints) for effect in effects]


def _decorrelated(conditions: list[str], prints: Fingerprints, effects: Effects) -> Effects:
    """Return the effects in coordinates in which the noise of the paired differences is uncorrelated."""
    matrix = whitening(*_covariance_of_differences(prints, conditions))
    return [effect @ matrix for effect in effects]


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
