"""Means over layers along training, always over the same layers: at every point of every run."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from weightscape.spectra.columns import used_as
from weightscape.statistics.constants import LAYER_GROUPS
from weightscape.statistics.layers import frozen_conditions, unreached_layers


@dataclass(frozen=True)
class AlongTraining:
    """The mean of a metric over layers, along every run.

    Attributes
    ----------
    values
        Columns condition, seed, step, value, sorted. The value is NaN if no layer counts.
    used, total
        Number of layers that count, and of layers.
    """

    values: pd.DataFrame
    used: int
    total: int


def mean_along_training(trajectory: pd.DataFrame, metric: str, of: str) -> AlongTraining:
    """Return the mean of a metric over the layers in which it exists at every point of every run.

    Conditions with frozen layers do not decide that; their own mean of ΔW is NaN.

    Parameters
    ----------
    trajectory
        The table of that name; the replicates of the baseline are one.
    metric
        One of its metrics. Those of the power-law fit count only where the fit is valid.
    of
        ``"after"``: the metric of W, less that of the same run before its first step. ``"delta"``: that of ΔW, in the
        layers that the baseline's training has reached at its end (`weightscape.statistics.layers.unreached_layers`).
    """
    rows = trajectory[(trajectory["of"] == of) & trajectory["group"].isin(LAYER_GROUPS)]
    wide = rows.pivot(index=["condition", "seed", "step"], columns="layer", values=metric).astype(float)
    if metric in used_as("fit"):
        valid = rows.pivot(index=["condition", "seed", "step"], columns="layer", values="alpha_valid")
        wide = wide.where(valid == 1)
    frozen: list[str] = []
    if of == "delta":
        last = rows[rows["step"] == rows.groupby(["condition", "seed"])["step"].transform("max")]
        wide[unreached_layers(last)] = np.nan
        frozen = frozen_conditions(last)
    deciding = wide[~wide.index.get_level_values("condition").isin(frozen)]
    counted = wide.loc[:, np.isfinite(deciding).all()]
    means = counted.mean(axis=1, skipna=False)
    if of == "after":
        means -= means.groupby(["condition", "seed"]).transform("first")
    return AlongTraining(means.rename("value").reset_index(), counted.shape[1], wide.shape[1])
