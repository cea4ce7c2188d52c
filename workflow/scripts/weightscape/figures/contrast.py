"""Figure: the contrast T of each kind of diversity on each feature family, as forest plots."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from weightscape.condition_rows import ConditionRow
from weightscape.figures.far_values import bend_axes, bend_of
from weightscape.figures.forest import forest_limits
from weightscape.figures.registry import Inputs
from weightscape.figures.style import (
    LINE,
    PAPER,
    SOFT,
    WIDTH,
    SeriesStyle,
    finish,
    message_figure,
    series_order,
    series_styles,
    themed,
)
from weightscape.statistics.families import FEATURE_FAMILIES
from weightscape.words.names import plain
from weightscape.words.text import capital

CATEGORY = "Claims"
SECTION = ("verdicts", 2)
TABLES = ("positions",)
PARAMS = ("conditions", "claims")


def draw(inputs: Inputs) -> Figure:
    """Draw the figure of a study."""
    return draw_contrast(inputs.table("positions"), inputs.conditions, float(inputs.claims["margin"]))


@themed
def draw_contrast(positions: pd.DataFrame, conditions: Sequence[ConditionRow], margin: float) -> Figure:
    """Draw the contrast T of each series of diversity with its 95 % interval, one panel per feature family.

    A family without directions to compare with has no panel. Marks of series that are not shown to be more diverse are
    hollow.

    Parameters
    ----------
    positions
        The positions table.
    conditions
        The study's conditions (``condition``, ``series``, ``family``, ``dose``).
    margin
        The shaded range: contrasts up to this size count as negligible.
    """
    table = positions[positions["role"] == "diversity"]
    known = set(table.loc[table["contrast"].notna(), "feature_family"])
    families = [family for family in FEATURE_FAMILIES if family.name in known]
    rows = [series for series in series_order(conditions) if series in set(table["series"])]
    if not families:
        return message_figure("No diversity series has a direction of dropout and of weight decay to compare with.")
    styles = series_styles(conditions)
    height = 1.0 + 0.3 * len(rows)
    figure, axes = plt.subplots(1, len(families), figsize=(WIDTH, height), sharey=True, squeeze=False,
                                layout="constrained")  # fmt: skip
    for ax, family in zip(axes.flat, families, strict=True):
        _panel(ax, table[table["feature_family"] == family.name].set_index("series"), rows, styles, margin)
        ax.set_title(capital(family.phrase.removeprefix("the ")))
    axes[0, 0].set_yticks(range(len(rows)), [plain(series) for series in rows])
    return figure


def _panel(
    ax: plt.Axes, table: pd.DataFrame, rows: Sequence[str], styles: Mapping[str, SeriesStyle], margin: float
) -> None:
    ax.axvspan(-margin, margin, color=LINE, alpha=0.5, linewidth=0, zorder=0)
    ax.axvline(0, color=SOFT, linewidth=0.9)
    ax.set(ylim=(len(rows) - 0.4, -0.6))
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    known = table[["contrast", "contrast_low", "contrast_high"]].set_axis(["statistic", "low", "high"], axis=1)
    for y, series in enumerate(rows):
        value, low, high = known.loc[series]
        if not np.isfinite(value):
            ax.text(0, y, " no direction", color=SOFT, fontsize=7.5, va="center", style="italic")
            continue
        style = styles[series]
        face = style.color if table.loc[series, "manipulation"] == "more diverse" else PAPER
        ax.plot([low, high], [y, y], color=style.color, linewidth=2, solid_capstyle="butt")
        ax.plot(value, y, style.marker, color=style.color, markersize=6.5, markerfacecolor=face, markeredgewidth=1.5)
    there = known[known["statistic"].notna()]
    low, high = forest_limits(known)
    bend = bend_of(there["statistic"].to_numpy(), ((there["high"] - there["low"]) / 2).to_numpy())
    if bend is None:
        ax.xaxis.set_major_locator(MaxNLocator(5))
    else:
        low, high = 1.3 * low, 1.3 * high
        bend_axes(ax, "x", bend, max(high, -low))
    ax.set_xlim(min(low, -1.2 * margin), max(high, 1.2 * margin))
    ax.set_xlabel("T, in between-seed SDs" + ("" if bend is None else "; far values drawn nearer"))
    finish([ax], grid="x")
