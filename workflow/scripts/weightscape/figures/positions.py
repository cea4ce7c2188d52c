"""Figure: where each kind of diversity takes the spectra, along dropout and along weight decay."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from weightscape.condition_rows import ConditionRow
from weightscape.figures.far_values import bend_axes, bend_of
from weightscape.figures.labels import label_points
from weightscape.figures.registry import Inputs
from weightscape.figures.style import (
    FAMILY_COLORS,
    LINE,
    PAPER,
    SOFT,
    SeriesStyle,
    finish,
    message_figure,
    series_styles,
    themed,
)
from weightscape.statistics.families import FEATURE_FAMILIES
from weightscape.words.names import plain

CATEGORY = "Claims"
SECTION = ("verdicts", 1)
TABLES = ("positions",)
PARAMS = ("conditions",)

PRIMARY = next(family.name for family in FEATURE_FAMILIES if family.primary)
SIDE = 4.5
"""Side of the panel in inches: small, so that a phone shows the figure nearly as large as it is drawn."""
LONGEST = 4.0
"""An interval longer than this many times the median one is cut at the panel's edge."""
AXES = ("along_dropout", "along_weight_decay")
REFERENCES = {role: FAMILY_COLORS[role][0] for role in ("dropout", "weight_decay")}
DASHED = (0, (5, 3))


def draw(inputs: Inputs) -> Figure:
    """Draw the figure of a study."""
    return draw_positions(inputs.table("positions"), inputs.conditions)


@themed
def draw_positions(positions: pd.DataFrame, conditions: Sequence[ConditionRow]) -> Figure:
    """Draw the series of diversity by how far they move the primary features along dropout and along weight decay.

    Bars are the 95 % intervals. The diagonal is where both are equal; lines from the middle are the directions of
    dropout and weight decay themselves. Marks of series that are not shown to be more diverse are hollow. If a series
    is very far away, both axes are nearly logarithmic beyond the usual distance.

    Parameters
    ----------
    positions
        The positions table.
    conditions
        The study's conditions (``condition``, ``series``, ``family``, ``dose``).
    """
    table = positions[positions["feature_family"] == PRIMARY]
    rows = table[(table["role"] == "diversity") & table[list(AXES)].notna().all(axis=1)]
    if rows.empty:
        return message_figure("Dropout or weight decay has no direction here, so no series has a place.")
    figure = plt.figure(figsize=(SIDE + 0.85, SIDE + 1.08))
    width, height = figure.get_size_inches()
    ax = figure.add_axes((0.72 / width, 0.6 / height, SIDE / width, SIDE / height))
    low, high, bend = _limits(rows)
    _axes(ax, low, high, bend)
    _directions(ax, table, max(high, -low))
    styles = series_styles(conditions)
    shown = [(row, styles[str(row["series"])]) for row in rows.to_dict("records")]
    for row, style in shown:
        _mark(ax, row, style)
    names = [plain(str(row["series"])) for row, _ in shown]
    bars = [bar for row, _ in shown for bar in _bars(row)]
    label_points(ax, rows[list(AXES)].to_numpy(float), names, [style.color for _, style in shown], bars)
    handles = _handles(any(not _more_diverse(row) for row, _ in shown))
    figure.legend(handles=handles, loc="upper left", bbox_to_anchor=(0.72 / width, 1), borderaxespad=0, ncols=2,
                  columnspacing=1.2, handlelength=1.8, fontsize=8.5)  # fmt: skip
    return figure


def _limits(rows: pd.DataFrame) -> tuple[float, float, float | None]:
    """Return the ends of both axes, and beyond which distance they are logarithmic, if anywhere."""
    values = rows[list(AXES)].to_numpy(float)
    halves = np.stack([rows[f"{name}_high"] - rows[f"{name}_low"] for name in AXES], axis=1) / 2
    # One very long interval does not shrink all others: it is cut at the edge.
    halves = np.nan_to_num(np.minimum(halves, LONGEST * np.nanmedian(halves)))
    low, high = min(0.0, float((values - halves).min())), max(0.0, float((values + halves).max()))
    if (bend := bend_of(values, halves)) is not None:
        return 1.6 * min(low, -bend), 1.6 * max(high, bend), bend
    margin = 0.08 * (high - low) or 1.0
    return low - margin, high + margin, None


def _axes(ax: plt.Axes, low: float, high: float, bend: float | None) -> None:
    ax.set(xlabel="along dropout, in between-seed SDs", ylabel="along weight decay, in between-seed SDs")
    if bend is not None:
        bend_axes(ax, "xy", bend, max(high, -low))
        ax.set_xlabel("along dropout, in between-seed SDs; far values drawn nearer")
    ax.set(xlim=(low, high), ylim=(low, high))
    ax.axhline(0, color=SOFT, linewidth=0.8, zorder=0.6)
    ax.axvline(0, color=SOFT, linewidth=0.8, zorder=0.6)
    ax.plot([low, high], [low, high], color=SOFT, linewidth=1.2, linestyle=DASHED, zorder=0.8)
    corner: dict[str, Any] = {"transform": ax.transAxes, "color": SOFT, "fontsize": 8.5, "style": "italic"}
    ax.text(0.985, 0.015, "further along dropout", ha="right", va="bottom", **corner)
    ax.text(0.015, 0.985, "further along weight decay", ha="left", va="top", **corner)
    ax.spines[:].set_visible(True)
    ax.spines[:].set_color(LINE)
    finish([ax], grid="both")


def _directions(ax: plt.Axes, table: pd.DataFrame, reach: float) -> None:
    """Draw where more dropout and more weight decay would go."""
    for role, along in zip(REFERENCES, AXES, strict=True):
        for row in table[table["role"] == role].to_dict("records"):
            if row[along] > 0:
                line = np.linspace(0, 2 * reach, 400)[:, None] * np.array([row[name] for name in AXES]) / row[along]
                ax.plot(*line.T, color=REFERENCES[role], linewidth=5, alpha=0.3, solid_capstyle="butt", zorder=0.7)


def _handles(hollow: bool) -> list[Line2D]:
    handles = [
        Line2D([], [], color=color, linewidth=5, alpha=0.3, label=f"{plain(role)} itself")
        for role, color in REFERENCES.items()
    ]
    handles.append(Line2D([], [], color=SOFT, linewidth=1.2, linestyle=DASHED, label="equally far along both"))
    if hollow:
        handles.append(
            Line2D([], [], color=SOFT, linestyle="", marker="o", markersize=7, markerfacecolor=PAPER,
                   markeredgewidth=1.8, label="not shown to be more diverse")
        )  # fmt: skip
    return handles


def _more_diverse(row: Mapping[str, Any]) -> bool:
    return bool(row["manipulation"] == "more diverse")


def _mark(ax: plt.Axes, row: dict[str, Any], style: SeriesStyle) -> None:
    for bar in _bars(row):
        ax.plot(*bar.T, color=style.color, linewidth=1.6, alpha=0.75, solid_capstyle="butt", zorder=2)
    face = style.color if _more_diverse(row) else PAPER
    ax.plot(*(row[name] for name in AXES), style.marker, color=style.color, markersize=9, markerfacecolor=face,
            markeredgewidth=1.8, zorder=3)  # fmt: skip


def _bars(row: Mapping[str, Any]) -> list[np.ndarray]:
    """Return the two intervals as lines."""
    (x, y), low, high = ([row[f"{name}{end}"] for name in AXES] for end in ("", "_low", "_high"))
    return [np.array([[low[0], y], [high[0], y]]), np.array([[x, low[1]], [x, high[1]]])]
