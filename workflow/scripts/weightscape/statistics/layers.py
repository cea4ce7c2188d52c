"""Means of a metric over layers, always over the same layers in every run that is compared."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from weightscape.spectra.columns import used_as
from weightscape.statistics.constants import LAYER_GROUPS


@dataclass(frozen=True)
class LayerMeans:
    """Means over layers, per run.

    Attributes
    ----------
    values
        Index (condition, seed), one column per name ``group/metric``, or ``metric`` for all groups together. A column
        without a layer that is valid in every run is NaN throughout.
    used, total
        Number of layers behind each column, and of layers that the group has.
    """

    values: pd.DataFrame
    used: dict[str, int]
    total: dict[str, int]


def layer_means(
    spectra: pd.DataFrame, metrics: Iterable[str], of: str = "after", per_group: bool = True, overall: bool = True
) -> LayerMeans:
    """Average metrics over the pre-trained layers of each run.

    Parameters
    ----------
    spectra
        The rows of the runs to compare from the spectra table: columns condition, seed, of, layer, group and metrics.
    metrics
        Names of columns of `spectra`.
    of
        Which weights: "after" (fine-tuned) or "delta" (change by fine-tuning).
    per_group, overall
        Whether to average within each of `LAYER_GROUPS`, and over all of them.

    Returns
    -------
    LayerMeans
        A layer counts only if the metric is finite in every run of `spectra`, and a metric of the power-law fit only if
        the fit is valid in every run (``alpha_valid``): otherwise the runs would compare different layers, or a fit to
        three eigenvalues would rule the mean of its group. The head is left out, since it starts from a random draw.

    Raises
    ------
    ValueError
        If a run has two rows for a layer, or a metric is no column.
    """
    metrics = list(metrics)
    absent = [metric for metric in metrics if metric not in spectra]
    if absent:
        raise ValueError(f"the spectra table has no column {', '.join(absent)}")
    rows = spectra[(spectra["of"] == of) & spectra["group"].isin(LAYER_GROUPS)]
    if rows.duplicated(["condition", "seed", "layer"]).any():
        raise ValueError("the spectra table has two rows for one layer of a run")
    group_of = rows.drop_duplicates("layer").set_index("layer")["group"]
    groups = [group for group in LAYER_GROUPS if (group_of == group).any()] if per_group else []
    columns: dict[str, pd.Series] = {}
    used: dict[str, int] = {}
    total: dict[str, int] = {}
    for metric in metrics:
        wide = rows.pivot(index=["condition", "seed"], columns="layer", values=metric).astype(float)
        wide = wide[sorted(wide.columns)]
        valid = np.isfinite(wide.to_numpy()).all(axis=0)
        if metric in used_as("fit") and "alpha_valid" in rows:
            trusted = rows.pivot(index=["condition", "seed"], columns="layer", values="alpha_valid")
            valid &= trusted[wide.columns].eq(True).to_numpy().all(axis=0)
        groups_of_layers = group_of.reindex(wide.columns).to_numpy()
        for group in groups + [None] * overall:
            name = metric if group is None else f"{group}/{metric}"
            members = np.ones(len(valid), dtype=bool) if group is None else groups_of_layers == group
            columns[name] = wide.loc[:, members & valid].mean(axis=1)
            used[name], total[name] = int((members & valid).sum()), int(members.sum())
    return LayerMeans(pd.DataFrame(columns), used, total)
