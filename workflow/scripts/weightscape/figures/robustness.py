"""Figure: accuracy on corrupted images against severity, one panel per corruption."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from weightscape.figures.labels import plain
from weightscape.figures.style import finish, message_figure, panel_grid, series_styles, themed


@themed
def draw_robustness(evaluation: pd.DataFrame, conditions: Sequence[Mapping[str, Any]]) -> Figure:
    """Draw mean accuracy over seeds and doses of each series; severity 0 is the clean test set.

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
    figure, axes = panel_grid(len(kinds), 5 if len(kinds) > 4 else len(kinds), 2.7)
    for ax, kind in zip(axes, kinds, strict=True):
        curves = corrupted[corrupted["corruption"] == kind].groupby(["series", "severity"])["accuracy"].mean()
        for name, style in styles.items():
            if name in clean.index:
                _curve(ax, clean[name], curves[name], style.color, style.marker, bold=name == "baseline")
        ax.set(title=plain(str(kind)), xlabel="severity", ylim=(0, 1))
        ax.set_xticks([0, *sorted(int(s) for s in curves.index.unique("severity"))])
    for ax in axes[1:]:
        ax.tick_params(labelleft=False)
    axes[0].set_ylabel("accuracy")
    finish(axes)
    handles = [
        Line2D([], [], color=style.color, marker=style.marker, markersize=4, label=plain(name))
        for name, style in styles.items()
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=min(6, len(handles)))
    return figure


def _curve(ax: plt.Axes, clean: float, curve: pd.Series, color: str, marker: str, bold: bool) -> None:
    severities = [0, *(int(severity) for severity in curve.index)]
    ax.plot(severities, [clean, *curve], color=color, marker=marker, markersize=3.5, linewidth=2.4 if bold else 1.2,
            zorder=3 if bold else 2)  # fmt: skip
