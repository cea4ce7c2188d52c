"""The effects table: every outcome of every condition and series against the baseline, and interactions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from weightscape.statistics.constants import BASELINE
from weightscape.statistics.multiplicity import holm, westfall_young
from weightscape.statistics.outcomes import beside_baseline
from weightscape.statistics.paired import CONSTANT, paired_effects
from weightscape.statistics.series import conditions_of_series

COLUMNS = [
    "outcome", "outcome_family", "level", "condition", "series", "family", "dose", "n_seeds", "mean", "low", "high",
    "low_bca", "high_bca", "d_z", "pvalue", "pvalue_holm", "pvalue_westfall_young",
]  # fmt: skip


@dataclass(frozen=True)
class _Row:
    """One row of the table before its differences are summarised."""

    outcome: str
    outcome_family: str
    level: str
    condition: str
    series: str
    family: str
    dose: float
    differences: np.ndarray


def effects_table(
    runs: pd.DataFrame, outcomes: pd.DataFrame, combinations: Mapping[str, Sequence[str]] | None = None
) -> pd.DataFrame:
    """Return the paired effect of each condition and series on each outcome.

    Parameters
    ----------
    runs
        Runs table: condition, series, family, dose.
    outcomes
        Long table, see `weightscape.statistics.outcomes`.
    combinations
        Of each condition that combines others, the conditions that it is made of.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`, sorted by outcome, level, series, dose. Levels:

        * "condition": one dose against the baseline.
        * "series": within each seed the mean over the doses; `condition` is the series, `dose` is NaN.
        * "slope": within each seed the least-squares slope on the dose, for series of two doses or more.
        * "interaction": of a combination, within each seed, its effect less the sum of the effects of its parts. Of two
          parts this is the difference of differences (both − first − second + baseline), the interaction of a 2 × 2
          design; of more, all that is not additive.

        `pvalue_holm` is adjusted over the rows of one outcome and level: all that could have moved this outcome.
        `pvalue_westfall_young` is adjusted over all outcomes of the outcome family too.
    """
    rows = list(_rows(runs, outcomes, combinations or {}))
    finite = [np.isfinite(row.differences) for row in rows]
    summaries: list[dict[str, float]] = [{} for _ in rows]
    for mask in sorted({tuple(seeds.tolist()) for seeds in finite}):
        members = [i for i, seeds in enumerate(finite) if tuple(seeds.tolist()) == mask]
        differences = np.column_stack([rows[i].differences[list(mask)] for i in members])
        for i, effect in zip(members, paired_effects(differences), strict=True):
            summaries[i] = asdict(effect)
    keys = [{name: value for name, value in vars(row).items() if name != "differences"} for row in rows]
    table = pd.DataFrame([key | summary for key, summary in zip(keys, summaries, strict=True)])
    table["pvalue_holm"] = table.groupby(["outcome", "level"])["pvalue"].transform(lambda p: holm(p.to_numpy()))
    table["pvalue_westfall_young"] = float("nan")
    for _, group in table.groupby(["outcome_family", "level"], sort=True):
        whole = [i for i in group.index if finite[i].all() and len(finite[i]) > 1]
        if whole:
            differences = np.column_stack([rows[i].differences for i in whole])
            table.loc[whole, "pvalue_westfall_young"] = westfall_young(differences)
    table = table.sort_values(["outcome", "level", "series", "dose", "condition"], na_position="first")
    return table[COLUMNS].reset_index(drop=True)


def interaction(baseline: np.ndarray, both: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """Return what a combination does beyond the sum of what its parts do, per seed.

    Parameters
    ----------
    baseline, both : shape (S,)
        An outcome of the baseline and of the combination.
    parts : shape (k, S)
        The outcome of each part.

    Returns
    -------
    shape (S,)
        both − Σ parts + (k − 1) baseline; 0 where that is rounding.

    Examples
    --------
    >>> interaction(np.array([1.0]), np.array([6.0]), np.array([[2.0], [4.0]])).tolist()
    [1.0]
    """
    beyond = both - parts.sum(axis=0) + (len(parts) - 1) * baseline
    size = np.abs([baseline, both, *parts]).max(axis=0)
    return np.where(np.abs(beyond) <= CONSTANT * size, 0.0, beyond)


def _rows(runs: pd.DataFrame, outcomes: pd.DataFrame, combinations: Mapping[str, Sequence[str]]) -> Iterator[_Row]:
    """Yield the rows of every outcome and series, with the differences of all seeds (NaN where there is none)."""
    series = conditions_of_series(runs)
    meta = runs.drop_duplicates("condition").set_index("condition")
    family_of, dose_of = meta["family"].to_dict(), meta["dose"].astype(float).to_dict()
    paired = beside_baseline(outcomes)
    paired["difference"] = paired["value"] - paired["baseline"]
    wide = paired.pivot(index=["outcome", "outcome_family", "condition"], columns="seed", values="difference")
    places: dict[tuple[str, str], dict[str, int]] = {}
    for place, (outcome, outcome_family, condition) in enumerate(wide.index):
        places.setdefault((outcome, outcome_family), {})[condition] = place
    differences = wide.to_numpy(dtype=float)
    for (outcome, outcome_family), place_of in sorted(places.items()):
        for name, conditions in series.items():
            there = [condition for condition in conditions if condition in place_of]
            doses = np.array([dose_of[condition] for condition in there])
            array = differences[[place_of[condition] for condition in there]].T
            for level, condition, dose, column in _levels(name, there, doses, array, len(there) == len(conditions)):
                family = str(family_of[conditions[0]])
                yield _Row(outcome, outcome_family, level, condition, name, family, dose, column)
    for name, parts in combinations.items():
        for outcome, outcome_family, column in _interactions(outcomes, name, parts):
            own_series, family = str(meta["series"][name]), str(family_of[name])
            yield _Row(outcome, outcome_family, "interaction", name, own_series, family, float("nan"), column)


def _interactions(outcomes: pd.DataFrame, name: str, parts: Sequence[str]) -> Iterator[tuple[str, str, np.ndarray]]:
    """Yield outcome, its family and the interaction per seed; all values are on the sets of the combination's own.

    An outcome that was not measured of a part has none.
    """
    keys = ["outcome", "outcome_family", "left_out"]
    own = outcomes.loc[(outcomes["condition"] == name) & outcomes["own"], keys].drop_duplicates()
    members = [BASELINE, name, *parts]
    rows = outcomes[outcomes["condition"].isin(members)].merge(own, on=keys)
    wide = rows.pivot(index=["outcome", "outcome_family"], columns=["condition", "seed"], values="value")
    seeds = sorted(outcomes["seed"].unique())
    values = [wide.reindex(columns=[(member, seed) for seed in seeds]).to_numpy(dtype=float) for member in members]
    for place, (outcome, outcome_family) in enumerate(wide.index):
        baseline, both, *single = (value[place] for value in values)
        if np.isnan([baseline, both, *single]).all(axis=1).any():
            continue
        yield outcome, outcome_family, interaction(baseline, both, np.array(single))


def _levels(
    series: str, conditions: Sequence[str], doses: np.ndarray, differences: np.ndarray, complete: bool
) -> Iterator[tuple[str, str, float, np.ndarray]]:
    """Yield level, condition, dose and differences of each row of one outcome and series."""
    for condition, dose, column in zip(conditions, doses, differences.T, strict=True):
        yield "condition", condition, float(dose), column
    if complete:
        yield "series", series, float("nan"), differences.mean(axis=1)
        if len(set(doses)) > 1:
            centred = doses - doses.mean()
            yield "slope", series, float("nan"), differences @ centred / (centred @ centred)
