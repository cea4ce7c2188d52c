"""The contrast of claim 1 from a spectra table: fingerprints, the effects of the three roles, and what they compare."""

from collections.abc import Callable, Collection, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from weightscape.statistics.constants import BASELINE, BASELINE_B, MINIMUM_SEEDS
from weightscape.statistics.contrast import FamilyContrast, Roles, family_contrast
from weightscape.statistics.cross_validated import cross_validated_cosine
from weightscape.statistics.estimate import Estimate
from weightscape.statistics.features import Fingerprints, fingerprints
from weightscape.statistics.plan import Plan
from weightscape.statistics.presence import presence
from weightscape.statistics.series import Series, require_series

ROLES = ("dropout", "weight_decay", "diversity")

Effects = tuple[np.ndarray, np.ndarray, np.ndarray]
"""The effects V, D and W of claim 1, each (seeds, features)."""


def claim_one_fingerprints(
    spectra: pd.DataFrame,
    family: str,
    series: Series,
    plan: Plan,
    of: str = "after",
    beside: Collection[str] = (),
) -> Fingerprints:
    """Return the fingerprints of the baselines, of the series in claim 1, and of the conditions `beside` them.

    Only these runs are read, so other conditions cannot change the verdict.

    Raises
    ------
    NotInStudyError
        If a series has no runs.
    """
    wanted = require_series(plan.series_of(ROLES), series, set(spectra["condition"]))
    conditions = {BASELINE, BASELINE_B, *beside}.union(*(series[name] for name in wanted))
    return fingerprints(spectra[spectra["condition"].isin(conditions)], plan.metrics(family), of=of)


def claim_one_contrast(
    prints: Fingerprints, series: Series, plan: Plan, change: Callable[[Fingerprints, Effects], Effects] | None = None
) -> FamilyContrast:
    """Return the contrast of claim 1: each role is the mean over its series, each series the mean over its doses.

    Parameters
    ----------
    prints, series, plan
        As for the claim.
    change
        What is done to the effects before they are compared, for example other units. Whatever it estimates it
        estimates from the fingerprints that it is given: like the units, it is repeated without each seed.
    """
    roles = Roles(plan.diversity, plan.dropout, plan.weight_decay)

    def effects(given: Fingerprints) -> Effects:
        planned = claim_one_effects(given, series, plan)
        return planned if change is None else change(given, planned)

    n_seeds = len(prints.seeds)
    if n_seeds < MINIMUM_SEEDS:
        return family_contrast(*claim_one_effects(prints, series, plan), roles)
    without = zip(*(effects(prints.without_seed(place)) for place in range(n_seeds)), strict=True)
    return family_contrast(*effects(prints), roles, [np.stack(arrays) for arrays in without])


def claim_one_effects(prints: Fingerprints, series: Series, plan: Plan) -> Effects:
    """Return the effects V, D and W of claim 1, each (seeds, features)."""
    V, D, W = (
        np.mean([prints.series_effect(series[name]) for name in names], axis=0)
        for names in (plan.diversity, plan.dropout, plan.weight_decay)
    )
    return V, D, W


def most_opposed(prints: Fingerprints, series: Series, names: Sequence[str]) -> tuple[tuple[str, str], Estimate] | None:
    """Return the two acting series with the lowest cosine and that cosine, None if no pair is clearly opposed."""
    acting = {name: effect for name in names if presence(effect := prints.series_effect(series[name])).acts}
    pairs = {pair: cross_validated_cosine(acting[pair[0]], acting[pair[1]]) for pair in combinations(acting, 2)}
    opposed = {pair: cosine for pair, cosine in pairs.items() if cosine.high < 0}
    return min(opposed.items(), key=lambda item: item[1].value, default=None)
