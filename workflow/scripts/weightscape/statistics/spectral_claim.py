"""Claim 1: data diversity moves the spectra along dropout, and further than along weight decay."""

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from weightscape.statistics.constants import BASELINE, BASELINE_B, MINIMUM_SEEDS
from weightscape.statistics.contrast import FamilyContrast, family_contrast
from weightscape.statistics.cross_validated import cross_validated_cosine
from weightscape.statistics.errors import NotInStudyError
from weightscape.statistics.estimate import Estimate
from weightscape.statistics.features import Fingerprints, fingerprints
from weightscape.statistics.finding import Claim, Finding, found, undetermined
from weightscape.statistics.plan import Plan
from weightscape.statistics.presence import presence
from weightscape.statistics.series import Series, require_series
from weightscape.statistics.wording import capital, count_seeds, estimate_text, listing, number

OPPOSITE = -0.9
"""Below this cosine dropout and weight decay are taken for the two ends of one axis."""

Effects = tuple[np.ndarray, np.ndarray, np.ndarray]
"""The effects V, D and W of claim 1, each (seeds, features)."""


def spectral_claim(family: str, spectra: pd.DataFrame, series: Series, plan: Plan) -> Finding:
    """Judge claim 1 on one feature family, "shape" or "scale".

    Only the runs of the series in the claim and the baselines are read, so other conditions cannot change the verdict.
    """
    metrics = plan.shape if family == "shape" else plan.scale
    claim = Claim(
        claim=f"1-{family}",
        title=f"Data diversity moves the {family} of the weight spectra along dropout, further than along weight decay",
        question=(
            f"Do more diverse data move the {family} of the spectra ({listing(metrics)}; "
            f"{'primary' if family == 'shape' else 'secondary'} family) in the direction of dropout, and further than "
            "in that of weight decay?"
        ),
        statistic_name="contrast T in between-seed SDs",
    )
    try:
        prints = claim_one_fingerprints(spectra, family, series, plan)
    except NotInStudyError as error:
        return undetermined(claim, str(error))
    result = claim_one_contrast(prints, series, plan)
    return found(
        claim,
        result.verdict,
        _spectral_reason(result, prints, series, plan),
        result.n_seeds,
        result.statistic,
        result.low,
        result.high,
        result.pvalue,
    )


def claim_one_fingerprints(
    spectra: pd.DataFrame, family: str, series: Series, plan: Plan, of: str = "after"
) -> Fingerprints:
    """Return the fingerprints of the baselines and of the series in claim 1.

    Raises
    ------
    NotInStudyError
        If a series has no runs; the message is fit for a reason.
    """
    roles = [plan.dropout, plan.weight_decay, plan.diversity]
    wanted = require_series(roles, series, set(spectra["condition"]))
    conditions = {BASELINE, BASELINE_B}.union(*(series[name] for name in wanted))
    metrics = plan.shape if family == "shape" else plan.scale
    return fingerprints(spectra[spectra["condition"].isin(conditions)], metrics, of=of)


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
    names = (f"diversity ({listing(plan.diversity)})", listing(plan.dropout), listing(plan.weight_decay))

    def effects(some: Fingerprints) -> Effects:
        found = claim_one_effects(some, series, plan)
        return found if change is None else change(some, found)

    n_seeds = len(prints.seeds)
    if n_seeds < MINIMUM_SEEDS:
        return family_contrast(*claim_one_effects(prints, series, plan), names=names)
    without = zip(*(effects(prints.without_seed(place)) for place in range(n_seeds)), strict=True)
    return family_contrast(*effects(prints), names=names, deleted=[np.stack(arrays) for arrays in without])


def claim_one_effects(prints: Fingerprints, series: Series, plan: Plan) -> Effects:
    """Return the effects V, D and W of claim 1, each (seeds, features)."""
    V, D, W = (
        np.mean([prints.series_effect(series[name]) for name in names], axis=0)
        for names in (plan.diversity, plan.dropout, plan.weight_decay)
    )
    return V, D, W


def _spectral_reason(result: FamilyContrast, prints: Fingerprints, series: Series, plan: Plan) -> str:
    """Return the contrast's reason, cosines where they exist, series that V's mean hides, and what the features are."""
    parts = [capital(result.reason)]
    if result.cosine_dw.value < OPPOSITE:
        parts.append(
            f"{capital(listing(plan.dropout))} and {listing(plan.weight_decay)} are nearly opposite (cosine "
            f"{number(result.cosine_dw.value)}), so there is one axis only: further along the one is further from the "
            "other."
        )
    cosines = [
        f"{estimate_text(cosine)} with {listing(names)}"
        for cosine, names in ((result.cosine_vd, plan.dropout), (result.cosine_vw, plan.weight_decay))
        if np.isfinite(cosine.value)
    ]
    if cosines:
        parts.append(f"Cosine {listing(cosines)}.")
    if len(prints.seeds) >= MINIMUM_SEEDS and (pair := most_opposed(prints, series, plan.diversity)):
        names, cosine = pair
        parts.append(f"The mean over series hides that {listing(names)} are opposed (cosine {estimate_text(cosine)}).")
    n_features = f"{result.n_features} feature{'s' * (result.n_features != 1)}"
    parts.append(f"{count_seeds(result.n_seeds)}, {n_features}{_dropped(prints)}.")
    return " ".join(parts)


def most_opposed(prints: Fingerprints, series: Series, names: Sequence[str]) -> tuple[tuple[str, str], Estimate] | None:
    """Return the two acting series with the lowest cosine and that cosine, None if no pair is clearly opposed."""
    acting = {name: effect for name in names if presence(effect := prints.series_effect(series[name])).acts}
    pairs = {pair: cross_validated_cosine(acting[pair[0]], acting[pair[1]]) for pair in combinations(acting, 2)}
    opposed = {pair: cosine for pair, cosine in pairs.items() if cosine.high < 0}
    return min(opposed.items(), key=lambda item: item[1].value, default=None)


def _dropped(prints: Fingerprints) -> str:
    """Return how many features were dropped and why, or nothing."""
    if not prints.dropped:
        return ""
    by_reason: dict[str, list[str]] = {}
    for feature, reason in prints.dropped.items():
        by_reason.setdefault(reason, []).append(feature)
    texts = [f"{listing(features)}: {reason}" for reason, features in by_reason.items()]
    return f" ({len(prints.dropped)} left out: {'; '.join(texts)})"
