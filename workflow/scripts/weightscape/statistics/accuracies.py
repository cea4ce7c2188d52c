"""Accuracies on scales where a difference means the same at any level, seeds × conditions."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.special import ndtri

from weightscape.statistics.facts import Case, NotInStudyError

Transform = Callable[[np.ndarray, np.ndarray], np.ndarray]


def count_logit(accuracy: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Return log((k + ½)/(n − k + ½)) of k = accuracy · n right answers: finite at 0 and 1 (Haldane 1956)."""
    right = np.rint(accuracy * n)
    return np.log((right + 0.5) / (n - right + 0.5))


def count_probit(accuracy: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Return Φ⁻¹((k + ½)/(n + 1)) of k = accuracy · n right answers: finite at 0 and 1."""
    return ndtri((np.rint(accuracy * n) + 0.5) / (n + 1))


def accuracies(evaluation: pd.DataFrame, kind: str, transform: Transform | None = None) -> pd.DataFrame:
    """Return the accuracy of every run on a kind of sets, transformed and then averaged over the sets.

    Parameters
    ----------
    evaluation
        Evaluation table.
    kind
        "validation", "test", "ood" or "corruption".
    transform
        `count_logit`, `count_probit`, or None for the accuracy itself.

    Returns
    -------
    pandas.DataFrame
        Index seed, one column per condition.

    Raises
    ------
    NotInStudyError
        If the study has no set of this kind.
    """
    rows = evaluation[(evaluation["calibration"] == "raw") & (evaluation["kind"] == kind)]
    if rows.empty:
        raise NotInStudyError(Case(f"no {kind} set"))
    values = rows["accuracy"].to_numpy(dtype=float)
    if transform is not None:
        values = transform(values, rows["n"].to_numpy(dtype=float))
    return rows.assign(value=values).groupby(["seed", "condition"], sort=True)["value"].mean().unstack("condition")
