"""Figure: what each series changes on corrupted images, by severity, one panel per corruption."""

from collections.abc import Collection, Mapping, Sequence

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from weightscape.condition_rows import ConditionRow
from weightscape.figures.registry import Inputs
from weightscape.figures.style import (
    SOFT,
    SeriesStyle,
    finish,
    message_figure,
    panel_grid,
    series_styles,
    themed,
)
from weightscape.statistics.constants import BASELINE
from weightscape.words.names import plain

CATEGORY = "Accuracy"
SECTION = ("accuracy", 1)
TABLES = ("evaluation",)
PARAMS = ("conditions",)


def draw(inputs: Inputs) -> Figure:
    """Draw the figure of a study."""
    return draw_corruptions(inputs.table("evaluation"), inputs.conditions)


@themed
def draw_corruptions(evaluation: pd.DataFrame, conditions: Sequence[ConditionRow]) -> Figure:
    """Draw the accuracy of each series minus the baseline's, mean over seeds and doses, against severity.

    Severity 0 is the clean test set. The baseline's own accuracy is below each severity. A series that was trained on
    the corruption has a dashed line with open markers.

    Parameters
    ----------
    evaluation
        The evaluation table.
    conditions
        The study's conditions (``condition``, ``series``, ``family``, ``dose``).
    """
    raw = evaluation[evaluation["calibration"] == "raw"]
    corrupted = raw[raw["kind"] == "corruption"]
    kinds = list(dict.fromkeys(corrupted["corruption"]))
    if not kinds:
        return message_figure("The study has no corrupted test sets.")
    clean = raw[raw["kind"] == "test"].groupby("series")["accuracy"].mean()
    styles = series_styles(conditions)
    figure, axes = panel_grid(len(kinds), min(len(kinds), 5), 2.9)
    for ax, kind in zip(axes, kinds, strict=True):
        means = corrupted[corrupted["corruption"] == kind].groupby(["severity", "series"])["accuracy"].mean().unstack()
        means.loc[0] = clean
        # Before drawing: axes that are joined later keep the limits of the first.
        if ax is not axes[0]:
            ax.sharey(axes[0])
        seen = set(corrupted.loc[corrupted["seen"] & (corrupted["corruption"] == kind), "series"])
        _panel(ax, means.sort_index(), styles, seen)
        ax.set_title(plain(str(kind)))
        ax.tick_params(labelleft=ax is axes[0])
    axes[0].set_ylabel("accuracy minus the baseline's")
    axes[len(kinds) // 2].set_xlabel("severity, and below it the baseline's accuracy")
    finish(axes)
    handles = [
        Line2D([], [], color=style.color, marker=style.marker, markersize=4, label=plain(name))
        for name, style in styles.items()
        if name != BASELINE
    ]
    if corrupted["seen"].any():
        handles.append(Line2D([], [], color=SOFT, linestyle="--", marker="o", markerfacecolor="white", markersize=4,
                              label="trained on this corruption"))  # fmt: skip
    figure.legend(handles=handles, loc="outside lower center", ncols=min(7, len(handles)))
    return figure


def _panel(ax: plt.Axes, means: pd.DataFrame, styles: Mapping[str, SeriesStyle], seen: Collection[str]) -> None:
    ax.axhline(0, color=SOFT, linewidth=0.9)
    for name, style in styles.items():
        if name != BASELINE and name in means:
            ax.plot(
                range(len(means)),
                means[name] - means[BASELINE],
                color=style.color,
                marker=style.marker,
                markersize=3.5,
                markerfacecolor="white" if name in seen else style.color,
                linewidth=1.2,
                linestyle="--" if name in seen else "-",
            )
    labels = [f"{severity}\n{accuracy:.2f}" for severity, accuracy in means[BASELINE].items()]
    ax.set_xticks(range(len(means)), labels, fontsize=7.5)
