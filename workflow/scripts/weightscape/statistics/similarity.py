"""The similarity table: cross-validated cosines between the fingerprints of all series."""

from collections.abc import Collection, Mapping, Sequence
from itertools import product

import numpy as np
import pandas as pd

from weightscape.statistics.constants import MINIMUM_SEEDS
from weightscape.statistics.cross_validated import cross_validated_cosine, cross_validated_inner
from weightscape.statistics.estimate import UNKNOWN
from weightscape.statistics.facts import Case, Facts, TooFew, write_facts
from weightscape.statistics.features import Fingerprints
from weightscape.statistics.presence import UNKNOWN_PRESENCE, presence

COLUMNS = [
    "feature_family", "series_a", "series_b", "n_seeds", "n_features", "cosine", "low", "high", "determined", "inner",
    "norm_a", "norm_b", "facts",
]  # fmt: skip


def similarity_table(fingerprints: Mapping[str, Fingerprints], series: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Return one row per feature family and ordered pair of series, the pairs of a series with itself included.

    Parameters
    ----------
    fingerprints
        Per feature family ("shape", "scale") the fingerprints of all conditions.
    series
        Conditions (doses) of each series; a series' effect is their mean.

    Returns
    -------
    pandas.DataFrame
        `inner` is ⟨A,B⟩; `norm_a` and `norm_b` are √⟨A,A⟩ and √⟨B,B⟩, 0 where the estimate is not positive.
        `determined` says whether both series act (`weightscape.statistics.presence`) and the cosine exists without any
        one seed; else cosine, low and high are NaN and `facts` say why.
    """
    tables = [_family_rows(name, prints, series) for name, prints in fingerprints.items()]
    return pd.DataFrame([row for rows in tables for row in rows], columns=COLUMNS)


def _family_rows(
    family: str, fingerprints: Fingerprints, series: Mapping[str, Sequence[str]]
) -> list[dict[str, object]]:
    n_seeds, n_features = len(fingerprints.seeds), len(fingerprints.features)
    enough = n_seeds >= MINIMUM_SEEDS and n_features > 0
    effects = {name: fingerprints.series_effect(conditions) for name, conditions in series.items()}
    presences = {name: presence(effect) if enough else UNKNOWN_PRESENCE for name, effect in effects.items()}
    incomplete = {name for name, effect in effects.items() if not np.isfinite(effect).all()}
    rows = []
    for a, b in product(sorted(series), repeat=2):
        absent = [name for name in dict.fromkeys((a, b)) if not presences[name].acts]
        cosine = UNKNOWN if absent else cross_validated_cosine(effects[a], effects[b])
        determined = bool(np.isfinite(cosine.value))
        rows.append(
            {
                "feature_family": family,
                "series_a": a,
                "series_b": b,
                "n_seeds": n_seeds,
                "n_features": n_features,
                "cosine": cosine.value,
                "low": cosine.low,
                "high": cosine.high,
                "determined": determined,
                "inner": float(cross_validated_inner(effects[a], effects[b])) if enough else float("nan"),
                "norm_a": presences[a].length.value,
                "norm_b": presences[b].length.value,
                "facts": "" if determined else write_facts(_why(absent, incomplete, n_seeds, n_features)),
            }
        )
    return rows


def _why(absent: Sequence[str], incomplete: Collection[str], n_seeds: int, n_features: int) -> Facts:
    """Return why a cosine is undetermined."""
    if n_seeds < MINIMUM_SEEDS:
        return TooFew("seeds", n_seeds, MINIMUM_SEEDS, "cosine")
    if n_features == 0:
        return Case("no feature")
    if frozen := tuple(name for name in absent if name in incomplete):
        return Case("frozen layers", frozen)
    return Case("not shown to act", tuple(absent)) if absent else Case("direction vanishes")
