"""Figure: the claims of several studies, a forest plot by study for each claim."""

import textwrap

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, MaxNLocator

from weightscape.figures.forest import draw_estimate, forest_limits
from weightscape.figures.style import PAPER, SOFT, finish, panel_grid, themed
from weightscape.statistics.claim import DECIDED
from weightscape.words.names import plain

COLORS = {"supported": "#009e73", "contradicted": "#d55e00", "undetermined": "#767d87", "mixed": "#7b6fd0"}


@themed
def draw_studies(compared: pd.DataFrame) -> Figure:
    """Draw a panel per claim with a row per study: the statistic with its 95 % interval.

    Colour and filling show the verdict after adjustment for the number of studies.

    Parameters
    ----------
    compared
        Columns `claim`, `title`, `statistic_name`, `study`, `statistic`, `low`, `high`, `verdict`; the same studies in
        the same order for each claim.
    """
    claims = [rows for _, rows in compared.groupby("claim", sort=False)]
    most = max(len(rows) for rows in claims)
    figure, axes = panel_grid(len(claims), 2, 0.95 + 0.24 * most)
    for ax, rows in zip(axes, claims, strict=True):
        _panel(ax, rows)
    handles = [
        Line2D([], [], color=color, marker="o", markersize=5, label=verdict, markerfacecolor=_face(verdict))
        for verdict, color in COLORS.items()
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles))
    return figure


def _panel(ax: plt.Axes, rows: pd.DataFrame) -> None:
    ax.axvline(0, color=SOFT, linewidth=0.9)
    for y, row in enumerate(rows.to_dict("records")):
        color = COLORS[row["verdict"]]
        draw_estimate(ax, y, row, color, 6, 2)
    ax.set_xlim(*forest_limits(rows))
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_yticks(range(len(rows)), [plain(str(study)) for study in rows["study"]])
    ax.tick_params(axis="y", length=0)
    ax.xaxis.set_major_locator(FixedLocator([0]) if rows["statistic"].isna().all() else MaxNLocator(5))
    ax.spines["left"].set_visible(False)
    first = rows.iloc[0]
    ax.set_title("\n".join(textwrap.wrap(f"{first['claim']}: {first['title']}", 58)))
    ax.set_xlabel(first["statistic_name"], color=SOFT, labelpad=1, fontsize=8)
    finish([ax], grid="x")


def _face(verdict: str) -> str:
    return COLORS[verdict] if verdict in DECIDED else PAPER
