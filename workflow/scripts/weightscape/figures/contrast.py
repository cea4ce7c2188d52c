"""Figure: is each kind of diversity nearer to dropout or to weight decay? Cosines with intervals, as a forest plot."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from weightscape.condition_rows import ConditionRow
from weightscape.figures.registry import Inputs
from weightscape.figures.similarity import TITLES
from weightscape.figures.style import (
    LINE,
    SOFT,
    WIDTH,
    SeriesStyle,
    finish,
    message_figure,
    series_order,
    series_styles,
    themed,
)
from weightscape.words.names import plain

CATEGORY = "Claims"
SECTION = ("verdicts", 2)
TABLES = ("similarity",)
PARAMS = ("conditions", "claims")


def draw(inputs: Inputs) -> Figure:
    """Draw the figure of a study."""
    claims = inputs.claims
    references = [*claims["dropout"], *claims["weight_decay"]]
    return draw_contrast(inputs.table("similarity"), inputs.conditions, claims["diversity"], references)


# A very wide interval is cut here, so that the others stay legible.
LONGEST = 2.2


@themed
def draw_contrast(
    similarity: pd.DataFrame,
    conditions: Sequence[ConditionRow],
    diversity: Sequence[str],
    references: Sequence[str],
) -> Figure:
    """Draw the cosine of each diversity series with each reference series, one panel per feature family.

    Parameters
    ----------
    similarity
        The similarity table.
    conditions
        The study's conditions (``condition``, ``series``, ``family``, ``dose``).
    diversity
        Series that make the data more diverse: the rows.
    references
        Series to compare with (dropout, weight decay): the marks in a row.
    """
    styles = series_styles(conditions)
    rows = [series for series in series_order(conditions) if series in diversity]
    references = [series for series in series_order(conditions) if series in references]
    families = [family for family in TITLES if family in set(similarity["feature_family"])]
    if not rows or not references or not families:
        return message_figure("No diversity series to compare with dropout and weight decay.")
    height = 1.1 + 0.24 * len(rows) * max(2, len(references))
    figure, axes = plt.subplots(
        1, len(families), figsize=(WIDTH, height), sharex=True, sharey=True, squeeze=False, layout="constrained"
    )
    for ax, family in zip(axes.flat, families, strict=True):
        _panel(ax, similarity[similarity["feature_family"] == family], rows, references, styles)
        ax.set_title(TITLES[family])
    ends = [abs(end) for ax in axes.flat for line in ax.lines for end in line.get_xdata()]
    reach = min(LONGEST, 1.05 * max(ends))
    axes[0, 0].set_xlim(-reach, reach)
    handles = [
        Line2D([], [], color=styles[name].color, marker=styles[name].marker, label=f"with {plain(name)}")
        for name in references
    ]
    figure.legend(handles=handles, loc="outside upper right", ncols=len(handles))
    return figure


def _panel(
    ax: plt.Axes,
    similarity: pd.DataFrame,
    rows: Sequence[str],
    references: Sequence[str],
    styles: Mapping[str, SeriesStyle],
) -> None:
    found = {frozenset((row.series_a, row.series_b)): row for row in similarity.itertuples()}
    ax.axvline(0, color=SOFT, linewidth=0.9)
    for edge in (-1, 1):
        ax.axvline(edge, color=LINE, linewidth=0.9)
    for y, series in enumerate(rows):
        for index, reference in enumerate(references):
            place = y + (index - (len(references) - 1) / 2) * (0.6 / max(1, len(references)))
            pair = found.get(frozenset((series, reference)))
            style = styles[reference]
            if pair is None or not pair.determined:
                ax.text(0.02, place, "undetermined", color=SOFT, fontsize=7.5, va="center", style="italic")
                continue
            ax.plot([pair.low, pair.high], [place, place], color=style.color, linewidth=2)
            ax.plot(pair.cosine, place, style.marker, color=style.color, markersize=6)
    ax.set(ylim=(len(rows) - 0.5, -0.5), xlabel="cross-validated cosine")
    ax.set_yticks(range(len(rows)), [plain(series) for series in rows])
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    finish([ax], grid="x")
