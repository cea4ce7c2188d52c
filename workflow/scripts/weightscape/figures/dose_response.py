"""Figure: dose–response of every series on every main outcome, as small multiples with one point per seed."""

from collections import Counter
from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from weightscape.condition_rows import ConditionRow
from weightscape.figures.registry import Inputs
from weightscape.figures.style import (
    SOFT,
    SeriesStyle,
    finish,
    message_figure,
    panels_width,
    series_styles,
    series_title,
    themed,
    tight,
)
from weightscape.figures.values import paired_differences, run_values
from weightscape.statistics.families import FEATURE_FAMILIES
from weightscape.statistics.plan import Plan
from weightscape.words.names import outcome_label, plain

CATEGORY = "Effects"
SECTION = ("dose-response", 1)
TABLES = ("effects", "spectra", "evaluation", "diversity")
PARAMS = ("conditions", "claims")


def draw(inputs: Inputs) -> Figure:
    """Draw the figure of a study."""
    plan = Plan.from_mapping(inputs.claims)
    spectra, evaluation, diversity = (inputs.table(name) for name in ("spectra", "evaluation", "diversity"))
    values = run_values(spectra, evaluation, diversity, plan)
    outcomes = [f"{family.outcomes}/{metric}" for family in FEATURE_FAMILIES for metric in plan.metrics(family.name)]
    outcomes += ["evaluation/test/accuracy", "evaluation/ood/accuracy"]
    return draw_dose_response(inputs.table("effects"), values, inputs.conditions, outcomes)


PANEL_HEIGHT = 1.05


@themed
def draw_dose_response(
    effects: pd.DataFrame, values: pd.DataFrame, conditions: Sequence[ConditionRow], outcomes: Sequence[str]
) -> Figure:
    """Draw outcomes (rows) against the doses of each series (columns), as differences from the baseline.

    Parameters
    ----------
    effects
        The effects table: means and 95 % intervals.
    values
        One value per outcome, condition and seed (`weightscape.figures.values.run_values`): the seed points.
    conditions
        The study's conditions (``condition``, ``series``, ``family``, ``dose``).
    outcomes
        Outcomes from top to bottom; those without any value are left out.

    Returns
    -------
    Figure
        Only series with several doses have a column. Each panel has its own scale: on a common one, weight decay would
        flatten all others on the norms.
    """
    styles = series_styles(conditions)
    series = [name for name in styles if name in series_with_doses(conditions)]
    known = set(values["outcome"]) & set(effects["outcome"])
    outcomes = [outcome for outcome in outcomes if outcome in known]
    if not series or not outcomes:
        return message_figure("No series has more than one dose.")
    width = panels_width(len(series))
    figure, axes = plt.subplots(
        len(outcomes),
        len(series),
        figsize=(width, 0.8 + PANEL_HEIGHT * len(outcomes)),
        sharex="col",
        squeeze=False,
        layout=tight(0.02, 0.02),
    )
    table = effects[effects["level"] == "condition"].set_index(["outcome", "condition"])
    for row, outcome in enumerate(outcomes):
        differences = paired_differences(values, outcome)
        for column, name in enumerate(series):
            _panel(axes[row, column], table.loc[outcome], differences, _doses(conditions, name), styles[name])
        axes[row, 0].set_ylabel(
            "Δ " + outcome_label(outcome).replace(" accuracy", "\naccuracy").replace("log ", "log\n")
        )
    for column, name in enumerate(series):
        series_title(axes[0, column], plain(name), width / len(series))
        axes[-1, column].set_xlabel(_wrap(_dose_label(conditions, name)), fontsize=7.5)
        doses = [dose for dose, _ in _doses(conditions, name)]
        axes[-1, column].set_xticks(range(len(doses)), [f"{dose:g}" for dose in doses], fontsize=7.5)
        axes[-1, column].set_xlim(-0.6, len(doses) - 0.4)
    for ax in axes.flat:
        ax.tick_params(length=2, labelsize=7.5)
        ax.locator_params(axis="y", nbins=3)
    figure.align_ylabels(list(axes[:, 0]))
    return figure


def series_with_doses(conditions: Sequence[ConditionRow]) -> set[str]:
    """Return the series that have several doses, the others having no dose–response."""
    doses = Counter(condition["series"] for condition in conditions if condition["dose"] is not None)
    return {series for series, count in doses.items() if count > 1}


def _dose_label(conditions: Sequence[ConditionRow], series: str) -> str:
    """Return what the dose of a series is, in words."""
    return next(c["dose_label"] for c in conditions if c["series"] == series)


def _doses(conditions: Sequence[ConditionRow], series: str) -> list[tuple[float, str]]:
    return sorted((c["dose"], c["condition"]) for c in conditions if c["series"] == series and c["dose"] is not None)


def _panel(
    ax: plt.Axes,
    effects: pd.DataFrame,
    differences: pd.DataFrame,
    doses: Sequence[tuple[float, str]],
    style: SeriesStyle,
) -> None:
    """Draw one panel; doses are evenly spaced in their order, since their scales differ from series to series."""
    ax.axhline(0, color=SOFT, linewidth=0.8)
    there = [(x, name) for x, (_, name) in enumerate(doses) if name in differences and name in effects.index]
    if not there:
        return
    places = np.array([x for x, _ in there], dtype=float)
    names = [name for _, name in there]
    seeds = differences[names].to_numpy()
    gap = np.full((len(seeds), 1), np.nan)
    lines = np.hstack([seeds, gap]).ravel()
    ax.plot(
        np.tile([*places, np.nan], len(seeds)), lines, ".-", color=style.color, alpha=0.3, linewidth=0.7, markersize=3
    )
    means = effects.loc[names, ["mean", "low", "high"]].to_numpy(float)
    spread = np.abs(means[:, 1:] - means[:, :1]).T
    ax.errorbar(places, means[:, 0], yerr=np.nan_to_num(spread), color=style.color, marker=style.marker, markersize=4.5,
                linewidth=1.6, elinewidth=1.6)  # fmt: skip
    finish([ax])


def _wrap(text: str) -> str:
    """Break a text near its middle, to fit under a narrow panel."""
    words = text.split()
    if len(text) < 14 or len(words) < 2:
        return text
    cut = min(range(1, len(words)), key=lambda k: abs(len(" ".join(words[:k])) - len(text) / 2))
    return " ".join(words[:cut]) + "\n" + " ".join(words[cut:])
