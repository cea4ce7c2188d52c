"""Metrics of layers, run by run, and their means over layers: always the same layers in all runs that are compared."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from weightscape.spectra.columns import used_as
from weightscape.statistics.constants import BASELINE, LAYER_GROUPS

ROUNDING = 256 * float(np.finfo(np.float32).eps)
"""Share of the largest singular value of a change that is rounding: weights are float32, and the rounding of each
training step adds to that of the steps before."""


@dataclass(frozen=True)
class LayerMetrics:
    """Metrics of the pre-trained layers in every run.

    Attributes
    ----------
    values
        Per metric a table with the index (condition, seed) and a column per layer, sorted. NaN where the metric does
        not exist or comes from a fit that is not valid.
    group_of
        The group of each layer.
    unreached
        Layers without values, since the baseline's training does not reach all of them (`unreached_layers`).
    frozen
        Conditions whose training leaves other layers as they are (`frozen_conditions`): they lack values, and do not
        decide which layers the others are compared by.
    """

    values: dict[str, pd.DataFrame]
    group_of: pd.Series
    unreached: tuple[str, ...]
    frozen: tuple[str, ...] = ()

    @property
    def groups(self) -> list[str]:
        """The groups that have a layer, in the order of `LAYER_GROUPS`."""
        return [group for group in LAYER_GROUPS if (self.group_of == group).any()]


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


def layer_metrics(spectra: pd.DataFrame, metrics: Iterable[str], of: str = "after") -> LayerMetrics:
    """Return metrics of the pre-trained layers of each run; the head, which starts from a random draw, is left out.

    Parameters
    ----------
    spectra
        The rows of the runs to compare from the spectra table: columns condition, seed, of, layer, group and metrics.
    metrics
        Names of columns of `spectra`. Metrics of the power-law fit count only where it is valid (``alpha_valid``): a
        fit to three eigenvalues would rule the mean of its group.
    of
        Which weights: "after" (fine-tuned) or "delta" (change by fine-tuning).

    Raises
    ------
    ValueError
        If a run has two rows for a layer, or a metric is no column.

    Notes
    -----
    The change of a layer has no values in any run if the baseline's training does not reach all of the layer
    (`unreached_layers`).
    """
    metrics = list(metrics)
    absent = [metric for metric in metrics if metric not in spectra]
    if absent:
        raise ValueError(f"the spectra table has no column {', '.join(absent)}")
    rows = spectra[(spectra["of"] == of) & spectra["group"].isin(LAYER_GROUPS)]
    if rows.duplicated(["condition", "seed", "layer"]).any():
        raise ValueError("the spectra table has two rows for one layer of a run")

    def wide(column: str) -> pd.DataFrame:
        table = rows.pivot(index=["condition", "seed"], columns="layer", values=column)
        return table[sorted(table.columns)]

    unreached = unreached_layers(rows) if of == "delta" else []
    trusted = wide("alpha_valid").eq(True) if "alpha_valid" in rows and {*metrics} & {*used_as("fit")} else None
    values = {}
    for metric in metrics:
        table = wide(metric).astype(float)
        table[unreached] = np.nan
        values[metric] = table.where(trusted) if trusted is not None and metric in used_as("fit") else table
    frozen = frozen_conditions(rows) if of == "delta" else []
    groups = rows.drop_duplicates("layer").set_index("layer")["group"]
    return LayerMetrics(values, groups, tuple(unreached), tuple(frozen))


def unreached_layers(changes: pd.DataFrame) -> list[str]:
    """Return the layers whose change by the baseline's training has not full rank in every run.

    Some of their weights get no gradient, or no gradient of their own: kernels that are larger than their images, whose
    outer taps see padding only, and a first layer whose three colours are one in grey images. There weight decay or
    noise acts alone, however weak, and a change of rank 1 becomes one of full rank: as a feature that would stand for
    the kernel's size and not for what they do to training.

    Parameters
    ----------
    changes
        Rows of the spectra table about ΔW. Without the columns sv_min and sv_max nothing is known, and no layer is
        returned.

    Notes
    -----
    A change has not full rank if its smallest singular value is at most `ROUNDING` times its largest one, or if there
    is none, of a layer that no run of the study trains.
    """
    if not {"sv_min", "sv_max"} <= set(changes):
        return []
    deficient = (changes["condition"] == BASELINE) & ~(changes["sv_min"] > ROUNDING * changes["sv_max"])
    return sorted(changes.loc[deficient, "layer"].unique())


def frozen_conditions(changes: pd.DataFrame) -> list[str]:
    """Return the conditions that leave layers as they are which the baseline's training changes.

    Parameters
    ----------
    changes
        Rows of the spectra table about ΔW. Without the column sv_max nothing is known, and no condition is returned.
    """
    if "sv_max" not in changes:
        return []
    unchanged = ~(changes["sv_max"] > 0) & ~changes["layer"].isin(unreached_layers(changes))
    return sorted(changes.loc[unchanged, "condition"].unique())


def layer_means(
    spectra: pd.DataFrame, metrics: Iterable[str], of: str = "after", per_group: bool = True, overall: bool = True
) -> LayerMeans:
    """Average metrics over the pre-trained layers of each run.

    Parameters
    ----------
    spectra, metrics, of
        As for `layer_metrics`.
    per_group, overall
        Whether to average within each of `LAYER_GROUPS`, and over all of them.

    Returns
    -------
    LayerMeans
        A layer counts only if the metric is finite in every run of `spectra`: otherwise the runs would compare
        different layers. Conditions with frozen layers do not decide that; a mean over layers of which one is frozen
        is NaN.

    Raises
    ------
    ValueError
        As `layer_metrics`.
    """
    layers = layer_metrics(spectra, metrics, of)
    groups = layers.groups if per_group else []
    columns: dict[str, pd.Series] = {}
    used: dict[str, int] = {}
    total: dict[str, int] = {}
    for metric, wide in layers.values.items():
        whole = np.isfinite(wide.to_numpy())
        valid = whole[~wide.index.get_level_values("condition").isin(layers.frozen)].all(axis=0)
        groups_of_layers = layers.group_of.reindex(wide.columns).to_numpy()
        for group in groups + [None] * overall:
            name = metric if group is None else f"{group}/{metric}"
            members = np.ones(len(valid), dtype=bool) if group is None else groups_of_layers == group
            counted = members & valid
            columns[name] = wide.loc[:, counted].mean(axis=1).where(whole[:, counted].all(axis=1))
            used[name], total[name] = int((members & valid).sum()), int(members.sum())
    return LayerMeans(pd.DataFrame(columns), used, total)
