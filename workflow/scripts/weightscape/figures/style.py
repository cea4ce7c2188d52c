"""The look of every figure: theme, the fixed colour of each series, and files whose bytes are reproducible."""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, ParamSpec

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib.colors import LinearSegmentedColormap, to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.textpath import TextPath
from matplotlib.transforms import Bbox

from weightscape.condition_rows import ConditionRow, dose_order, kin
from weightscape.files import atomic_path

Parameters = ParamSpec("Parameters")

# The report turns INK, SOFT, LINE and PAPER of its SVG figures into the page's colours in dark mode. No data mark may
# use them: a mark keeps its colour.
INK = "#1f2430"
SOFT = "#5c6470"
LINE = "#d5d9df"
PAPER = "#ffffff"
# Text on a coloured cell, which stays light in dark mode.
CELL_INK = "#15181e"
WIDTH = 10.0
# Of a series' name above a narrow panel, in points: the largest at which its longest word fits.
TITLE_SIZES = (8.5, 8.0, 7.5, 7.0)
FORMATS = ("png", "svg", "pdf")

# Okabe & Ito's palette, whose hues people with any colour vision tell apart, one hue per family. Its black and yellow
# are left out and its sky blue and orange darkened, since they vanish on a dark or a light page. Series of one family
# differ by lightness and by marker.
FAMILY_COLORS: dict[str, tuple[str, ...]] = {
    "baseline": ("#767d87", "#a3a9b1"),
    "dropout": ("#0072b2", "#4a9fd6"),
    "weight_decay": ("#d55e00", "#f0894a"),
    "noise": ("#b58900",),
    "augment": ("#009e73", "#00795a", "#45c49b", "#6f9e2c", "#2f8f9d", "#97bf4f"),
    "synthetic": ("#cc79a7", "#a1477c", "#b58bd6", "#8262b8"),
    "more_real": ("#8f6a4e",),
    "duplicate": ("#b39a85",),
    "early_stop": ("#8a8f2b",),
}
OTHER_COLORS = ("#7b6fd0", "#b5545c", "#3f8fa3")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">")
DIVERGING = LinearSegmentedColormap.from_list("blue-orange", ["#2166ac", "#8ebbdc", "#f3f3f1", "#f2b184", "#b2500f"])

THEME: dict[Any, Any] = {
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "savefig.dpi": 160,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 9,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "axes.linewidth": 0.8,
    "axes.edgecolor": SOFT,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "text.color": INK,
    "axes.labelcolor": INK,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "lines.linewidth": 1.6,
    "hatch.linewidth": 0.6,
    # Hinted letters are narrower at some resolutions: the layout, solved once, would not fit the SVG.
    "text.hinting": "none",
    "svg.fonttype": "path",
    "svg.hashsalt": "weightscape",
    "pdf.fonttype": 42,
}


@dataclass(frozen=True)
class SeriesStyle:
    """How a series is drawn in every figure."""

    color: str
    marker: str
    family: str


def themed(draw: Callable[Parameters, Figure]) -> Callable[Parameters, Figure]:
    """Decorate a drawing function so that it draws in the project's theme and leaves the global settings alone."""

    @functools.wraps(draw)
    def wrapper(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Figure:
        with sns.axes_style("ticks"), matplotlib.rc_context(THEME):
            return draw(*args, **kwargs)

    return wrapper


def series_order(conditions: Sequence[ConditionRow]) -> list[str]:
    """Return the study's series, ordered by family (as in `FAMILY_COLORS`, unknown ones last), then as configured.

    Variants of a family (`weightscape.condition_rows.KIN`) follow it, and so leave its colours as they are.
    """
    families = list(FAMILY_COLORS)
    seen: dict[str, str] = {}
    for condition in conditions:
        seen.setdefault(condition["series"], condition["family"])
    rank = {family: index for index, family in enumerate(families)}
    return sorted(seen, key=lambda name: (rank.get(kin(seen[name]), len(families)), kin(seen[name]) != seen[name]))


def condition_order(conditions: Sequence[ConditionRow]) -> list[str]:
    """Return the study's conditions, ordered by series (see `series_order`), then by dose."""
    order = {series: index for index, series in enumerate(series_order(conditions))}
    ranked = sorted(conditions, key=lambda c: (order[c["series"]], dose_order(c)))
    return [condition["condition"] for condition in ranked]


def strongest_doses(conditions: Sequence[ConditionRow], present: Set[str]) -> list[ConditionRow]:
    """Return the condition with the highest dose of each series, in the order of the series; of those `present`."""
    best: dict[str, ConditionRow] = {}
    for condition in conditions:
        if condition["condition"] not in present:
            continue
        known = best.get(condition["series"])
        if known is None or dose_order(condition) > dose_order(known):
            best[condition["series"]] = condition
    return [best[series] for series in series_order(conditions) if series in best]


def series_styles(conditions: Sequence[ConditionRow]) -> dict[str, SeriesStyle]:
    """Return the fixed style of each series of a study, in the order of `series_order`.

    A series' colour depends on its family and on its place among the series of that family, so all figures of a study
    agree, and so do studies with the same series. Beyond the family's own colours, lighter tints follow.

    Parameters
    ----------
    conditions
        The study's conditions: dictionaries with ``series``, ``family`` and ``dose``.
    """
    family_of = {condition["series"]: condition["family"] for condition in conditions}
    styles: dict[str, SeriesStyle] = {}
    used: dict[str, int] = {}
    for series in series_order(conditions):
        family = kin(family_of[series])
        palette = FAMILY_COLORS.get(family, OTHER_COLORS)
        slot = family if family in FAMILY_COLORS else "other"
        index = used.get(slot, 0)
        used[slot] = index + 1
        color = palette[index % len(palette)]
        styles[series] = SeriesStyle(tint(color, 0.25 * (index // len(palette))), MARKERS[index % len(MARKERS)], family)
    return styles


def tint(color: str, amount: float) -> str:
    """Return `color` mixed with white; `amount` 0 is the colour itself, 1 is white."""
    amount = min(max(amount, 0.0), 0.75)
    red, green, blue = (channel + (1 - channel) * amount for channel in to_rgb(color))
    return to_hex((red, green, blue))


def panel_grid(panels: int, columns: int, height: float, width: float = WIDTH) -> tuple[Figure, list[plt.Axes]]:
    """Return a figure with `panels` axes in a grid of `columns`; a row is `height` inches, spare cells are empty."""
    columns = max(1, min(columns, panels))
    rows = -(-panels // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(width, height * rows), squeeze=False, layout="constrained")
    flat = list(axes.flat)
    for spare in flat[panels:]:
        spare.remove()
    return figure, flat[:panels]


def panels_width(columns: int) -> float:
    """Return the width in inches of a figure with this many columns of small panels: narrower panels where many."""
    if columns <= 3:
        return 1.6 + 2.2 * columns
    return max(WIDTH, 1.1 + (0.95 if columns < 11 else 0.8) * columns)


@themed
def message_figure(text: str) -> Figure:
    """Return a figure that says in one line why there is nothing to draw."""
    figure, axes = plt.subplots(figsize=(WIDTH, 1.2), layout="constrained")
    axes.axis("off")
    axes.text(0.5, 0.5, text, ha="center", va="center", color=SOFT)
    return figure


def tight(width: float = 0.04, height: float = 0.04) -> ConstrainedLayoutEngine:
    """Return a layout with these paddings around axes, in inches."""
    return ConstrainedLayoutEngine(w_pad=width, h_pad=height)


def series_title(ax: plt.Axes, text: str, width: float) -> None:
    """Title a panel of `width` inches with a series' name, in lines that stay above the panel."""
    lines, size = fitted(text, 72 * width - 14)
    ax.set_title(lines, fontsize=size)


def fitted(text: str, room: float) -> tuple[str, float]:
    """Return a bold text in lines no wider than `room` points, and the largest size at which its words fit whole."""
    sizes = (size for size in TITLE_SIZES if all(text_width(word, size) <= room for word in text.split()))
    size = next(sizes, TITLE_SIZES[-1])
    return wrapped(text, size, room), size


def wrapped(text: str, size: float, room: float) -> str:
    """Return a bold text of a size in points in lines no wider than `room` points."""
    return "\n".join(_wrapped(text, size, room))


def text_width(text: str, size: float) -> float:
    """Return the width of a bold text in points."""
    return float(TextPath((0, 0), text, size=size, prop=FontProperties(weight="bold")).get_extents().width)


def _wrapped(text: str, size: float, room: float) -> list[str]:
    """Return the text in lines no wider than `room` points; a hyphen breaks no word in its last four letters."""
    lines = [""]
    for word in text.split():
        if lines[-1] and text_width(f"{lines[-1]} {word}", size) <= room:
            lines[-1] += f" {word}"
            continue
        lines.append(word)
        while text_width(lines[-1], size) > room:
            long = lines.pop()
            cut = next(n for n in range(len(long) - 1, 0, -1) if n == 1 or text_width(f"{long[:n]}-", size) <= room)
            if len(long) - cut < 4 < len(long):
                cut = len(long) - 4
            lines += [f"{long[:cut]}-", long[cut:]]
    return lines[1:]


def finish(axes: Iterable[plt.Axes], grid: Literal["x", "y", "both"] = "y") -> None:
    """Give axes a light grid behind the data, along `grid` (``"x"``, ``"y"`` or ``"both"``)."""
    for ax in axes:
        ax.grid(visible=True, axis=grid)
        ax.set_axisbelow(True)


def save_figure(figure: Figure, paths: Mapping[str, str | Path]) -> None:
    """Write a figure in each format of `paths` (``{"png": path, …}``) and close it.

    The files hold no date and no software version, and SVG identifiers are salted with a fixed text, so the same
    figure has the same bytes.
    """
    metadata: dict[str, dict[str, None]] = {
        "png": {"Software": None},
        "svg": {"Date": None, "Creator": None},
        "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    }
    with matplotlib.rc_context(THEME):
        # The layout is solved once and kept: it is most of the work, and all formats are to look the same.
        figure.draw_without_rendering()
        figure.set_layout_engine("none")
        # The solver's last digits differ from process to process, and the SVG's identifiers with them.
        for ax in figure.axes:
            for which in ("original", "active"):
                corners = ax.get_position(original=which == "original").get_points()
                ax.set_position(Bbox(corners.round(6)), which=which)
        for kind, path in paths.items():
            with atomic_path(path) as temporary:
                figure.savefig(temporary, format=kind, metadata=metadata[kind])
    plt.close(figure)


def figure_paths(output: Any) -> dict[str, str]:
    """Return the figure files that a rule asks for: its outputs called ``png``, ``svg`` and ``pdf``."""
    return {kind: getattr(output, kind) for kind in FORMATS if hasattr(output, kind)}
