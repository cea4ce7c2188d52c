"""Figure: data diversity against accuracy out of distribution, and accuracy in against out of distribution."""

from collections.abc import Collection, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from scipy.special import ndtr, ndtri

from weightscape.condition_rows import ConditionRow, dose_order
from weightscape.figures.registry import Inputs
from weightscape.figures.style import SOFT, WIDTH, SeriesStyle, finish, message_figure, series_styles, themed
from weightscape.statistics.accuracies import accuracies, count_probit
from weightscape.statistics.claims.effective_robustness import MINIMUM_CONDITIONS, conditions_on_the_line
from weightscape.statistics.condition_regression import ConditionRegression, regress_conditions
from weightscape.statistics.constants import MINIMUM_SEEDS
from weightscape.statistics.facts import CannotBeJudgedError
from weightscape.statistics.outcomes import beside_baseline, diversity_outcomes, evaluation_outcomes
from weightscape.words.names import plain

CATEGORY = "Data"
SECTION = ("diversity", 1)
TABLES = ("evaluation", "diversity")
PARAMS = ("conditions", "claims")


def draw(inputs: Inputs) -> Figure:
    """Draw the figure of a study."""
    compared = [*inputs.claims["augmentation"], *inputs.claims["synthetic"]]
    return draw_diversity(inputs.table("evaluation"), inputs.table("diversity"), inputs.conditions, compared)


TARGET = "evaluation/ood/accuracy"
SPACES = (("pixel", "Vendi score of the pixels"), ("embedding", "Vendi score of the frozen embedding"))


@themed
def draw_diversity(
    evaluation: pd.DataFrame,
    diversity: pd.DataFrame,
    conditions: Sequence[ConditionRow],
    compared: Collection[str],
) -> Figure:
    """Draw three panels: OOD accuracy against two Vendi scores, and against test accuracy on probit axes.

    The last has the line of claim 2c, and so the accuracies of that claim, which are never 0 or 1.

    Parameters
    ----------
    evaluation, diversity
        The study's tables.
    conditions
        The study's conditions (``condition``, ``series``, ``family``, ``dose``).
    compared
        The series that claim 2 compares, synthetic data and augmentations: the line is drawn without them.
    """
    values = beside_baseline(pd.concat([evaluation_outcomes(evaluation), diversity_outcomes(diversity)]))
    wide = values.pivot_table(index=["condition", "seed"], columns="outcome", values="value")
    if TARGET not in wide:
        return message_figure("The study has no out-of-distribution set.")
    panels = [(f"diversity/{space}/vendi_1", label) for space, label in SPACES if f"diversity/{space}/vendi_1" in wide]
    figure, axes = plt.subplots(1, len(panels) + 1, figsize=(WIDTH, 3.9), squeeze=False, layout="constrained")
    styles = series_styles(conditions)
    meta = {condition["condition"]: condition for condition in conditions}
    for ax, (column, label) in zip(axes[0], panels, strict=False):
        _scatter(ax, wide[[column, TARGET]].dropna(), meta, styles)
        ax.set(xlabel=label, ylabel="OOD accuracy")
    last = axes[0, -1]
    inside, outside = (accuracies(evaluation, kind, count_probit) for kind in ("test", "ood"))
    last.set_xscale("function", functions=(ndtri, ndtr))
    last.set_yscale("function", functions=(ndtri, ndtr))
    points = pd.DataFrame({"test": inside.unstack(), "ood": outside.unstack()}).dropna()
    _scatter(last, ndtr(points), meta, styles)
    families = {name: meta[name]["family"] for name in outside.columns if name in meta}
    others = conditions_on_the_line(families, [name for name in meta if meta[name]["series"] in compared])
    if (line := _line(inside[others], outside[others])) is not None:
        ends = points["test"].groupby("condition").mean().agg(["min", "max"]).to_numpy()
        heights = line.intercept + line.slopes[0].value * ends
        last.plot(ndtr(ends), ndtr(heights), color=SOFT, linestyle="--", linewidth=1.2, zorder=1)
    last.set(xlabel="test accuracy (probit scale)", ylabel="OOD accuracy (probit scale)")
    handles = [
        Line2D([], [], linestyle="", marker=style.marker, color=style.color, label=plain(name))
        for name, style in styles.items()
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=min(6, len(handles)))
    return figure


def _line(inside: pd.DataFrame, outside: pd.DataFrame) -> ConditionRegression | None:
    """Return the line of claim 2c through conditions, None where they do not fix one."""
    both = pd.concat([inside, outside], axis=1).dropna()  # seeds with every condition
    if len(both) < MINIMUM_SEEDS or inside.shape[1] < MINIMUM_CONDITIONS:
        return None
    test, ood = np.split(both.to_numpy(), 2, axis=1)
    try:
        return regress_conditions(ood, test)
    except CannotBeJudgedError:
        return None


def _scatter(
    ax: plt.Axes, points: pd.DataFrame, meta: Mapping[str, ConditionRow], styles: Mapping[str, SeriesStyle]
) -> None:
    """Draw each run small and each condition's mean large; a series' doses are joined in their order."""
    means = points.groupby("condition").mean()
    for series, style in styles.items():
        members = [name for name in means.index if name in meta and meta[name]["series"] == series]
        members.sort(key=lambda name: dose_order(meta[name]))
        for name in members:
            runs = points.loc[name].to_numpy()
            ax.plot(runs[:, 0], runs[:, 1], ".", color=style.color, alpha=0.3, markersize=4)
        line = means.loc[members].to_numpy()
        ax.plot(line[:, 0], line[:, 1], color=style.color, marker=style.marker, markersize=6, linewidth=1)
    finish([ax], grid="both")
