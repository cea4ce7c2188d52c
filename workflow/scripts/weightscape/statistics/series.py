"""Which conditions belong to which series, and series' means over their doses."""

from collections.abc import Iterator, Sequence

import pandas as pd

from weightscape.statistics.constants import BASELINE
from weightscape.statistics.facts import Case, NotInStudyError

Series = dict[str, list[str]]
"""Conditions of each series."""


def conditions_of_series(runs: pd.DataFrame) -> Series:
    """Return the conditions of every series but the baseline's, series by name and doses in increasing order.

    Parameters
    ----------
    runs
        Table with the columns condition, series and dose.
    """
    table = runs[runs["condition"] != BASELINE].drop_duplicates("condition")
    table = table.sort_values(["series", "dose", "condition"])
    return {str(series): list(group["condition"]) for series, group in table.groupby("series", sort=True)}


def require_series(roles: Sequence[Sequence[str]], series: Series, conditions: set[str]) -> list[str]:
    """Return the series of all roles of a claim, each once.

    Parameters
    ----------
    roles
        Per role, such as "augmentation", the names of its series.
    series
        The study's series.
    conditions
        The conditions for which there are data.

    Raises
    ------
    NotInStudyError
        If a role has no series, or a series is not there or lacks a condition.
    """
    wanted = list(dict.fromkeys(name for names in roles for name in names))
    absent = sorted(name for name in wanted if name not in series or not set(series[name]) <= conditions)
    if absent:
        raise NotInStudyError(Case("no complete runs", tuple(absent)))
    if not all(roles):
        raise NotInStudyError(Case("no series planned"))
    return wanted


def series_means(values: pd.DataFrame, roles: Sequence[Sequence[str]], series: Series) -> pd.DataFrame:
    """Return the means of series over their doses, seeds × series, for the seeds that all have.

    Parameters
    ----------
    values
        Seeds × conditions.
    roles, series
        As in `require_series`.

    Raises
    ------
    NotInStudyError
        As `require_series`, or if no seed has all series.
    """
    wanted = require_series(roles, series, set(values.columns))
    means = pd.DataFrame({name: values[series[name]].mean(axis=1, skipna=False) for name in wanted}).dropna()
    if means.empty:
        raise NotInStudyError(Case("no common seed"))
    return means


def without_each_dose(series: Series, names: Sequence[str]) -> Iterator[tuple[str, Series]]:
    """Yield each condition of the named series that have several, and the series without it."""
    for name in dict.fromkeys(names):
        if len(series[name]) > 1:
            for condition in series[name]:
                yield condition, series | {name: [other for other in series[name] if other != condition]}
