"""Figure: the metrics of the claims along training, a panel for each and a line per series."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from weightscape.condition_rows import ConditionRow
from weightscape.figures.registry import Inputs
from weightscape.figures.style import SeriesStyle, finish, panel_grid, series_styles, strongest_doses, themed
from weightscape.statistics.families import FEATURE_FAMILIES
from weightscape.statistics.plan import Plan
from weightscape.statistics.trajectory import mean_along_training
from weightscape.words.names import condition_label, metric_label

CATEGORY = "Spectra"
SECTION = ("trajectory", 1)
FILES = ("trajectory",)
PARAMS = ("conditions", "claims")


def draw(inputs: Inputs) -> Figure:
    """Draw the figure of a study."""
    return draw_trajectory(inputs.table("trajectory"), inputs.conditions, Plan.from_mapping(inputs.claims))


COLUMNS = 4
PANEL_HEIGHT = 2.1
SYMBOLS = {"after": "W", "delta": "ΔW"}


@themed
def draw_trajectory(trajectory: pd.DataFrame, conditions: Sequence[ConditionRow], plan: Plan) -> Figure:
    """Draw the mean of each metric over layers against the steps of training.

    Thick lines are means over seeds at each series' strongest dose, thin lines single seeds; the baseline is dashed.

    Parameters
    ----------
    trajectory
        The table of that name.
    conditions
        The study's conditions (``condition``, ``series``, ``family``, ``dose``).
    plan
        The metrics of the claims, of W and of ΔW.
    """
    panels = [
        (of, metric)
        for of in ("delta", "after")
        for metric in dict.fromkeys(
            metric for family in FEATURE_FAMILIES if family.of == of for metric in plan.metrics(family.name)
        )
    ]
    styles = series_styles(conditions)
    shown = strongest_doses(conditions, set(trajectory["condition"]))
    figure, axes = panel_grid(len(panels), COLUMNS, PANEL_HEIGHT)
    for ax, (of, metric) in zip(axes, panels, strict=True):
        along = mean_along_training(trajectory, metric, of)
        for condition in shown:
            runs = along.values[along.values["condition"] == condition["condition"]]
            label = condition_label(condition["series"], condition["dose"])
            _lines(ax, runs, styles[condition["series"]], label)
        layers = "" if along.used == along.total else f"\n{along.used} of {along.total} layers"
        ax.set_title(f"{metric_label(metric)} of {SYMBOLS[of]}{layers}", fontsize=8.5)
        ax.set_ylabel("mean" if of == "delta" else "change since the start")
        ax.set_xlabel("step")
        ax.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    finish(axes)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=6)
    return figure


def _lines(ax: plt.Axes, runs: pd.DataFrame, style: SeriesStyle, label: str) -> None:
    dashes = "--" if style.family == "baseline" else "-"
    for _, run in runs.groupby("seed"):
        ax.plot(run["step"], run["value"], color=style.color, linewidth=0.4, alpha=0.25)
    ax.plot(runs.groupby("step")["value"].mean(), dashes, color=style.color, linewidth=1.6, label=label)
