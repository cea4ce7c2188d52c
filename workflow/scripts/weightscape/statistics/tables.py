"""Joining the tables of many jobs to one: same types, sorted by keys, no run twice."""

from collections.abc import Sequence

import pandas as pd

KEYS = {
    "runs": ["condition", "seed"],
    "evaluation": ["condition", "seed", "set", "calibration"],
    "diversity": ["condition", "seed", "space", "class_name"],
    "spectra": ["condition", "seed", "of", "depth", "layer"],
}
"""What names a row of each table."""


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
