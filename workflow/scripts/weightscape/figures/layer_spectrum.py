"""Pictures of a layer's spectrum with its fits: density on a linear and a logarithmic axis, and the tail.

Everything is drawn in units of a power of ten near the largest eigenvalue and in densities whose tallest bar is one, so
that weights of any scale look alike. Places are fixed rather than solved for: a model has hundreds of layers.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

from weightscape.figures.style import INK, SOFT, WIDTH, themed
from weightscape.spectra.eigenvalues import zero_level
from weightscape.spectra.layer import SUCCESS
from weightscape.spectra.marchenko_pastur import mp_cdf

BARS = "#8b9db5"
TAIL = "#7b6fd0"
SPIKES = "#d55e00"

HEIGHT = 3.2
LONGEST_NAME = 62
LONGEST_NOTE = 150
"""Characters that fit into the first and the second line above the panels."""

DECADES = 8
"""Decades below the largest eigenvalue that a logarithmic axis shows."""

POINTS = 300
"""Points of the tail that are drawn at most, evenly spaced on the logarithmic axis of their share."""


class Bulk(NamedTuple):
    """The robust Marchenko–Pastur bulk in the units of a picture."""

    ratio: float
    variance: float
    lower: float
    upper: float
    spikes: int


class Tail(NamedTuple):
    """The power law in the units of a picture; `share` of all eigenvalues lies at `xmin` or beyond."""

    alpha: float
    distance: float
    xmin: float
    share: float

    def density(self, values: np.ndarray) -> np.ndarray:
        """Return the density of all eigenvalues that the law gives at `values` ≥ xmin."""
        return self.share * (self.alpha - 1) / self.xmin * (values / self.xmin) ** -self.alpha


@dataclass(frozen=True)
class LayerSpectrum:
    """The spectrum of a layer with the fits of the spectra table, as it is drawn.

    Attributes
    ----------
    values
        The eigenvalues that are not zero to rounding, ascending, in units of 10^`exponent`.
    size
        Number of all eigenvalues.
    bulk, tail
        The fits; None where there is none.
    """

    values: np.ndarray
    size: int
    exponent: int
    bulk: Bulk | None
    tail: Tail | None

    @classmethod
    def of(cls, eigenvalues: np.ndarray, row: Mapping[str, Any], scaled: bool = False) -> "LayerSpectrum":
        """Return what there is to draw of a layer.

        Parameters
        ----------
        eigenvalues
            Ascending, shape (n,).
        row
            The layer's row of `weightscape.spectra.analyze`, of which N, M and the columns of the fits are read.
        scaled
            Use a power of ten near the largest eigenvalue as the unit, if that is far from 1.
        """
        largest = float(eigenvalues[-1])
        exponent = int(np.floor(np.log10(largest))) if scaled else 0
        exponent = exponent if not -2 <= exponent <= 3 else 0
        unit = 10.0**exponent
        positive = eigenvalues[eigenvalues > zero_level(largest, row["N"])]
        bulk = tail = None
        if np.isfinite(row.get("robust_sigma", np.nan)):
            lower, upper = row["robust_bulk_min"] / unit, row["robust_bulk_max"] / unit
            ratio = row["M"] / row["N"] * len(positive) / len(eigenvalues)  # as the bulk is fitted, without zeros
            bulk = Bulk(ratio, upper / (1 + np.sqrt(ratio)) ** 2, lower, upper, int(row["robust_num_spikes"]))
        if np.isfinite(row.get("alpha", np.nan)):
            share = float(np.mean(eigenvalues >= row["xmin"]))
            tail = Tail(row["alpha"], row["D"], row["xmin"] / unit, share)
        return cls(positive / unit, len(eigenvalues), exponent, bulk, tail)

    def limits(self) -> tuple[float, float]:
        """Return the ends of the logarithmic axis: all eigenvalues of the last decades, and the whole bulk."""
        low, high = self.values[0], self.values[-1]
        if self.bulk:
            low, high = min(low, max(self.bulk.lower, low / 3)), max(high, self.bulk.upper)
        return float(max(low, high * 10.0**-DECADES)) * 0.96, float(high) * 1.05

    def bulk_density(self, grid: np.ndarray, axis: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """Return the density of all eigenvalues that the bulk gives between neighbours of `grid`, on an axis."""
        assert self.bulk is not None
        share = (len(self.values) - self.bulk.spikes) / self.size
        return share * np.diff(mp_cdf(self.bulk.ratio, grid / self.bulk.variance)) / np.diff(axis(grid))


@themed
def draw_layer(name: str, eigenvalues: np.ndarray, row: dict[str, Any]) -> Figure:
    """Draw the spectrum on a linear and on a logarithmic axis, and its tail on two logarithmic axes.

    Parameters
    ----------
    name
        Title; a long one is shortened in its middle.
    eigenvalues
        Ascending, shape (n,), the largest above zero.
    row
        The layer's row of `weightscape.spectra.analyze`; fits that it doesn't have aren't drawn.
    """
    shown = LayerSpectrum.of(eigenvalues, row, scaled=True)
    figure = Figure(figsize=(WIDTH, HEIGHT))
    linear, logarithmic, tail = (figure.add_axes((left, 0.275, 0.29, 0.515)) for left in (0.02, 0.355, 0.7))
    _density(linear, shown, logarithmic=False)
    _density(logarithmic, shown, logarithmic=True)
    _tail(tail, shown)
    figure.text(0.02, 0.935, _title(name, shown, row), fontsize=10, parse_math=False)
    figure.text(0.02, 0.875, _note(row), fontsize=7.5, color=SOFT, parse_math=False)
    handles = _handles(shown)
    figure.legend(handles=handles, loc="lower center", ncols=len(handles), columnspacing=1.6, borderaxespad=0.2)
    return figure


def shortened(text: str, longest: int) -> str:
    """Return the text, or if it has more than `longest` characters its beginning and end with … between.

    Examples
    --------
    >>> shortened("encoder.layers.11.attention.query", 17)
    'encoder.…on.query'
    """
    if len(text) <= longest:
        return text
    end = (longest - 1) // 2
    return f"{text[: longest - 1 - end]}…{text[-end:]}"


def _title(name: str, shown: LayerSpectrum, row: dict[str, Any]) -> str:
    zeros = shown.size - len(shown.values)
    counted = f"{shown.size} eigenvalue{'s' * (shown.size != 1)}" + f", {zeros} of them zero" * (zeros > 0)
    return f"{shortened(name, LONGEST_NAME)}   {row['N']} × {row['M']}, {counted}"


def _note(row: dict[str, Any]) -> str:
    """Return what can't be relied on or computed in one line."""
    notes = [f"α flagged: {row['alpha_flags']}"] if row.get("alpha_flags") else []
    notes += [row["status"]] if row["status"] != SUCCESS else []
    return shortened("; ".join(notes), LONGEST_NOTE)


def _handles(shown: LayerSpectrum) -> list[Artist]:
    """Return the entries of the legend: what is in the picture, and nothing else."""
    handles: list[Artist] = [Patch(color=BARS, label="eigenvalues")]
    if shown.bulk:
        spikes = shown.bulk.spikes
        handles.append(Line2D([], [], color=INK, linewidth=1.1, linestyle="--", label="Marchenko–Pastur bulk"))
        handles.append(Line2D([], [], color=INK, linewidth=0.8, linestyle=":", label="its edge λ₊"))
        if spikes:
            label = f"{spikes} spike{'s' * (spikes != 1)}"
            handles.append(Line2D([], [], color=SPIKES, marker="|", linestyle="none", markersize=7, label=label))
    if shown.tail:
        label = f"power law, α = {shown.tail.alpha:.2f}, D = {shown.tail.distance:.3f}"
        handles.append(Line2D([], [], color=TAIL, label=label))
        handles.append(Line2D([], [], color=TAIL, linewidth=0.8, linestyle=":", label="its start xmin"))
    return handles


def _density(ax: Axes, shown: LayerSpectrum, logarithmic: bool) -> None:
    """Draw a histogram of λ or of log10 λ with both fits, and a mark below it for each spike."""
    values, bulk, tail = shown.values, shown.bulk, shown.tail
    low, high = shown.limits() if logarithmic else (0.0, shown.limits()[1])
    bins = int(np.clip(2 * np.sqrt(len(values)), 10, 60))
    edges = np.geomspace(low, high, bins) if logarithmic else np.linspace(low, high, bins)
    axis = np.log10 if logarithmic else np.asarray
    bars = np.histogram(values, edges)[0] / (shown.size * np.diff(axis(edges)))
    ax.stairs(bars / bars.max(), edges, fill=True, color=BARS, linewidth=0)
    top = 1.0
    if bulk:
        grid = bulk.variance * _mp_grid(bulk.ratio)
        grid = grid[grid > 0]
        law = shown.bulk_density(grid, axis) / bars.max()
        ax.plot((grid[1:] + grid[:-1]) / 2, law, color=INK, linewidth=1.1, linestyle="--")
        ax.axvline(bulk.upper, color=INK, linewidth=0.8, linestyle=":")
        spikes = values[len(values) - bulk.spikes :]
        ax.plot(spikes, np.full(len(spikes), -0.06), "|", color=SPIKES, markersize=6)
        top = max(top, float(law.max()))
    if tail:
        x = np.geomspace(tail.xmin, values[-1], 200)
        density = tail.density(x) * (x * np.log(10) if logarithmic else 1)
        ax.plot(x, density / bars.max(), color=TAIL)
        ax.axvline(tail.xmin, color=TAIL, linewidth=0.8, linestyle=":")
        top = max(top, float(density[0] / bars.max()))
    ax.set_ylim(-0.12, 1.06 * min(top, 1.5))
    if logarithmic:
        ax.set_xscale("log")
        _log_ticks(ax, low, high)
    else:
        ax.xaxis.set_major_locator(MaxNLocator(6))
    ax.set_xlim(low, high)
    ax.set_yticks([])
    ax.set_xlabel(_label(shown))
    ax.set_title("density of log λ" if logarithmic else "density of λ")


def _tail(ax: Axes, shown: LayerSpectrum) -> None:
    """Draw the share of eigenvalues ≥ λ with the fitted power law."""
    size, values, tail = shown.size, shown.values, shown.tail
    ranks = np.unique(np.geomspace(1, len(values), POINTS).round().astype(int))
    spikes = shown.bulk.spikes if shown.bulk else 0
    for chosen, color in ((ranks[ranks > spikes], BARS), (ranks[ranks <= spikes], SPIKES)):
        ax.plot(values[len(values) - chosen], chosen / size, ".", color=color, markersize=4)
    if tail:
        ends = np.array([tail.xmin, values[-1]])
        ax.plot(ends, tail.share * (ends / tail.xmin) ** (1 - tail.alpha), color=TAIL)
        ax.axvline(tail.xmin, color=TAIL, linewidth=0.8, linestyle=":")
    ax.set_xscale("log")
    ax.set_yscale("log")
    low, high = shown.limits()
    ax.set_xlim(low, high)
    ax.set_ylim(0.5 / size, 1.5)
    _log_ticks(ax, low, high)
    decades = [-decade for decade in range(int(np.log10(size)) + 1)]
    ax.yaxis.set_major_locator(FixedLocator([10.0**decade for decade in decades]))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.set_yticklabels([_decade(decade) for decade in decades])
    ax.set_xlabel(_label(shown))
    ax.set_title("share of eigenvalues ≥ λ")


def _mp_grid(ratio: float) -> np.ndarray:
    """Return places between the edges of the unit law, fine at both, where its density changes fastest."""
    phi = np.linspace(0, np.pi, 400)
    return 1 + ratio - 2 * np.sqrt(ratio) * np.cos(phi)


def _label(shown: LayerSpectrum) -> str:
    return f"λ / {_decade(shown.exponent)}" if shown.exponent else "λ"


def _log_ticks(ax: Axes, low: float, high: float) -> None:
    """Label the decades of a logarithmic axis, some of them if they are many; a short axis at 1, 2, 5 or finer."""
    decades = np.arange(np.ceil(np.log10(low)), np.floor(np.log10(high)) + 1)
    ticks, labels = 10.0**decades, [_decade(int(decade)) for decade in decades]
    if high < 50 * low:
        multiples = np.outer(10.0 ** np.arange(np.floor(np.log10(low)), np.log10(high)), [1, 2, 5]).ravel()
        ticks = multiples[(multiples >= low) & (multiples <= high)]
        if len(ticks) < 3:
            ticks = np.asarray(MaxNLocator(4).tick_values(low, high))
            ticks = ticks[(ticks >= low) & (ticks <= high)]
        labels = [f"{tick:g}" for tick in ticks]
    step = -(-len(ticks) // 5)
    ax.xaxis.set_major_locator(FixedLocator(list(ticks[::-step][::-1])))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xticklabels(labels[::-step][::-1])


def _decade(exponent: int) -> str:
    """Return a power of ten: in plain digits if short, else with a raised exponent."""
    if -4 < exponent < 4:
        return f"{10.0**exponent:g}"
    return "10" + str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
