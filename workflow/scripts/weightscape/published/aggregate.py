"""The aggregation of Ba, Mancenido & Pan (arXiv 2410.14602): one number for each family of conditions and metric.

As in the notebooks ``all_plot_*.ipynb`` of their repository: the change of each layer by training, less the baseline's,
as a mean over the conditions of a family and then over layers.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from weightscape.published.folder import BASELINE, Tables

METRICS = ("alpha", "entropy", "log_norm", "log_spectral_norm")
LAYER = "longname"


def changes(tables: Tables) -> pd.DataFrame:
    """Return the change of each layer, after − before.

    Layers are matched by their place in the tables. A layer in which all of `METRICS` are the same before and after is
    one that was not trained, and is left out.

    Returns
    -------
    pandas.DataFrame
        The columns `METRICS`, indexed by the layer's name.

    Raises
    ------
    ValueError
        If a column is missing, or the two tables have different layers.
    """
    before, after = (_read(path) for path in tables)
    names = before[LAYER].tolist()
    if names != after[LAYER].tolist():
        raise ValueError(f"{tables.before} and {tables.after} have different layers")
    change = pd.DataFrame(after[[*METRICS]].to_numpy() - before[[*METRICS]].to_numpy(), index=names, columns=[*METRICS])
    return change[(change != 0).any(axis=1)]


def relative_changes(conditions: Mapping[str, Tables]) -> dict[str, pd.DataFrame]:
    """Return the change of each condition less that of the baseline, layer by layer, for all but the baseline.

    A layer that only one of the two has is missing (NaN).

    Raises
    ------
    ValueError
        If there is no baseline, besides those of `changes`.
    """
    if BASELINE not in conditions:
        raise ValueError(f"no baseline: a condition called {BASELINE!r} is wanted, found {', '.join(conditions)}")
    baseline = changes(conditions[BASELINE])
    return {name: changes(tables) - baseline for name, tables in conditions.items() if name != BASELINE}


def family_table(conditions: Mapping[str, Tables], families: Mapping[str, str]) -> pd.DataFrame:
    """Return the authors' numbers of each family.

    Parameters
    ----------
    conditions
        The tables of each condition, the baseline's among them.
    families
        The family of each condition but the baseline.

    Returns
    -------
    pandas.DataFrame
        ``family``, then `METRICS`: the mean over the family's conditions, then over layers. A row per family, in the
        order in which `families` names them.
    """
    relative = relative_changes(conditions)
    rows = []
    for family in dict.fromkeys(families.values()):
        members = [relative[name] for name in relative if families[name] == family]
        layers = pd.concat(members).groupby(level=0).mean()
        rows.append({"family": family, **layers.mean().to_dict()})
    return pd.DataFrame(rows, columns=["family", *METRICS])


def _read(path: Path) -> pd.DataFrame:
    table = pd.read_csv(path)
    absent = [column for column in (LAYER, *METRICS) if column not in table]
    if absent:
        raise ValueError(f"{path}: no column {', '.join(absent)}; not a table of WeightWatcher's details")
    return table.astype(dict.fromkeys(METRICS, np.float64))
