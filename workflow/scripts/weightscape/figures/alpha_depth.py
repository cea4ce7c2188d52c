"""Figure: the power-law exponent α by depth, before and after fine-tuning, and what each series changes."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from weightscape.condition_rows import PRETRAINED, ConditionRow
from weightscape.figures.registry import Inputs
from weightscape.figures.style import SOFT, WIDTH, finish, series_styles, strongest_doses, themed
from weightscape.spectra.layer import OVER_TRAINED, UNDER_TRAINED
from weightscape.statistics.estimate import mean_estimate
from weightscape.words.names import condition_label

CATEGORY = "Spectra"
SECTION = ("spectra", 2)
TABLES = ("spectra",)
PARAMS = ("conditions",)


def draw(inputs: Inputs) -> Figure:
    """Draw the figure of a study."""
    return draw_alpha_depth(inputs.table("spectra"), inputs.conditions)


COLUMNS = 5


@themed
def draw_alpha_depth(spectra: pd.DataFrame, conditions: Sequence[ConditionRow]) -> Figure:
    """Draw α of each layer against its depth.

    The upper panel has the values themselves, before training (the pre-trained ones, or the mean over the
    initialisations of the seeds) and after that of the baseline. Each small panel has
    the difference from the baseline of the same seed at a series' strongest dose: mean over seeds and 95 % interval.

    Parameters
    ----------
    spectra
        The spectra table; rows without α are passed over.
    conditions
        The study's conditions (``condition``, ``series``, ``family``, ``dose``).
    """
    body = spectra[(spectra["group"] != "head") & spectra["alpha"].notna()]
    depth = body.drop_duplicates("layer").set_index("layer")["depth"].astype(float)
    starts = body[body["of"] == "before"]
    before = starts.groupby("layer")["alpha"].mean().astype(float)
    label = "pre-trained" if (starts["condition"] == PRETRAINED).all() else "initialisation, mean over seeds"
    after = {name: _wide(rows) for name, rows in body[body["of"] == "after"].groupby("condition")}
    styles = series_styles(conditions)
    strongest = strongest_doses(conditions, set(after) - {"baseline"})
    rows = -(-len(strongest) // COLUMNS)
    figure = plt.figure(figsize=(WIDTH, 2.5 + 1.5 * rows), layout="constrained")
    grid = figure.add_gridspec(rows + 1, COLUMNS, height_ratios=[1.6] + [1.0] * rows)
    top = figure.add_subplot(grid[0, :])
    _values(top, before.rename(label), after["baseline"], depth, styles["baseline"].color)
    first: plt.Axes | None = None
    for index, condition in enumerate(strongest):
        ax = figure.add_subplot(grid[1 + index // COLUMNS, index % COLUMNS], sharex=first, sharey=first)
        first = first or ax
        _difference(ax, after[condition["condition"]] - after["baseline"], depth, styles[condition["series"]].color)
        ax.set_title(condition_label(condition["series"], condition["dose"]), fontsize=8)
        ax.tick_params(labelleft=index % COLUMNS == 0, labelbottom=index + COLUMNS >= len(strongest), labelsize=7.5)
        if index % COLUMNS == 0:
            ax.set_ylabel("Δα from baseline")
        if index + COLUMNS >= len(strongest):
            ax.set_xlabel("depth")
    return figure


def _wide(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.pivot(index="seed", columns="layer", values="alpha").astype(float)


def _values(ax: plt.Axes, before: pd.Series, baseline: pd.DataFrame, depth: pd.Series, color: str) -> None:
    layers = sorted(before.index, key=lambda layer: depth[layer])
    ax.plot(depth[layers], before[layers], "o", color=SOFT, markersize=5, markerfacecolor="none", label=before.name)
    layers = sorted(baseline.columns, key=lambda layer: depth[layer])
    ax.plot(depth[layers], baseline[layers].mean(), "o", color=color, markersize=4, label="baseline, mean over seeds")
    ax.axhspan(OVER_TRAINED, UNDER_TRAINED, color=color, alpha=0.10, linewidth=0)
    ax.set(title="Power-law exponent by depth", xlabel="depth (order of the layers in the network)", ylabel="α")
    ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, borderaxespad=0)
    finish([ax])


def _difference(ax: plt.Axes, differences: pd.DataFrame, depth: pd.Series, color: str) -> None:
    layers = sorted(differences.columns, key=lambda layer: depth[layer])
    estimates = [mean_estimate(differences[layer].dropna().to_numpy()) for layer in layers]
    x = depth[layers].to_numpy()
    mean = np.array([estimate.value for estimate in estimates])
    low = np.array([estimate.low for estimate in estimates])
    high = np.array([estimate.high for estimate in estimates])
    ax.axhline(0, color=SOFT, linewidth=0.8)
    ax.vlines(x, low, high, color=color, linewidth=1, alpha=0.6)
    ax.plot(x, mean, "o", color=color, markersize=2.8)
    finish([ax])
