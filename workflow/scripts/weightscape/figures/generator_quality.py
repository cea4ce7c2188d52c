"""Figure: how good the synthetic images of each pool are against how diverse they are, beside unseen real images."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from weightscape.figures.registry import Inputs
from weightscape.figures.style import SOFT, WIDTH, SeriesStyle, finish, series_styles, themed
from weightscape.files import read_table
from weightscape.statistics.recognised_share import REAL
from weightscape.words.names import pool_label

CATEGORY = "Data"
SECTION = ("generator", 2)
FILES = ("quality",)
PARAMS = ("conditions",)


def draw(inputs: Inputs) -> Figure:
    """Draw the figure of a study."""
    styles = series_styles(inputs.conditions)
    trained_on = [name for name, style in styles.items() if style.family in ("synthetic", "irrelevant")]
    synthetic = styles[trained_on[0] if trained_on else "baseline"]
    return draw_generator_quality(read_table(inputs.files["quality"]), synthetic, styles["baseline"])


PANELS = (
    ("vendi_ratio_pixel", "recognised_share", "Vendi score, pixels (real: 1)", "recognised (real: 1)"),
    ("vendi_ratio_embedding", "recognised_share", "Vendi score, embedding (real: 1)", "recognised (real: 1)"),
    ("recall", "precision", "recall", "precision"),
)
"""Columns across and up, and what the axes call them: more diverse to the right, better upwards."""


@themed
def draw_generator_quality(quality: pd.DataFrame, synthetic: SeriesStyle, baseline: SeriesStyle) -> Figure:
    """Draw three panels with a point per pool; the pools of a generator are joined in their order.

    Parameters
    ----------
    quality
        The quality table, with its row of real images.
    synthetic, baseline
        Looks of synthetic and of real data.
    """
    figure, axes = plt.subplots(1, len(PANELS), figsize=(WIDTH, 3.4), layout="constrained")
    real, pools = quality[quality["pool"] == REAL].iloc[0], quality[quality["pool"] != REAL]
    for ax, (across, up, across_label, up_label) in zip(axes, PANELS, strict=True):
        for _, members in pools.groupby("generator", sort=False):
            ax.plot(
                members[across], members[up], color=synthetic.color, marker=synthetic.marker, markersize=5, linewidth=1
            )
        for row in pools.to_dict("records"):
            ax.annotate(
                pool_label(row),
                (row[across], row[up]),
                xytext=(5, 4),
                textcoords="offset points",
                color=SOFT,
                fontsize=7,
            )
        ax.plot(real[across], real[up], linestyle="", marker="*", markersize=11, color=baseline.color, label=REAL)
        if up == "recognised_share":
            ax.axhline(real["threshold"], color=SOFT, linestyle="--", linewidth=1, label="threshold of claim 2")
        ax.margins(0.18)
        ax.set(xlabel=across_label, ylabel=up_label)
    finish(axes, grid="both")
    axes[0].legend(loc="best", fontsize=7)
    return figure
