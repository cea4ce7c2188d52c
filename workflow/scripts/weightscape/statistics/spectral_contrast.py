"""The contrast of claim 1 from the tables of a study: fingerprints, the effects of the roles, and what they compare."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from weightscape.statistics.claim import Finding
from weightscape.statistics.constants import BASELINE, BASELINE_B, MINIMUM_SEEDS, SIGNIFICANCE
from weightscape.statistics.contrast import FamilyContrast, Roles, family_contrast
from weightscape.statistics.cross_validated import cosine, cross_validated_gram, orthogonal_gram
from weightscape.statistics.estimate import Estimate, jackknife_estimate, mean_estimate
from weightscape.statistics.families import FeatureFamily
from weightscape.statistics.features import Fingerprints, fingerprints, series_effect
from weightscape.statistics.plan import Plan
from weightscape.statistics.presence import presence
from weightscape.statistics.series import Series, require_series
from weightscape.statistics.study_tables import StudyTables

DIRECTIONS = ("dropout", "weight_decay")
"""Roles whose directions V is compared with."""

Effects = list[np.ndarray]
"""The effects V, D and W of claim 1, and E if its direction is removed, each (seeds, features)."""

ChangeOfEffects = Callable[[Fingerprints, Effects], Effects]
"""What is done to the effects before they are compared. Whatever it estimates it estimates from the fingerprints that
it is given: like the units, it is repeated without each seed."""


@dataclass(frozen=True)
class OpposedSeries:
    """Two series that point in opposite directions, and their cosine."""

    series: tuple[str, ...]
    cosine: Estimate


def claim_one_fingerprints(tables: StudyTables, family: FeatureFamily, plan: Plan) -> Fingerprints:
    """Return the fingerprints in the units of claim 1.

    The units come from `BASELINE`, `BASELINE_B` and the series of claim 1; other conditions are beside them and
    cannot change a verdict.

    Raises
    ------
    NotInStudyError
        If a series of dropout, weight decay or early stopping has no runs.
    """

    def make() -> Fingerprints:
        spectra, series = tables.spectra, tables.series
        there = set(spectra["condition"])
        wanted = require_series(plan.series_of(DIRECTIONS), series, there)
        if plan.early_stop:
            wanted += require_series([plan.early_stop], series, there)
        wanted += [name for name in plan.diversity if name in series]
        claimed = {BASELINE, BASELINE_B}.union(*(series[name] for name in wanted))
        runs = spectra[spectra["seed"].notna()]
        beside = set(runs["condition"]) - claimed
        return fingerprints(runs, plan.metrics(family.name), of=family.of, beside=beside)

    return tables.once(("fingerprints", family.name, plan), make)


def claim_one_contrast(
    prints: Fingerprints, series: Series, plan: Plan, change: ChangeOfEffects | None = None
) -> FamilyContrast:
    """Return the contrast of claim 1: each role is the mean over its series, each series the mean over its doses.

    Parameters
    ----------
    prints, series
        As for the claim.
    plan
        Its `diversity` are the series whose mean effect is V.
    change
        What is done to the effects before they are compared.

    Raises
    ------
    NotInStudyError
        If a series of diversity has no runs.
    """
    require_series([plan.diversity], series, set(prints.effects))
    roles = Roles(plan.diversity, plan.dropout, plan.weight_decay, plan.early_stop)
    effects = claim_one_effects(prints.effects, series, plan)
    if change is not None:
        effects = change(prints, effects)
    if len(prints.seeds) < MINIMUM_SEEDS:
        return family_contrast(*effects, roles=roles)
    if change is None:
        return family_contrast(*effects, roles=roles, deleted=claim_one_effects(prints.effects_deleted, series, plan))
    without = [change(part, claim_one_effects(part.effects, series, plan)) for part in prints.deletions]
    return family_contrast(*effects, roles=roles, deleted=[np.stack(arrays) for arrays in zip(*without, strict=True)])


def planned_contrast(tables: StudyTables, family: FeatureFamily, plan: Plan, members: Plan) -> FamilyContrast:
    """Return `claim_one_contrast` as planned; claims and positions share it.

    Parameters
    ----------
    tables, family
        What the claim is about.
    plan
        The study's plan, which fixes the units.
    members
        The plan with the series of diversity whose mean effect is V; without early stopping nothing is removed.
    """
    return tables.once(
        ("contrast", family.name, plan, members.diversity, members.early_stop),
        lambda: claim_one_contrast(claim_one_fingerprints(tables, family, plan), tables.series, members),
    )


def claim_one_effects(effects: Mapping[str, np.ndarray], series: Series, plan: Plan) -> Effects:
    """Return the effects V, D and W of claim 1, and E if the plan has early stopping.

    Parameters
    ----------
    effects
        The effect of each condition, (…, seeds, features).
    series, plan
        As for the claim.
    """
    roles = [plan.diversity, plan.dropout, plan.weight_decay, *([plan.early_stop] if plan.early_stop else [])]
    return [np.mean([series_effect(effects, series[name]) for name in names], axis=0) for names in roles]


def contrast_finding(contrast: FamilyContrast, margin: float) -> Finding:
    """Return a contrast as the finding of a claim, with the margin of its test of equivalence."""
    found, df = contrast.statistic, contrast.n_seeds - 1.0
    numbers = (found.value, found.low, found.high, found.pvalue, found.standard_error)
    return Finding(contrast.n_seeds, contrast.verdict, contrast.facts, *numbers, df=df, margin=margin)


def at_equal_loss(tables: StudyTables, plan: Plan) -> ChangeOfEffects | None:
    """Return the change of effects to what they would be at the baseline's training loss.

    None where it cannot be made: without losses, or if early stopping is not shown to change the loss.

    Notes
    -----
    An effect A becomes A − κ·E with κ = (log loss_A − log loss_baseline)/(log loss_E − log loss_baseline): E stands for
    what a change of the training loss does. The losses are means over seeds of the log of `fitted_loss`, the mean
    cross-entropy of the run's own real training images at the end of training.
    """
    if not plan.early_stop or "fitted_loss" not in tables.runs:
        return None
    losses = np.log(tables.runs.pivot(index="seed", columns="condition", values="fitted_loss"))
    roles = (plan.diversity, plan.dropout, plan.weight_decay, plan.early_stop)
    changes = (
        np.array([np.mean([losses[tables.series[name]].mean(axis=1) for name in names], axis=0) for names in roles])
        - losses[BASELINE].to_numpy()
    )
    if not mean_estimate(changes[3]).pvalue <= SIGNIFICANCE:
        return None
    place_of = {seed: place for place, seed in enumerate(losses.index)}

    def change(prints: Fingerprints, effects: Effects) -> Effects:
        *others, early = changes[:, [place_of[seed] for seed in prints.seeds]].mean(axis=1)
        return [effect - other / early * effects[3] for effect, other in zip(effects[:3], others, strict=True)]

    return change


def opposed_series(
    prints: Fingerprints, series: Series, names: Sequence[str], removed: Collection[str]
) -> list[OpposedSeries]:
    """Return the pairs of acting series that are opposed for certain, the lowest cosine first.

    Parameters
    ----------
    prints, series
        As for the claim.
    names
        The series.
    removed
        Series whose mean effect's direction is removed from all.

    Notes
    -----
    A pair is opposed if the jackknife interval of its cross-validated cosine, at a level that Bonferroni adjusts for
    the number of pairs, lies below 0.
    """
    places = {name: i for i, name in enumerate(names)}
    pairs = list(combinations(names, 2))
    if not pairs or len(prints.seeds) < MINIMUM_SEEDS or not prints.features:
        return []

    def gram(effects: Mapping[str, np.ndarray]) -> np.ndarray:
        of_series = [series_effect(effects, series[name]) for name in names]
        if not removed:
            return cross_validated_gram(of_series)
        direction = np.mean([series_effect(effects, series[name]) for name in removed], axis=0)
        return orthogonal_gram(cross_validated_gram([*of_series, direction]))

    acting = {name for name in names if presence(series_effect(prints.effects, series[name])).acts}
    whole, without = gram(prints.effects), gram(prints.effects_deleted)
    df = len(prints.seeds) - 1
    reach = stdtrit(df, 1 - SIGNIFICANCE / (2 * len(pairs)))
    found = []
    for pair in pairs:
        if acting.issuperset(pair):
            i, j = (places[name] for name in pair)
            value, deletions = (cosine(part[i, j], part[i, i], part[j, j]) for part in (whole, without))
            estimate = jackknife_estimate(float(value), deletions)
            if estimate.value + reach * estimate.standard_error < 0:
                found.append(OpposedSeries(pair, estimate))
    return sorted(found, key=lambda opposed: opposed.cosine.value)


def mean_losses(runs: pd.DataFrame) -> pd.Series:
    """Return each condition's training loss: the geometric mean over seeds of `fitted_loss`, empty without it."""
    if "fitted_loss" not in runs:
        return pd.Series(dtype=float)
    return np.exp(np.log(runs["fitted_loss"]).groupby(runs["condition"]).mean())
