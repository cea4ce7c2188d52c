"""Claim 1: data diversity moves the spectra in the direction of dropout, not in that of weight decay."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from weightscape.statistics.constants import BASELINE, BASELINE_B
from weightscape.statistics.contrast import FamilyContrast, family_contrast
from weightscape.statistics.estimate import UNKNOWN, Estimate
from weightscape.statistics.features import Fingerprints, fingerprints
from weightscape.statistics.finding import Finding, capital, count_seeds, missing_series
from weightscape.statistics.plan import Plan
from weightscape.statistics.series import absent_series
from weightscape.statistics.wording import interval_text, listing, number


def spectral_claim(family: str, spectra: pd.DataFrame, series: Mapping[str, Sequence[str]], plan: Plan) -> Finding:
    """Judge claim 1 on one feature family, "shape" or "scale".

    Only the runs of the series in the claim and the baselines are read, so other conditions cannot change the verdict.
    """
    metrics = plan.shape if family == "shape" else plan.scale
    result, prints = claim_one_contrast(spectra, metrics, series, plan)
    absent = absent_series(dict.fromkeys(plan.dropout + plan.weight_decay + plan.diversity), series)
    if prints is None or result is None:
        verdict, reason = "undetermined", missing_series(absent)
        numbers = UNKNOWN
        n_seeds = 0
    else:
        verdict, reason = result.verdict, _spectral_reason(result, prints, plan)
        numbers = Estimate(result.statistic, result.low, result.high, float("nan"), result.pvalue)
        n_seeds = result.n_seeds
    role = "primary" if family == "shape" else "secondary"
    return Finding(
        claim=f"1-{family}",
        title=f"Data diversity acts like dropout on the {family} of the weight spectra",
        question=(
            f"Do more diverse data move the {family} of the spectra ({listing(metrics)}; {role} family) further in the "
            "direction of dropout than in that of weight decay?"
        ),
        statistic_name="contrast T in baseline SDs",
        n_seeds=n_seeds,
        statistic=numbers.value,
        low=numbers.low,
        high=numbers.high,
        pvalue=numbers.pvalue,
        pvalue_holm=float("nan"),
        verdict=verdict,
        reason=reason,
    )


def claim_one_contrast(
    spectra: pd.DataFrame, metrics: Sequence[str], series: Mapping[str, Sequence[str]], plan: Plan
) -> tuple[FamilyContrast | None, Fingerprints | None]:
    """Return the contrast of claim 1 and the fingerprints behind it; None where a series has no run."""
    wanted = list(dict.fromkeys(plan.dropout + plan.weight_decay + plan.diversity))
    if absent_series(wanted, series) or not (plan.dropout and plan.weight_decay and plan.diversity):
        return None, None
    conditions = {BASELINE, BASELINE_B}.union(*(series[name] for name in wanted))
    prints = fingerprints(spectra[spectra["condition"].isin(conditions)], metrics)
    V, D, W = (
        np.mean([prints.series_effect(series[name]) for name in names], axis=0)
        for names in (plan.diversity, plan.dropout, plan.weight_decay)
    )
    names = (f"diversity ({listing(plan.diversity)})", listing(plan.dropout), listing(plan.weight_decay))
    return family_contrast(V, D, W, names=names), prints


def _spectral_reason(result: FamilyContrast, prints: Fingerprints, plan: Plan) -> str:
    """Return the contrast's reason, the cosines where they exist, and what the features are."""
    parts = [capital(result.reason)]
    cosines = [
        f"{number(cosine.value)} {interval_text(cosine)} with {listing(names)}"
        for cosine, names in ((result.cosine_vd, plan.dropout), (result.cosine_vw, plan.weight_decay))
        if np.isfinite(cosine.value)
    ]
    if cosines:
        parts.append(f"Cosine {listing(cosines)}.")
    n_features = f"{result.n_features} feature{'s' * (result.n_features != 1)}"
    parts.append(f"{count_seeds(result.n_seeds)}, {n_features}{_dropped(prints)}.")
    return " ".join(parts)


def _dropped(prints: Fingerprints) -> str:
    """Return how many features were dropped and why, or nothing."""
    if not prints.dropped:
        return ""
    by_reason: dict[str, list[str]] = {}
    for feature, reason in prints.dropped.items():
        by_reason.setdefault(reason, []).append(feature)
    texts = [f"{listing(features)}: {reason}" for reason, features in by_reason.items()]
    return f" ({len(prints.dropped)} left out: {'; '.join(texts)})"
