"""Which conditions belong to which series, from the runs table."""

from collections.abc import Container, Iterable

import pandas as pd

from weightscape.statistics.constants import BASELINE


def conditions_of_series(runs: pd.DataFrame) -> dict[str, list[str]]:
    """Return the conditions of every series but the baseline's, series by name and doses in increasing order.

    Parameters
    ----------
    runs
        Table with the columns condition, series and dose.
    """
    table = runs[runs["condition"] != BASELINE].drop_duplicates("condition")
    table = table.sort_values(["series", "dose", "condition"])
    return {str(series): list(group["condition"]) for series, group in table.groupby("series", sort=True)}


def absent_series(wanted: Iterable[str], series: Container[str]) -> list[str]:
    """Return the names that the study has no run of."""
    return [name for name in wanted if name not in series]
