"""Figure: training curves of every series."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import Formatter, FuncFormatter, MaxNLocator, NullFormatter

from weightscape.condition_rows import ConditionRow
from weightscape.figures.registry import Inputs
from weightscape.figures.style import finish, panels_width, series_styles, series_title, themed, tight, tint
from weightscape.files import read_table
from weightscape.statistics.tables import one_baseline
from weightscape.words.names import plain

CATEGORY = "Accuracy"
SECTION = ("training", 1)
FILES = ("histories",)
PARAMS = ("conditions",)


def draw(inputs: Inputs) -> Figure:
    """Draw the figure of a study."""
    histories = pd.concat([read_table(path) for path in inputs.files["histories"]], ignore_index=True)
    return draw_training(one_baseline("histories", histories), inputs.conditions)


QUANTITIES = (("train_loss", "training loss"), ("validation_accuracy", "validation accuracy"))
PLAIN_NUMBERS = FuncFormatter(lambda value, _: f"{value:g}")


@themed
def draw_training(histories: pd.DataFrame, conditions: Sequence[ConditionRow]) -> Figure:
    """Draw loss and accuracy against epochs: a column per series, a line per dose and seed.

    The dashed grey line is the baseline.

    Parameters
    ----------
    histories
        Training histories of all runs.
    conditions
        The study's conditions (``condition``, ``series``, ``family``, ``dose``).
    """
    styles = series_styles(conditions)
    present = set(histories["series"])
    series = [name for name in styles if name in present]
    width = panels_width(len(series))
    figure, axes = plt.subplots(
        len(QUANTITIES),
        len(series),
        figsize=(width, 3.6),
        sharex=True,
        sharey="row",
        squeeze=False,
        layout=tight(0.02, 0.03),
    )
    baseline = histories[histories["condition"] == "baseline"].groupby("epoch")
    for row, (column, label) in enumerate(QUANTITIES):
        for ax, name in zip(axes[row], series, strict=True):
            if name != "baseline":
                ax.plot(baseline[column].mean(), color=styles["baseline"].color, linewidth=1, linestyle="--")
            _curves(ax, histories[histories["series"] == name], column, styles[name].color)
        axes[row, 0].set_ylabel(label)
    axes[0, 0].set_yscale("log")
    axes[0, 0].yaxis.set_major_formatter(PLAIN_NUMBERS)
    axes[0, 0].yaxis.set_minor_formatter(_minor_labels(histories["train_loss"]))
    axes[0, 0].xaxis.set_major_locator(MaxNLocator(4, integer=True))
    for ax, name in zip(axes[0], series, strict=True):
        series_title(ax, plain(name), width / len(series))
    for ax in axes[-1]:
        ax.set_xlabel("epoch")
    finish(axes.flat)
    figure.align_ylabels(list(axes[:, 0]))
    return figure


def _minor_labels(losses: pd.Series) -> Formatter:
    """Return the labels of ticks between powers of ten: none if the losses span more than one."""
    positive = losses[losses > 0]
    if positive.empty or positive.max() > 10 * positive.min():
        return NullFormatter()
    return PLAIN_NUMBERS


def _curves(ax: plt.Axes, histories: pd.DataFrame, column: str, color: str) -> None:
    doses = sorted(histories["dose"].dropna().unique())
    for condition, runs in histories.groupby("condition"):
        dose = runs["dose"].iloc[0]
        shade = color
        if len(doses) > 1:
            shade = tint(color, 0.55 * (1 - doses.index(dose) / (len(doses) - 1)))
        for _, run in runs.groupby("seed"):
            ax.plot(run["epoch"], run[column], color=shade, linewidth=0.5, alpha=0.4)
        ax.plot(runs.groupby("epoch")[column].mean(), color=shade, linewidth=1.6, label=str(condition))
