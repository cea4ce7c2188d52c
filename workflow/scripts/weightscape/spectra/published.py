"""Tables that WeightWatcher wrote, in the form of ours, so that published spectra can be used in place of weights."""

from pathlib import Path

import numpy as np
import pandas as pd

from weightscape.spectra.columns import IDENTITY, SPECTRUM

REQUIRED = ("longname", "alpha", "D", "xmin", "norm", "spectral_norm", "stable_rank", "entropy")
FAILED = "failed"


def read_weightwatcher(path: str | Path) -> pd.DataFrame:
    """Read the ``details`` of a WeightWatcher run from a CSV file.

    Its numbers are taken as they are, but −1, which stands for a failed fit, becomes missing, with the reason in
    ``status``. Its entropy has an ε in it and goes to ``entropy_ww``; WeightWatcher on a GPU used a larger one (6e-5),
    which inflates it, so it must not be compared with an entropy from weights.

    Parameters
    ----------
    path
        CSV file with the columns of WeightWatcher's ``details``.

    Returns
    -------
    pandas.DataFrame
        The columns of `weightscape.spectra.analyze` that the file has, with their types.

    Raises
    ------
    ValueError
        If columns are missing that every WeightWatcher table has.
    """
    table = pd.read_csv(path)
    absent = [column for column in REQUIRED if column not in table]
    if absent:
        raise ValueError(f"{path}: no column {', '.join(absent)}; not a table of WeightWatcher's details")
    table = table.rename(columns={"entropy": "entropy_ww"})
    table["status"] = table["status"].fillna("") if "status" in table else ""
    fits = {
        "power law": ("alpha", "D", "sigma", "xmin", "num_pl_spikes", "alpha_weighted", "log_alpha_norm"),
        "MP fit": ("num_spikes", "sigma_mp", "mp_softrank", "bulk_min", "bulk_max", "W_scale"),
    }
    for fit, columns in fits.items():
        key = columns[0]
        if key in table:
            failed = table[key] == -1
            present = [column for column in columns if column in table]
            table[present] = table[present].astype(float).mask(failed, np.nan)
            table.loc[failed, "status"] = f"{fit}: {FAILED}"
    known = [column for column in (*IDENTITY, *SPECTRUM) if column.name in table]
    types = {"text": "str", "flag": "bool", "count": "Int64", "number": "float64"}
    for column in known:
        if column.kind == "text":
            table[column.name] = table[column.name].astype(object).fillna("")
    return table[[column.name for column in known]].astype({column.name: types[column.kind] for column in known})
