"""The effects table: every outcome of every condition and series against the baseline."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd

from weightscape.statistics.constants import BASELINE
from weightscape.statistics.multiplicity import holm
from weightscape.statistics.paired import paired_effect
from weightscape.statistics.series import conditions_of_series

COLUMNS = [
    "outcome",
    "outcome_family",
    "level",
    "condition",
    "series",
    "family",
    "dose",
    "n_seeds",
    "mean",
    "low",
    "high",
    "d_z",
    "pvalue",
    "pvalue_holm",
]


def effects_table(runs: pd.DataFrame, outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return the paired effect of each condition (level "condition") and series (level "series") on each outcome.

    Parameters
    ----------
    runs
        Runs table: condition, series, family, dose.
    outcomes
        Long table of outcome, outcome_family, condition, seed, value.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`, sorted by outcome, level, series, dose. At level "series" a seed's difference is the mean
        over the series' doses, `condition` is the series and `dose` is NaN. `pvalue_holm` is adjusted over the rows of
        one outcome and level: over all conditions, or all series, that could have moved this outcome.
    """
    series = conditions_of_series(runs)
    meta = runs.drop_duplicates("condition").set_index("condition")[["series", "family", "dose"]]
    rows = []
    for (outcome, family), values in outcomes.groupby(["outcome", "outcome_family"], sort=True):
        wide = values.pivot(index="seed", columns="condition", values="value").sort_index()
        if BASELINE not in wide:
            raise ValueError(f"{outcome}: no value of the condition {BASELINE!r}")
        differences = wide.drop(columns=BASELINE).sub(wide[BASELINE], axis=0)
        for name, conditions in series.items():
            there = [condition for condition in conditions if condition in differences]
            rows += _rows(str(outcome), str(family), name, meta, differences[there], conditions)
    table = pd.DataFrame(rows)
    table["pvalue_holm"] = table.groupby(["outcome", "level"])["pvalue"].transform(lambda p: holm(p.to_numpy()))
    table = table.sort_values(["outcome", "level", "series", "dose", "condition"], na_position="first")
    return table[COLUMNS].reset_index(drop=True)


def _rows(
    outcome: str,
    outcome_family: str,
    series: str,
    meta: pd.DataFrame,
    differences: pd.DataFrame,
    conditions: Sequence[str],
) -> list[Mapping[str, object]]:
    """Return the rows of one outcome and series: each dose, then their mean if the series has all of them."""
    entries = [
        ("condition", condition, meta.at[condition, "dose"], differences[condition].to_numpy())
        for condition in differences.columns
    ]
    if len(conditions) == len(entries):
        entries.append(("series", series, float("nan"), differences.to_numpy().mean(axis=1)))
    return [
        {
            "outcome": outcome,
            "outcome_family": outcome_family,
            "level": level,
            "condition": condition,
            "series": series,
            "family": meta.at[conditions[0], "family"],
            "dose": float(np.asarray(dose, dtype=float)),
            **asdict(paired_effect(values)),
        }
        for level, condition, dose, values in entries
    ]
