"""A heat map of standardised effects with column groups, the common part of two figures."""

from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.colors import AsinhNorm
from matplotlib.figure import Figure

from weightscape.figures.style import CELL_INK, DIVERGING, PAPER, SOFT, WIDTH, fitted, themed
from weightscape.words.numbers import number

# Effects of one study span from a tenth to hundreds of standard deviations: linear within one, then logarithmic.
LIMIT = 20.0
TICKS = (-20, -5, -2, -1, 0, 1, 2, 5, 20)
MAP_WIDTH = 7.5
"""Width of the map in inches, or a little less: the rest goes to the names of rows and the scale."""


@dataclass(frozen=True)
class ColumnGroup:
    """Columns that stand together under one heading: outcomes and what each is called."""

    heading: str
    outcomes: Sequence[str]
    labels: Sequence[str]


@themed
def draw_heat_map(
    table: pd.DataFrame, rows: Sequence[str], labels: Sequence[str], groups: Sequence[ColumnGroup]
) -> Figure:
    """Draw the paired effect size d_z of each row on each outcome.

    Parameters
    ----------
    table
        Rows of the effects table of one level; `condition`, `outcome`, `d_z`, `low`, `high` are read.
    rows
        Names in `condition`, from top to bottom.
    labels
        What each row is called.
    groups
        Columns from left to right; a group without any effect in `table` is left out.

    Returns
    -------
    Figure
        A number in bold has an interval that excludes 0; a cell without an effect is empty.
    """
    known = set(table["outcome"])
    groups = [_restrict(group, known) for group in groups]
    groups = [group for group in groups if group.outcomes]
    outcomes = [outcome for group in groups for outcome in group.outcomes]
    index = pd.Index(rows)
    sizes = _pivot(table, "d_z").reindex(index=index, columns=outcomes)
    low = _pivot(table, "low").reindex(index=index, columns=outcomes)
    high = _pivot(table, "high").reindex(index=index, columns=outcomes)
    decided = ((low > 0) | (high < 0)).to_numpy()
    figure, ax = plt.subplots(figsize=(WIDTH, 1.5 + 0.27 * len(rows)), layout="constrained")
    sns.heatmap(
        sizes.clip(-LIMIT, LIMIT),
        ax=ax,
        cmap=DIVERGING,
        norm=AsinhNorm(linear_width=1.0, vmin=-LIMIT, vmax=LIMIT),
        linewidths=1.0,
        linecolor=PAPER,
        cbar=False,
    )
    for (row, column), value in np.ndenumerate(sizes.to_numpy()):
        if not np.isnan(value):
            bold = bool(decided[row, column])
            strong = abs(value) > 8
            ax.text(
                column + 0.5,
                row + 0.5,
                _cell(value),
                ha="center",
                va="center",
                fontsize=7.5 if len(outcomes) < 18 else 6.2,
                fontweight="bold" if bold else "normal",
                color="#fdfdfd" if strong else (CELL_INK if bold else "#4a505a"),
            )
    ax.set(xlabel="", ylabel="")
    ax.set_yticks(np.arange(len(rows)) + 0.5, labels, rotation=0)
    names = [label for group in groups for label in group.labels]
    ax.set_xticks(np.arange(len(outcomes)) + 0.5, names, rotation=40, ha="right", rotation_mode="anchor")
    ax.tick_params(length=0)
    _headings(ax, groups)
    _scale(figure, ax)
    return figure


def _cell(value: float) -> str:
    if np.isinf(value):
        return number(value)
    text = f"{value:.1f}" if abs(value) < 9.95 else f"{value:.0f}"
    return "0" if text in ("0.0", "-0.0") else text.replace("-", "−")


def _restrict(group: ColumnGroup, known: set[str]) -> ColumnGroup:
    kept = [pair for pair in zip(group.outcomes, group.labels, strict=True) if pair[0] in known]
    return ColumnGroup(group.heading, [outcome for outcome, _ in kept], [label for _, label in kept])


def _pivot(table: pd.DataFrame, column: str) -> pd.DataFrame:
    return table.pivot(index="condition", columns="outcome", values=column).astype(float)


def _headings(ax: plt.Axes, groups: Sequence[ColumnGroup]) -> None:
    """Name the column groups above the map and set a gap between them."""
    start, total = 0, sum(len(group.outcomes) for group in groups)
    for group in groups:
        end = start + len(group.outcomes)
        heading, size = fitted(group.heading, 72 * MAP_WIDTH * (end - start) / total)
        ax.annotate(
            heading,
            ((start + end) / 2, 0),
            xytext=(0, 4),
            textcoords="offset points",
            ha="center",
            fontweight="bold",
            fontsize=size,
            annotation_clip=False,
        )
        if end < total:
            ax.axvline(end, color=PAPER, linewidth=6)
        start = end


def _scale(figure: Figure, ax: plt.Axes) -> None:
    bar = figure.colorbar(ax.collections[0], ax=ax, aspect=40, pad=0.01, fraction=0.03)
    ticks = TICKS if ax.get_ylim()[0] > 7 else TICKS[:: len(TICKS) // 2]
    bar.set_ticks(list(ticks), labels=[f"{tick}".replace("-", "−") for tick in ticks])
    bar.minorticks_off()
    bar.set_label("effect size $d_z$")
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=2, color=SOFT)
