"""Rows of a forest plot: an estimate with its interval on each line, and limits that keep the others legible."""

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from weightscape.figures.style import PAPER, SOFT
from weightscape.statistics.claim import DECIDED

LONGEST = 4.0
"""An interval longer than this many times the median one is cut at the panel's edge."""


def draw_estimate(ax: plt.Axes, y: float, row: Mapping[str, Any], color: str, size: float, width: float) -> None:
    """Draw `statistic`, `low` and `high` of a row at height `y`; the mark of one that is not decided is hollow."""
    if not np.isfinite(row["statistic"]):
        ax.annotate("not estimable", (0, y), xytext=(3, 0), textcoords="offset points", va="center", color=SOFT,
                    fontsize=7, style="italic")  # fmt: skip
        return
    ax.plot([row["low"], row["high"]], [y, y], color=color, linewidth=width, solid_capstyle="butt")
    face = color if row["verdict"] in DECIDED else PAPER
    ax.plot(row["statistic"], y, "o", color=color, markersize=size, markerfacecolor=face, markeredgewidth=1.3)


def forest_limits(rows: pd.DataFrame) -> tuple[float, float]:
    """Return limits that hold zero and every statistic, and every interval that is not far longer than the others."""
    known = rows[rows["statistic"].notna()]
    if known.empty:
        return -1.0, 1.0
    half = ((known["high"] - known["low"]) / 2).fillna(0.0)
    reach = np.minimum(half, LONGEST * half.median())
    low = min(0.0, float((known["statistic"] - reach).min()))
    high = max(0.0, float((known["statistic"] + reach).max()))
    margin = 0.05 * (high - low) or 1.0
    return low - margin, high + margin
