"""Figure: similarity of the series' fingerprints, with intervals; undetermined pairs are hatched."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from weightscape.condition_rows import ConditionRow
from weightscape.figures.registry import Inputs
from weightscape.figures.style import (
    CELL_INK,
    DIVERGING,
    PAPER,
    WIDTH,
    message_figure,
    series_order,
    themed,
)
from weightscape.statistics.families import FEATURE_FAMILIES
from weightscape.words.names import plain
from weightscape.words.text import capital

CATEGORY = "Effects"
SECTION = ("similarity", 1)
TABLES = ("similarity",)
PARAMS = ("conditions",)


def draw(inputs: Inputs) -> Figure:
    """Draw the figure of a study."""
    return draw_similarity(inputs.table("similarity"), inputs.conditions)


# Visible on a light and on a dark page.
HATCH = "#9aa2ad"
TITLES = {family.name: capital(family.phrase.removeprefix("the ")) for family in FEATURE_FAMILIES}
SCALE = Normalize(-1, 1)


@themed
def draw_similarity(similarity: pd.DataFrame, conditions: Sequence[ConditionRow]) -> Figure:
    """Draw the cross-validated cosine of every pair of series, one panel per feature family.

    Parameters
    ----------
    similarity
        The similarity table; each pair may appear in one or both orders, and pairs of a series with itself are skipped.
    conditions
        The study's conditions (``condition``, ``series``, ``family``, ``dose``).
    """
    pairs = unordered_pairs(similarity)
    named = set(pairs["series_a"]) | set(pairs["series_b"])
    series = [name for name in series_order(conditions) if name in named]
    if len(series) < 2:
        return message_figure("Similarity needs at least two series besides the baseline.")
    families = [family for family in TITLES if family in set(pairs["feature_family"])]
    wide = len(series) > 7
    rows, columns = (len(families), 1) if wide else (1, len(families))
    side = WIDTH / columns
    height = min(side * 0.62, 1.0 + 0.5 * len(series)) if wide else min(side * 0.85, 1.2 + 0.7 * (len(series) - 1))
    figure, axes = plt.subplots(rows, columns, figsize=(WIDTH, height * rows), squeeze=False, layout="constrained")
    for ax, family in zip(axes.flat, families, strict=True):
        _panel(ax, pairs[pairs["feature_family"] == family], series, TITLES[family], columns)
    bar = figure.colorbar(ScalarMappable(SCALE, DIVERGING), ax=axes, aspect=45, pad=0.01, fraction=0.02)
    bar.set_label("cross-validated cosine")
    bar.set_ticks([-1, -0.5, 0, 0.5, 1], labels=["−1", "−0.5", "0", "0.5", "1"])
    bar.outline.set_visible(False)
    return figure


def unordered_pairs(similarity: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a similarity table with each pair of different series once per feature family."""
    names = np.sort(similarity[["series_a", "series_b"]].to_numpy(str), axis=1)
    keys = pd.DataFrame(names, index=similarity.index).assign(family=similarity["feature_family"])
    return similarity[(names[:, 0] != names[:, 1]) & ~keys.duplicated()]


def decimals(value: float) -> str:
    """Return a cosine with two decimals, without the zero before the point: room in a cell is short."""
    text = f"{value:.2f}"
    return text.replace("0.", ".", 1).replace("-", "−") if abs(value) < 0.995 else text.replace("-", "−")


def _panel(ax: plt.Axes, pairs: pd.DataFrame, series: Sequence[str], title: str, columns: int) -> None:
    """Draw the lower triangle: rows from the second series on, columns up to the last but one."""
    position = {name: index for index, name in enumerate(series)}
    font = 7.5 if len(series) * columns <= 12 else 6.6 if len(series) * columns <= 18 else 5.4
    for row in pairs.itertuples():
        a, b = sorted((position.get(row.series_a, -1), position.get(row.series_b, -1)))
        if a < 0:
            continue
        known = bool(row.determined)
        ax.add_patch(
            Rectangle(
                (a, b - 1),
                1,
                1,
                facecolor=DIVERGING(SCALE(row.cosine)) if known else "none",
                edgecolor=PAPER if known else HATCH,
                hatch=None if known else "////",
                linewidth=1.5 if known else 0.0,
            )
        )
        if known:
            color = "#fdfdfd" if abs(row.cosine) > 0.75 else CELL_INK
            ax.text(a + 0.5, b - 0.62, decimals(row.cosine), ha="center", va="center", fontsize=font + 1.2,
                    fontweight="bold", color=color)  # fmt: skip
            ax.text(a + 0.5, b - 0.27, f"{decimals(row.low)} to {decimals(row.high)}", ha="center", va="center",
                    fontsize=font - 0.8, color=color)  # fmt: skip
    size = len(series) - 1
    ax.set(xlim=(0, size), ylim=(size, 0), title=title)
    ax.set_xticks([i + 0.5 for i in range(size)], [plain(name) for name in series[:-1]], rotation=35, ha="right",
                  rotation_mode="anchor")  # fmt: skip
    ax.set_yticks([i + 0.5 for i in range(size)], [plain(name) for name in series[1:]])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
