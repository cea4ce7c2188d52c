"""Figure: data diversity against accuracy out of distribution, and accuracy in against out of distribution."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from scipy.special import ndtr, ndtri

from weightscape.figures.labels import plain
from weightscape.figures.style import SOFT, WIDTH, finish, message_figure, series_styles, themed
from weightscape.statistics.outcomes import diversity_outcomes, evaluation_outcomes

SPACES = (("pixel", "Vendi score of the pixels"), ("embedding", "Vendi score of the frozen embedding"))


@themed
def draw_diversity(
    evaluation: pd.DataFrame,
    diversity: pd.DataFrame,
    conditions: Sequence[Mapping[str, Any]],
    outcome_kind: str = "ood",
) -> Figure:
    """Draw three panels: OOD accuracy against two Vendi scores, and against test accuracy on probit axes.

    Parameters
    ----------
    evaluation, diversity
        The study's tables.
    conditions
        The study's conditions (``condition``, ``series``, ``family``, ``dose``).
    outcome_kind
        Kind of sets whose mean accuracy is on the vertical axis: ``"ood"`` or ``"corruption"``.
    """
    values = pd.concat([evaluation_outcomes(evaluation), diversity_outcomes(diversity)])
    wide = values.pivot_table(index=["condition", "seed"], columns="outcome", values="value")
    target = f"evaluation/{outcome_kind}/accuracy"
    if target not in wide:
        return message_figure("The study has no out-of-distribution set.")
    panels = [(f"diversity/{space}/vendi_1", label) for space, label in SPACES if f"diversity/{space}/vendi_1" in wide]
    figure, axes = plt.subplots(1, len(panels) + 1, figsize=(WIDTH, 3.9), squeeze=False, layout="constrained")
    styles = series_styles(conditions)
    meta = {condition["condition"]: condition for condition in conditions}
    for ax, (column, label) in zip(axes[0], panels, strict=False):
        _scatter(ax, wide[[column, target]].dropna(), meta, styles)
        ax.set(xlabel=label, ylabel="OOD accuracy")
    last = axes[0, -1]
    accuracies = wide[["evaluation/test/accuracy", target]].dropna().clip(0.001, 0.999)
    last.set_xscale("function", functions=(ndtri, ndtr))
    last.set_yscale("function", functions=(ndtri, ndtr))
    _scatter(last, accuracies, meta, styles)
    _line(last, accuracies.groupby("condition").mean())
    last.set(xlabel="test accuracy (probit scale)", ylabel="OOD accuracy (probit scale)")
    handles = [
        Line2D([], [], linestyle="", marker=style.marker, color=style.color, label=plain(name))
        for name, style in styles.items()
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=min(6, len(handles)))
    return figure


def _scatter(ax: plt.Axes, points: pd.DataFrame, meta: Mapping[str, Any], styles: Mapping[str, Any]) -> None:
    """Draw each run small and each condition's mean large; a series' doses are joined in their order."""
    means = points.groupby("condition").mean()
    for series, style in styles.items():
        members = [name for name in means.index if meta.get(name, {}).get("series") == series]
        members.sort(key=lambda name: meta[name]["dose"] or 0)
        for name in members:
            runs = points.loc[name].to_numpy()
            ax.plot(runs[:, 0], runs[:, 1], ".", color=style.color, alpha=0.3, markersize=4)
        line = means.loc[members].to_numpy()
        ax.plot(line[:, 0], line[:, 1], color=style.color, marker=style.marker, markersize=6, linewidth=1)
    finish([ax], grid="both")


def _line(ax: plt.Axes, means: pd.DataFrame) -> None:
    """Draw the least-squares line through the probits of the conditions' means, if there are enough different ones."""
    x, y = ndtri(means.to_numpy().T)
    if len(x) < 3 or np.ptp(x) == 0:
        return
    slope, intercept = np.polyfit(x, y, 1)
    ends = np.array([x.min(), x.max()])
    ax.plot(ndtr(ends), ndtr(slope * ends + intercept), color=SOFT, linestyle="--", linewidth=1.2, zorder=1)
