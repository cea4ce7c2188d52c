"""Figure: the statistic of each claim with its interval and verdict."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from weightscape.figures.labels import interval, number
from weightscape.figures.style import INK, LINE, PAPER, SOFT, WIDTH, themed, tight


@themed
def draw_claims(claims: pd.DataFrame) -> Figure:
    """Draw one row per claim: the statistic, its 95 % interval, zero, and the verdict in words.

    A filled mark is a decided claim, a hollow one an undetermined claim. The rows have their own units and scales.

    Parameters
    ----------
    claims
        The claims table.
    """
    figure, axes = plt.subplots(
        len(claims), 1, figsize=(WIDTH, 0.95 * len(claims) + 0.1), squeeze=False, layout=tight(height=0.08)
    )
    for ax, row in zip(axes.flat, claims.itertuples(), strict=True):
        _row(ax, row)
    return figure


def _row(ax: plt.Axes, row: object) -> None:
    claim, statistic, low, high = row.claim, row.statistic, row.low, row.high  # type: ignore[attr-defined]
    verdict, title, unit = row.verdict, row.title, row.statistic_name  # type: ignore[attr-defined]
    ax.axvline(0, color=LINE, linewidth=1.4, zorder=0)
    ax.set(ylim=(-1, 1), yticks=[])
    ax.spines["left"].set_visible(False)
    ax.set_title(f"{claim}  {title}")
    ax.set_xlabel(unit, color=SOFT, labelpad=1, fontsize=8)
    decided = verdict != "undetermined"
    if np.isfinite(statistic):
        ends = [end for end in (low, high, statistic, 0.0) if np.isfinite(end)]
        ax.plot([low, high], [0, 0], color=INK, linewidth=2, solid_capstyle="butt")
        ax.plot(statistic, 0, "o", color=INK, markersize=8, markerfacecolor=INK if decided else PAPER)
        reach = 1.15 * max(abs(end) for end in ends) or 1.0
        ax.set_xlim(-reach, reach)
        text = f"{number(statistic)}  [{interval(low, high)}]"
    else:
        ax.set_xlim(-1, 1)
        ax.set_xticks([0], ["0"])
        text = "not estimable"
    ax.annotate(
        verdict,
        (1, 1),
        xycoords="axes fraction",
        xytext=(0, 4),
        textcoords="offset points",
        ha="right",
        fontweight="bold",
    )
    ax.annotate(
        text,
        (1, 1),
        xycoords="axes fraction",
        xytext=(0, -8),
        textcoords="offset points",
        ha="right",
        color=SOFT,
        fontsize=8,
    )
