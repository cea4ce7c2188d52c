"""Figure: the statistic of each claim with its interval and verdict."""

import textwrap

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from weightscape.figures.registry import Inputs
from weightscape.figures.style import INK, LINE, PAPER, SOFT, WIDTH, themed, tight
from weightscape.statistics.claim import DECIDED
from weightscape.words.numbers import aligned

CATEGORY = "Claims"
SECTION = ("verdicts", 3)
TABLES = ("claims",)


def draw(inputs: Inputs) -> Figure:
    """Draw the figure of a study."""
    return draw_claims(inputs.table("claims"))


@themed
def draw_claims(claims: pd.DataFrame) -> Figure:
    """Draw one row per claim about all series: what it says, the verdict, the statistic with its interval, and zero.

    A filled mark is a decided claim, a hollow one an undetermined or mixed claim. The rows have their own units and
    scales; a statistic that could not be estimated has none.

    Parameters
    ----------
    claims
        The claims table.
    """
    claims = claims[claims["series"] == ""]
    figure, axes = plt.subplots(
        len(claims),
        2,
        figsize=(WIDTH, 0.95 * len(claims) + 0.1),
        width_ratios=[0.44, 0.56],
        squeeze=False,
        layout=tight(height=0.06),
    )
    for (words, scale), row in zip(axes, claims.to_dict("records"), strict=True):
        _words(words, str(row["title"]), str(row["verdict"]), float(row["statistic"]), row["low"], row["high"])
        if not np.isfinite(row["statistic"]):
            scale.remove()
            continue
        _scale(scale, float(row["statistic"]), row["low"], row["high"], row["verdict"] in DECIDED)
        scale.set_xlabel(row["statistic_name"], color=SOFT, labelpad=1, fontsize=8)
    return figure


def _words(ax: plt.Axes, title: str, verdict: str, statistic: float, low: float, high: float) -> None:
    ax.axis("off")
    lines = textwrap.wrap(title, 52)
    ax.text(0, 1, "\n".join(lines), va="top", fontweight="bold", linespacing=1.25)
    value, lower, upper = aligned(statistic, low, high)
    numbers = f"{value}  [{lower}, {upper}]" if np.isfinite(statistic) else "not estimable"
    ax.annotate(
        f"{verdict}:  {numbers}",
        (0, 1),
        xytext=(0, -13 * len(lines) - 2),
        textcoords="offset points",
        va="top",
        fontsize=8.5,
        annotation_clip=False,
    )


def _scale(ax: plt.Axes, statistic: float, low: float, high: float, decided: bool) -> None:
    """Draw the interval on an axis that has zero in its middle."""
    ax.axvline(0, color=LINE, linewidth=1.6, zorder=0)
    ax.set(ylim=(-1, 1), yticks=[])
    ax.spines["left"].set_visible(False)
    ax.plot([low, high], [0, 0], color=INK, linewidth=2, solid_capstyle="butt")
    ax.plot(statistic, 0, "o", color=INK, markersize=8, markerfacecolor=INK if decided else PAPER, markeredgewidth=1.6)
    reach = 1.1 * float(np.nanmax(np.abs([statistic, low, high]))) or 1.0
    ax.set_xlim(-reach, reach)
