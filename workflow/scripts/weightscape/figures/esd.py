"""Figure: empirical spectral density of three layers before and after fine-tuning, with the fits on top."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from safetensors.numpy import load_file

from weightscape.backbone_description import read_description
from weightscape.figures.layer_spectrum import BARS, TAIL, LayerSpectrum
from weightscape.figures.registry import Inputs
from weightscape.figures.style import INK, PAPER, SOFT, WIDTH, themed
from weightscape.spectra.layer import layer_columns
from weightscape.spectra.matrices import Layer, Layers, layers_of
from weightscape.spectra.settings import Settings
from weightscape.words.numbers import number

CATEGORY = "Spectra"
SECTION = ("spectra", 1)
FILES = ("before", "finetuned", "description")


def draw(inputs: Inputs) -> Figure:
    """Draw the figure of a study."""
    before, after = load_file(inputs.files["before"]), load_file(inputs.files["finetuned"])
    backbone = read_description(inputs.files["description"])
    return draw_esd(before, after, backbone.layers, choose_layers(before, backbone.layers), backbone.from_scratch)


COLUMNS = ("before (pre-trained)", "after fine-tuning", "change ΔW = after − before")
FROM_SCRATCH = ("before (initialisation)", "after training", COLUMNS[2])
SETTINGS = Settings(metrics=("power_law", "robust_mp"))


def choose_layers(weights: Mapping[str, np.ndarray], descriptions: Layers, count: int = 3) -> list[str]:
    """Return `count` weights from input to output: of each part of the depth, the one with most eigenvalues.

    Parameters
    ----------
    weights
        The backbone's state dict.
    descriptions
        ``layers`` of backbone.json: ``groups`` and ``depth`` by the weight's name. Grouped kernels are passed over.
    """
    usable = [name for name in descriptions if name in weights and descriptions[name].get("groups", 1) == 1]
    usable.sort(key=lambda name: descriptions[name]["depth"])
    parts = [part for part in np.array_split(np.array(usable, dtype=object), count) if len(part)]
    return [str(max(part, key=lambda name: min(weights[name].shape[:2]))) for part in parts]


def layer_spectrum(layer: Layer) -> LayerSpectrum:
    """Return the eigenvalues of a layer with the fits of the spectra table."""
    row, eigenvalues = layer_columns(layer, SETTINGS)
    return LayerSpectrum.of(eigenvalues, {"N": layer.N, "M": layer.M, **row})


@themed
def draw_esd(
    before: Mapping[str, np.ndarray],
    after: Mapping[str, np.ndarray],
    descriptions: Layers,
    names: list[str],
    from_scratch: bool = False,
) -> Figure:
    """Draw a row per layer and a column per kind of weights: before, after, and their difference.

    Parameters
    ----------
    before, after
        State dicts: weights by name, before and after fine-tuning.
    descriptions
        ``layers`` of backbone.json, by the weight's name.
    names
        Weights to draw, from top to bottom (see `choose_layers`).
    from_scratch
        Whether the weights before are an initialisation.
    """
    figure, axes = plt.subplots(len(names), 3, figsize=(WIDTH, 2.5 * len(names)), squeeze=False, layout="constrained")
    for row, name in enumerate(names):
        pair = np.asarray(before[name], dtype=float), np.asarray(after[name], dtype=float)
        for column, weight in enumerate((*pair, pair[1] - pair[0])):
            layer = next(layers_of(name, weight, descriptions.get(name)))
            _panel(axes[row, column], layer_spectrum(layer))
            if row == 0:
                axes[row, column].set_title((FROM_SCRATCH if from_scratch else COLUMNS)[column])
        axes[row, 0].set_ylabel(f"{name.removesuffix('.weight')}\ndensity of log λ", fontsize=8)
    for ax, matrix in zip(axes[-1], ("W", "W", "ΔW"), strict=True):
        ax.set_xlabel(f"eigenvalue λ of {matrix}ᵀ{matrix}")
    figure.legend(
        handles=[
            Patch(color=BARS, label="eigenvalues"),
            Line2D([], [], color=INK, linestyle="--", label="Marchenko–Pastur bulk"),
            Line2D([], [], color=INK, linestyle=":", label="its upper edge"),
            Line2D([], [], color=TAIL, linewidth=2, label="power law of the tail"),
        ],
        loc="outside lower center",
        ncols=4,
    )
    return figure


def _panel(ax: plt.Axes, spectrum: LayerSpectrum) -> None:
    """Draw a histogram over log λ, the Marchenko–Pastur bulk, its edge, and the power law from xmin on."""
    if not len(spectrum.values):
        ax.set_axis_off()
        return
    logs = np.log10(spectrum.values)
    low, high = np.quantile(logs, 0.01) - 0.05, logs[-1] + 0.08
    edges = np.linspace(low, high, int(np.clip(2 * np.sqrt(len(logs)), 12, 45)))
    counts, _ = np.histogram(logs, edges)
    density = counts / (spectrum.size * np.diff(edges))
    ax.stairs(density, 10**edges, fill=True, color=BARS, linewidth=0)
    ax.set_xscale("log")
    ax.set_xlim(10**low, 10**high)
    notes = []
    if spectrum.bulk:
        grid = np.linspace(low, high, 400)
        ax.plot(10 ** ((grid[1:] + grid[:-1]) / 2), spectrum.bulk_density(10**grid, np.log10), color=INK, linewidth=1.2,
                linestyle="--")  # fmt: skip
        ax.axvline(spectrum.bulk.upper, color=INK, linewidth=0.8, linestyle=":")
        notes.append(f"{spectrum.bulk.spikes} spike{'s' * (spectrum.bulk.spikes != 1)}")
    if spectrum.tail:
        x = np.geomspace(spectrum.tail.xmin, spectrum.values[-1], 100)
        ax.plot(x, spectrum.tail.density(x) * x * np.log(10), color=TAIL, linewidth=1.8)
        notes.append(f"α = {number(spectrum.tail.alpha)}")
    ax.set_ylim(0, 1.35 * max(density.max(), 1e-9))
    ax.set_yticks([])
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.xaxis.set_major_locator(LogLocator(10, subs=(1, 2, 5) if high - low < 1.6 else (1,)))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.spines["left"].set_visible(False)
    note = ax.text(0.02, 0.97, ", ".join(notes), transform=ax.transAxes, va="top", color=SOFT, fontsize=8)
    note.set_bbox({"facecolor": PAPER, "edgecolor": "none", "pad": 1.5})
