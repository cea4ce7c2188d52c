"""One value per outcome, condition and seed: what the seed points of the figures show."""

import pandas as pd

from weightscape.statistics.constants import BASELINE
from weightscape.statistics.outcomes import beside_baseline, diversity_outcomes, evaluation_outcomes, spectra_outcomes
from weightscape.statistics.plan import Plan


def run_values(spectra: pd.DataFrame, evaluation: pd.DataFrame, diversity: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return the values behind the effects table: columns outcome, condition, seed, value, baseline.

    Parameters
    ----------
    spectra, evaluation, diversity
        The study's tables.
    plan
        Names the metrics of the feature families.
    """
    tables = [
        spectra_outcomes(spectra, plan),
        evaluation_outcomes(evaluation),
        diversity_outcomes(diversity),
    ]
    paired = beside_baseline(pd.concat(tables, ignore_index=True))
    return paired[["outcome", "condition", "seed", "value", "baseline"]]


def paired_differences(values: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Return the differences from the baseline of the same seed for one outcome: seeds × conditions."""
    rows = values[values["outcome"] == outcome]
    rows = rows.assign(difference=rows["value"].astype(float) - rows["baseline"].astype(float))
    return rows.pivot(index="seed", columns="condition", values="difference").drop(columns=BASELINE)
