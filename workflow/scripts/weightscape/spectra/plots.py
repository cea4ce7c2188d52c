"""Pictures of a layer's spectrum with its fits, and of all layers of a model by depth."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from weightscape.figures.style import INK, SOFT, WIDTH, finish, themed
from weightscape.spectra.marchenko_pastur import mp_cdf

BARS = "#a9b8cc"
TAIL = "#7b6fd0"
GROUPED = "#d55e00"
OVERVIEW = (
    ("alpha", "power-law α"),
    ("stable_rank", "stable rank"),
    ("entropy", "entropy"),
    ("robust_num_spikes", "spikes beyond the bulk"),
)
"""Columns of the overview with their axis labels."""


@themed
def draw_layer(name: str, eigenvalues: np.ndarray, row: dict[str, Any]) -> Figure:
    """Draw the spectrum on a linear and on a logarithmic axis, and its tail on two logarithmic axes.

    Parameters
    ----------
    name
        Title.
    eigenvalues
        Ascending, shape (n,).
    row
        The layer's row of `weightscape.spectra.analyze`; fits that it doesn't have aren't drawn.
    """
    figure, axes = plt.subplots(1, 3, figsize=(WIDTH, 2.8), layout="constrained")
    values = eigenvalues[eigenvalues > 1e-14 * eigenvalues[-1]]
    figure.suptitle(f"{name}   {row['N']} × {row['M']}, {len(eigenvalues)} eigenvalues", fontsize=10)
    _density(axes[0], values, row, logarithmic=False)
    _density(axes[1], values, row, logarithmic=True)
    _tail(axes[2], values, row)
    if row["status"] != "success":
        figure.supxlabel(row["status"], fontsize=7, color=SOFT)
    return figure


@themed
def draw_overview(table: pd.DataFrame) -> Figure:
    """Draw α, stable rank, entropy and spikes of every layer against depth.

    Grouped and depthwise layers have a mark of their own, since their matrices are of another kind; an α not to rely on
    is hollow.

    Parameters
    ----------
    table
        What `weightscape.spectra.analyze` returned; columns that it doesn't have are left out.
    """
    shown = [(column, label) for column, label in OVERVIEW if column in table]
    figure, axes = plt.subplots(
        len(shown), 1, figsize=(WIDTH, 1.7 * len(shown) + 0.4), sharex=True, squeeze=False, layout="constrained"
    )
    depth = table["layer_id"].to_numpy(float)
    valid = table["alpha_valid"].to_numpy(bool) if "alpha_valid" in table else np.ones(len(table), bool)
    grouped = table["layer_type"].isin(["grouped", "depthwise"]).to_numpy(bool)
    for (column, label), ax in zip(shown, axes[:, 0], strict=True):
        values = table[column].to_numpy(float, na_value=np.nan)
        sure = valid if column == "alpha" else np.ones(len(table), bool)
        for chosen, mark, color, kind in ((~grouped, "o", TAIL, "dense, conv"), (grouped, "s", GROUPED, "grouped")):
            ax.plot(depth[chosen], values[chosen], color=color, linewidth=0.6, alpha=0.5)
            ax.plot(depth[chosen & sure], values[chosen & sure], mark, color=color, markersize=4, label=kind)
            ax.plot(depth[chosen & ~sure], values[chosen & ~sure], mark, color=color, markersize=4, fillstyle="none")
        ax.set_ylabel(label)
        if column == "alpha":
            ax.axhspan(2, 6, color=BARS, alpha=0.25, linewidth=0)
            ax.set_ylim(1, min(12, np.nanmax(values, initial=6) * 1.05))
    if grouped.any():
        axes[0, 0].legend(ncols=2, loc="upper left")
    axes[-1, 0].set_xlabel("layer, in the order of the checkpoint")
    finish(axes[:, 0])
    return figure


def _density(ax: plt.Axes, values: np.ndarray, row: dict[str, Any], logarithmic: bool) -> None:
    """Draw a histogram of λ or of log10 λ with the robust bulk and its edge."""
    bins = int(np.clip(2 * np.sqrt(len(values)), 10, 60))
    edges = np.geomspace(*_widened(values), bins) if logarithmic else np.linspace(0, values[-1] * 1.02, bins)
    axis = np.log10(edges) if logarithmic else edges
    counts, _ = np.histogram(values, edges)
    ax.stairs(counts / (len(values) * np.diff(axis)), edges, fill=True, color=BARS, linewidth=0)
    sigma = row.get("robust_sigma", np.nan)
    if np.isfinite(sigma):
        grid = np.geomspace(edges[0], edges[-1], 500) if logarithmic else np.linspace(0, edges[-1], 500)
        places = np.log10(grid) if logarithmic else grid
        share = 1 - row["robust_num_spikes"] / len(values)
        law = np.diff(mp_cdf(row["M"] / row["N"], grid / (row["N"] * sigma**2))) / np.diff(places)
        law[law == 0] = np.nan  # draws nothing outside the law's edges
        ax.plot((grid[1:] + grid[:-1]) / 2, share * law, color=INK, linewidth=1.1, linestyle="--", label="MP bulk")
        ax.axvline(row["robust_bulk_max"], color=INK, linewidth=0.8, linestyle=":", label="its edge λ₊")
    if logarithmic:
        ax.set_xscale("log")
        _readable_ticks(ax, values)
        if np.isfinite(row.get("xmin", np.nan)):
            ax.axvline(row["xmin"], color=TAIL, linewidth=1.2, label="xmin")
    ax.set_ylim(0, 1.15 * max(float(ax.dataLim.y1) if not np.isfinite(sigma) else _tallest(counts, axis), 1e-12))
    ax.set_yticks([])
    ax.set_xlabel("λ")
    ax.set_title("density of log λ" if logarithmic else "density of λ")
    ax.legend()


def _tail(ax: plt.Axes, values: np.ndarray, row: dict[str, Any]) -> None:
    """Draw the share of eigenvalues ≥ λ with the fitted power law."""
    share = 1 - np.arange(len(values)) / len(values)
    ax.loglog(values, share, ".", color=BARS, markersize=4)
    alpha, xmin = row.get("alpha", np.nan), row.get("xmin", np.nan)
    if np.isfinite(alpha):
        x = np.geomspace(xmin, values[-1], 100)
        start = np.mean(values >= xmin)
        ax.loglog(x, start * (x / xmin) ** (1 - alpha), color=TAIL, label=f"α = {alpha:.2f}, D = {row['D']:.3f}")
        ax.axvline(xmin, color=TAIL, linewidth=0.8, linestyle=":")
        ax.legend(title=row["alpha_flags"] or None, title_fontsize=7)
    _readable_ticks(ax, values)
    ax.set_xlabel("λ")
    ax.set_title("share of eigenvalues ≥ λ")


def _readable_ticks(ax: plt.Axes, values: np.ndarray) -> None:
    """Label a short logarithmic axis at 1, 2, 5 of each decade in plain numbers, a long one at the decades."""
    low, high = _widened(values)
    ax.set_xlim(low, high)
    ax.xaxis.set_minor_formatter(NullFormatter())
    if high < 50 * low:
        ax.xaxis.set_major_locator(LogLocator(10, subs=(1, 2, 5)))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def _widened(values: np.ndarray) -> tuple[float, float]:
    return float(max(values[0], values[-1] * 1e-8)) * 0.98, float(values[-1]) * 1.05


def _tallest(counts: np.ndarray, axis: np.ndarray) -> float:
    return float((counts / (counts.sum() * np.diff(axis))).max())
