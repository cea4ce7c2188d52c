"""Joining the tables of many jobs to one: same types, sorted by keys, no run twice; replicates as one baseline."""

from collections.abc import Sequence

import pandas as pd

from weightscape.statistics.constants import BASELINE

KEYS = {
    "runs": ["condition", "seed"],
    "histories": ["condition", "seed", "epoch"],
    "evaluation": ["condition", "seed", "set", "calibration"],
    "class_accuracy": ["condition", "seed", "set", "class_name"],
    "detection": ["condition", "seed", "set", "score"],
    "diversity": ["condition", "seed", "space", "class_name"],
    "diversity_curve": ["condition", "seed", "space", "class_name", "n"],
    "spectra": ["condition", "seed", "of", "depth", "layer"],
    "trajectory": ["condition", "seed", "step", "of", "depth", "layer"],
}
"""What names a row of each table."""


def one_baseline(kind: str, table: pd.DataFrame) -> pd.DataFrame:
    """Return a table in which the baseline's replicates are one condition, `BASELINE`: the mean over them.

    All that compares conditions with the baseline reads its tables through this. A number is the mean over the
    replicates of a seed, missing where one of them lacks it; a text is that of the first.

    Parameters
    ----------
    kind
        A key of `KEYS`.
    table
        Table of runs with the columns condition and series.
    """
    replicated = table["series"] == BASELINE
    if table.loc[replicated, "condition"].nunique() < 2:
        return table
    keys = [key for key in KEYS[kind] if key != "condition"]
    replicates = table[replicated].sort_values("condition", key=lambda names: names.str.len(), kind="stable")
    groups = replicates.groupby(keys, sort=False, dropna=False)
    merged = groups.first()
    for column in replicates.select_dtypes("number").columns.difference(keys):
        mean = groups[column].mean().where(groups[column].count() == groups.size())
        whole = pd.api.types.is_integer_dtype(table[column]) and bool((mean == mean.round()).all())
        merged[column] = mean.astype(table[column].dtype) if whole else mean
    merged = merged.reset_index().assign(condition=BASELINE)[table.columns]
    return pd.concat([table[~replicated], merged]).sort_values(KEYS[kind], kind="stable", ignore_index=True)


def join_tables(kind: str, tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return all rows sorted by the keys of `kind`, the same whatever the order of `tables`.

    Parameters
    ----------
    kind
        A key of `KEYS`.
    tables
        Tables with the columns of the widest one, or fewer: the pre-trained weights' spectra have no columns of
        change. What a table lacks becomes missing. A row that is the same throughout may be in several tables and is
        kept once.

    Raises
    ------
    ValueError
        If there is no table, the columns differ, or two different rows have the same keys.
    """
    if not tables:
        raise ValueError(f"{kind}: there is no table to join")
    columns = list(max(tables, key=lambda table: len(table.columns)).columns)
    for table in tables:
        foreign = sorted(set(table.columns) - set(columns))
        if foreign:
            raise ValueError(f"{kind}: tables to join differ in columns: {', '.join(foreign)}")
    joined = pd.concat(tables, ignore_index=True)[columns].drop_duplicates()
    twice = joined[joined.duplicated(KEYS[kind])]
    if len(twice):
        row = ", ".join(f"{key} {twice.iloc[0][key]}" for key in KEYS[kind])
        raise ValueError(f"{kind}: {len(twice)} rows have the keys of another row, the first is {row}")
    return joined.sort_values(KEYS[kind], kind="stable", na_position="first").reset_index(drop=True)
