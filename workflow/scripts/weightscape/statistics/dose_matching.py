"""Doses at which different series move the weights equally far, from a pilot with a ladder of doses of each.

The length of an effect is that of claim 1: √⟨A, A⟩, cross-validated over seeds, on the metrics of one feature family.
Between two doses of the ladder log length is a line in log dose, made monotone by isotonic regression; nothing is read
off beyond the ladder.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import isotonic_regression

from weightscape.statistics.constants import BASELINE
from weightscape.statistics.features import Fingerprints
from weightscape.statistics.presence import presence
from weightscape.statistics.series import Series

MATCHED, WEAKER, STRONGER, NONE = "matched", "weaker", "stronger", "no usable dose"
"""Outcomes: at the common length; below or above it at its nearest usable dose; not in the ladder at all."""

RULE = (
    "the longest length that every series reaches at a usable dose, or where there is none the length nearest to it "
    "that dropout and weight decay reach; usable doses act and lower validation accuracy by at most {share:.0%}"
)
"""How the common length is chosen, for the registered plan."""


@dataclass(frozen=True)
class DoseMatch:
    """Doses of like length.

    Attributes
    ----------
    target
        The common length, in between-seed SDs.
    doses
        Per series a row: `series`, `dose` (NaN if no dose is usable), `length` (interpolated), `outcome`.
    """

    target: float
    doses: pd.DataFrame


def dose_lengths(prints: Fingerprints, runs: pd.DataFrame, series: Series, share: float) -> pd.DataFrame:
    """Return how far each dose of a ladder moves the weights, and what it does to the accuracy.

    Parameters
    ----------
    prints
        Fingerprints of all runs of the pilot, three seeds or more.
    runs
        Its runs table, the baseline's replicates averaged.
    series
        The conditions of each series.
    share
        The share of the baseline's validation accuracy that a dose may cost.

    Returns
    -------
    pandas.DataFrame
        series, dose, `length` with `low` and `high`, `acts`, `accuracy` (mean final validation accuracy) and `usable`:
        the dose acts, and neither it nor a lower one of its series costs more accuracy than allowed.
    """
    accuracy = runs.groupby("condition")["final_validation_accuracy"].mean()
    dose_of = runs.drop_duplicates("condition").set_index("condition")["dose"]
    rows = []
    for name, conditions in series.items():
        wrecked = False
        for condition in conditions:
            found = presence(prints.effects[condition])
            wrecked = wrecked or bool(accuracy[condition] < (1 - share) * accuracy[BASELINE])
            rows.append(
                {
                    "series": name,
                    "dose": float(dose_of[condition]),
                    "length": found.length.value,
                    "low": found.length.low,
                    "high": found.length.high,
                    "acts": found.acts,
                    "accuracy": float(accuracy[condition]),
                    "usable": found.acts and not wrecked,
                }
            )
    return pd.DataFrame(rows)


def match_doses(lengths: pd.DataFrame, references: Collection[str]) -> DoseMatch:
    """Return the doses at which all series come nearest to a common length.

    Parameters
    ----------
    lengths
        Of `dose_lengths`.
    references
        The series of dropout and of weight decay, which must have one length in common.

    Raises
    ------
    ValueError
        If one of the references has no usable dose, or they reach no common length.
    """
    curves = {str(name): _curve(rows[rows["usable"]]) for name, rows in lengths.groupby("series", sort=False)}
    if absent := [name for name in references if not len(curves[name][0])]:
        raise ValueError(f"no dose of {absent[0]} acts without costing too much accuracy: try other doses")
    ends = {name: (float(np.exp(length[0])), float(np.exp(length[-1]))) for name, (_, length) in curves.items()
            if len(length)}  # fmt: skip
    lowest, highest = max(ends[name][0] for name in references), min(ends[name][1] for name in references)
    if lowest > highest:
        spans = ", ".join(f"{name} {ends[name][0]:.3g} to {ends[name][1]:.3g}" for name in references)
        raise ValueError(f"no length is reached by all of them ({spans}): try other doses")
    target = float(np.clip(min(high for _, high in ends.values()), lowest, highest))
    rows = [{"series": name, **_at(curve, target)} for name, curve in curves.items()]
    return DoseMatch(target, pd.DataFrame(rows))


Curve = tuple[np.ndarray, np.ndarray]
"""Log doses and the log lengths there, both increasing."""


def _curve(rows: pd.DataFrame) -> Curve:
    """Return log length as an increasing function of log dose; of doses with equal lengths the lowest is kept."""
    rows = rows.sort_values("dose")
    doses, lengths = (np.log(rows[column].to_numpy(dtype=float)) for column in ("dose", "length"))
    if not len(rows):
        return doses, lengths
    lengths, first = np.unique(isotonic_regression(lengths).x, return_index=True)
    return doses[first], lengths


def _at(curve: Curve, target: float) -> dict[str, object]:
    """Return the dose at a length, or the nearest one that the ladder has."""
    doses, lengths = curve
    if not len(doses):
        return {"dose": float("nan"), "length": float("nan"), "outcome": NONE}
    wanted = float(np.clip(np.log(target), lengths[0], lengths[-1]))
    outcome = MATCHED
    if not np.isclose(wanted, np.log(target)):
        outcome = WEAKER if wanted < np.log(target) else STRONGER
    return {
        "dose": float(np.exp(np.interp(wanted, lengths, doses))),
        "length": float(np.exp(wanted)),
        "outcome": outcome,
    }
