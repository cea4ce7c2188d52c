"""Figure: every claim under every analysis, as forest plots."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from weightscape.figures.forest import draw_estimate, forest_limits
from weightscape.figures.registry import Inputs
from weightscape.figures.style import LINE, PAPER, SOFT, WIDTH, finish, message_figure, themed, tight
from weightscape.words.reasons import change_words

CATEGORY = "Checks"
SECTION = ("stability", 1)
TABLES = ("robustness", "claims")


def draw(inputs: Inputs) -> Figure:
    """Draw the figure of a study."""
    return draw_stability(inputs.table("robustness"), inputs.table("claims"))


# Marks of analyses that come to another verdict than the planned one.
OTHER = "#d55e00"
SAME = "#7a828d"
COLUMNS = 2
ROW_HEIGHT = 0.185


@themed
def draw_stability(robustness: pd.DataFrame, claims: pd.DataFrame) -> Figure:
    """Draw a panel per claim: the statistic and its interval as planned and under each other analysis.

    A filled mark is a decided analysis, a hollow one an undetermined one; orange marks a verdict that differs from
    that of the planned analysis. A claim that could never be estimated has no panel.

    Parameters
    ----------
    robustness
        The robustness table.
    claims
        The claims table: the unit of each statistic.
    """
    units = claims.set_index("claim")["statistic_name"]
    panels = [
        (str(claim), rows)
        for claim, rows in robustness.groupby("claim", sort=False)
        if rows["statistic"].notna().any() and len(rows) > 1
    ]
    if not panels:
        return message_figure("No claim could be estimated under another analysis.")
    heights = [
        max(len(rows) for _, rows in panels[start : start + COLUMNS]) for start in range(0, len(panels), COLUMNS)
    ]
    columns = min(COLUMNS, len(panels))
    size = (WIDTH if columns > 1 else WIDTH * 0.7, ROW_HEIGHT * sum(heights) + 0.75 * len(heights) + 0.3)
    figure = plt.figure(figsize=size, layout=tight(0.12, 0.06))
    grid = figure.add_gridspec(len(heights), columns, height_ratios=[height + 0.5 for height in heights])
    for index, (claim, rows) in enumerate(panels):
        ax = figure.add_subplot(grid[index // columns, index % columns])
        _panel(ax, rows, heights[index // columns])
        ax.set_title(f"Claim {claim}")
        ax.set_xlabel(units.get(claim, "statistic"), color=SOFT, labelpad=1, fontsize=8)
    figure.legend(handles=_handles(), loc="outside lower center", ncols=4)
    return figure


def _panel(ax: plt.Axes, rows: pd.DataFrame, height: int) -> None:
    """Draw the analyses of a claim from top to bottom, in a panel that has room for `height` of them."""
    planned = rows.loc[rows["kind"] == "plan", "statistic"].iloc[0]
    ax.axvline(0, color=SOFT, linewidth=0.9)
    if np.isfinite(planned):
        ax.axvline(planned, color=LINE, linewidth=1.2, zorder=0)
    for y, row in enumerate(rows.to_dict("records")):
        color = SAME if row["same_verdict"] else OTHER
        draw_estimate(ax, y, row, color, 6.5 if row["kind"] == "plan" else 5, 1.6)
    ax.set_xlim(*forest_limits(rows))
    ax.set_ylim(height - 0.4, -0.6)
    ax.set_yticks(range(len(rows)), [change_words(facts) for facts in rows["facts"]], fontsize=7.5)
    for label, kind in zip(ax.get_yticklabels(), rows["kind"], strict=True):
        label.set_fontweight("bold" if kind == "plan" else "normal")
    ax.tick_params(axis="y", length=0)
    ax.xaxis.set_major_locator(MaxNLocator(5))
    ax.spines["left"].set_visible(False)
    finish([ax], grid="x")


def _handles() -> list[Line2D]:
    def mark(color: str, face: str, label: str) -> Line2D:
        return Line2D([], [], color=color, marker="o", markersize=5, markerfacecolor=face, label=label)

    return [
        mark(SAME, SAME, "decided, same verdict as planned"),
        mark(SAME, PAPER, "undetermined, same verdict"),
        mark(OTHER, OTHER, "decided, another verdict"),
        mark(OTHER, PAPER, "undetermined, another verdict"),
    ]
