"""Pictures of all layers of a model by depth: of their spectra, and of their change."""

from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from weightscape.figures.style import WIDTH, finish, message_figure, themed
from weightscape.spectra.layer import OVER_TRAINED, UNDER_TRAINED

DENSE = "#7b6fd0"
GROUPED = "#d55e00"
BAND = "#a9b8cc"
OTHER = "#767d87"
KINDS = (("dense, conv", "o", DENSE), ("grouped, depthwise", "s", GROUPED))

ALPHA_TOP = 12.0
"""A larger α is drawn at this edge: it would press all others together."""

SPECTRA = {
    "alpha": "power-law α",
    "stable_rank": "stable rank",
    "entropy": "entropy",
    "robust_num_spikes": "spikes beyond the bulk",
}
CHANGE = {
    "relative_change": "relative change of W",
    "overlap_left_10": "overlap of 10 vectors",
    "intruders": "intruders of 10",
}
"""Columns of the pictures with their axis labels."""

COUNTS = ("robust_num_spikes", "intruders")
INTRUDERS = 10.0
"""Leading vectors of which the intruders are counted."""


def draw_overview(table: pd.DataFrame) -> Figure:
    """Draw α, stable rank, entropy and spikes of every layer against depth.

    Grouped and depthwise layers have a mark of their own, since their matrices are of another kind; an α not to rely on
    is hollow, and one above the axis is a triangle at its edge.

    Parameters
    ----------
    table
        What `weightscape.spectra.analyze` returned; columns that it doesn't have are left out.
    """
    return _by_depth(table, SPECTRA)


def draw_change(table: pd.DataFrame) -> Figure:
    """Draw how much every layer changed: its size, its leading directions, and how many of them are new."""
    return _by_depth(table, CHANGE)


def is_grouped(table: pd.DataFrame) -> np.ndarray:
    """Return which layers are grouped or depthwise."""
    return table["layer_type"].isin(["grouped", "depthwise"]).to_numpy(bool)


@themed
def _by_depth(table: pd.DataFrame, labels: dict[str, str]) -> Figure:
    shown = [column for column in labels if column in table and table[column].notna().any()]
    if not shown:
        return message_figure("No layer has any of these: " + ", ".join(labels.values()))
    size = (WIDTH, 1.7 * len(shown) + 0.7)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(len(shown), 1, sharex=True, squeeze=False)[:, 0]
    for column, ax in zip(shown, axes, strict=True):
        _panel(ax, table, column)
        ax.set_ylabel(labels[column])
    handles = _handles(table, shown)
    figure.legend(handles=handles, loc="outside upper left", ncols=len(handles), columnspacing=1.6)
    axes[-1].set_xlim(-0.6, max(len(table) - 0.4, 1.6))
    axes[-1].xaxis.set_major_locator(MaxNLocator(12, integer=True))
    axes[-1].set_xlabel("layer, in the order of the checkpoint")
    finish(axes)
    return figure


def _panel(ax: Axes, table: pd.DataFrame, column: str) -> None:
    """Draw one column against depth, a line for each kind of layers."""
    depth = table["layer_id"].to_numpy(float)
    values = table[column].to_numpy(float, na_value=np.nan)
    hollow = _flagged(table) if column == "alpha" else np.zeros(len(table), bool)
    beyond = values > ALPHA_TOP if column == "alpha" else np.zeros(len(table), bool)
    values = np.where(beyond, ALPHA_TOP, values)
    for kind, (_, mark, color) in zip((~is_grouped(table), is_grouped(table)), KINDS, strict=True):
        kind = kind & np.isfinite(values)
        ax.plot(depth[kind], values[kind], color=color, linewidth=0.6, alpha=0.5)
        for chosen, marker in ((kind & ~beyond, mark), (kind & beyond, "^")):
            for part, fill in ((chosen & ~hollow, "full"), (chosen & hollow, "none")):
                ax.plot(depth[part], values[part], marker, color=color, markersize=4.5, fillstyle=fill)
    if column == "alpha":
        ax.axhspan(OVER_TRAINED, UNDER_TRAINED, color=BAND, alpha=0.25, linewidth=0)
        ax.set_ylim(1, max(UNDER_TRAINED, float(np.nanmax(values))) + 0.5)
    elif column in COUNTS:
        highest = INTRUDERS if column == "intruders" else max(float(np.nanmax(values)), 1.0)
        ax.set_ylim(-0.06 * highest, 1.08 * highest)
        ax.yaxis.set_major_locator(MaxNLocator(5, integer=True, steps=[1, 2, 5, 10]))
    elif column.startswith("overlap"):
        ax.set_ylim(-0.05, 1.05)


def _flagged(table: pd.DataFrame) -> np.ndarray:
    return ~table["alpha_valid"].to_numpy(bool)


def _handles(table: pd.DataFrame, shown: list[str]) -> list[Artist]:
    """Return the entries of the legend: what is in the picture, and nothing else."""
    grouped = is_grouped(table)
    handles: list[Artist] = [
        Line2D([], [], color=color, marker=mark, markersize=4.5, linestyle="none", label=label)
        for (label, mark, color), there in zip(KINDS, ((~grouped).any(), grouped.any()), strict=True)
        if there
    ]
    if "alpha" not in shown:
        return handles
    if (_flagged(table) & table["alpha"].notna()).any():
        handles.append(_mark("o", "hollow: α is flagged", "none"))
    if (table["alpha"] > ALPHA_TOP).any():
        handles.append(_mark("^", f"at the edge: α > {ALPHA_TOP:g}", "full"))
    band = f"{OVER_TRAINED:g} ≤ α ≤ {UNDER_TRAINED:g}, WeightWatcher's well-trained layers"
    handles.append(Patch(color=BAND, alpha=0.4, linewidth=0, label=band))
    return handles


def _mark(marker: str, label: str, fill: Literal["full", "none"]) -> Line2D:
    """Return the entry of a mark that layers of any kind may have."""
    return Line2D([], [], color=OTHER, marker=marker, fillstyle=fill, markersize=4.5, linestyle="none", label=label)
