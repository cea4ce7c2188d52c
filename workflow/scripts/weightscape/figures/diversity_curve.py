"""Figure: Vendi scores of the training sets against the number of images, one panel per space."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullLocator

from weightscape.condition_rows import ConditionRow
from weightscape.figures.registry import Inputs
from weightscape.figures.style import finish, message_figure, panel_grid, series_styles, themed
from weightscape.words.names import plain

CATEGORY = "Data"
SECTION = ("diversity", 2)
TABLES = ("diversity_curve",)
PARAMS = ("conditions",)

TICKS = 6
SPACES = {"pixel": "pixels", "embedding": "frozen embedding"}


def draw(inputs: Inputs) -> Figure:
    """Draw the figure of a study."""
    return draw_diversity_curve(inputs.table("diversity_curve"), inputs.conditions)


@themed
def draw_diversity_curve(curve: pd.DataFrame, conditions: Sequence[ConditionRow]) -> Figure:
    """Draw the Vendi score of each series against the number of images, means over seeds and doses, on log scales.

    A line that still rises at its end has not reached the diversity of the distribution that its images are drawn from.

    Parameters
    ----------
    curve
        The table diversity_curve.
    conditions
        The study's conditions (``condition``, ``series``, ``family``, ``dose``).
    """
    whole = curve[curve["class_name"] == "all"]
    spaces = list(dict.fromkeys([*(space for space in SPACES if space in set(whole["space"])), *whole["space"]]))
    if not spaces:
        return message_figure("The diversity of this study's training sets was not measured.")
    styles = {name: style for name, style in series_styles(conditions).items() if name in set(whole["series"])}
    figure, axes = panel_grid(len(spaces), min(len(spaces), 3), 3.4)
    for ax, space in zip(axes, spaces, strict=True):
        means = whole[whole["space"] == space].groupby(["series", "n"])["vendi_1"].mean()
        ax.set(xscale="log", yscale="log", title=SPACES.get(space, plain(space)), xlabel="images")
        for name, style in styles.items():
            line = means.loc[name]
            ax.plot(line.index, line, color=style.color, marker=style.marker, markersize=3.5, linewidth=1.2)
        sizes = sorted(set(means.index.get_level_values("n")), reverse=True)
        shown = sizes[:: -(-len(sizes) // TICKS)]
        ax.set_xticks(shown, [f"{size:,}" for size in shown])
        ax.xaxis.set_minor_locator(NullLocator())
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        ax.yaxis.set_minor_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes[0].set_ylabel("Vendi score")
    finish(axes, grid="both")
    handles = [
        Line2D([], [], color=style.color, marker=style.marker, markersize=4, label=plain(name))
        for name, style in styles.items()
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=min(6, len(handles)))
    return figure
