"""Labels of points that cover neither each other nor the points."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.transforms import Bbox

from weightscape.figures.style import INK

DISTANCES = (9.0, 18.0, 30.0, 45.0, 65.0)
"""Distances from a point at which its label is tried, in points."""
ANGLES = np.arange(16) * np.pi / 8
LEADER = 15.0
"""A label farther away than this is tied to its point by a line."""
MARK = 7.0
"""Half the side of the square around a point that no label may cover."""


def label_points(
    ax: plt.Axes,
    points: np.ndarray,
    texts: Sequence[str],
    colors: Sequence[str],
    bars: Sequence[np.ndarray] = (),
    size: float = 9.5,
) -> None:
    """Write each text near its point, where it covers least.

    Each label takes the first place, from the nearest on, that costs least: to leave the panel or to cover a point, a
    text or another label costs most, to cross an error bar little. The panel must have its limits and its place in the
    figure.

    Parameters
    ----------
    ax
        The panel.
    points : shape (n, 2)
        In data coordinates.
    texts
        One per point.
    colors
        Of the lines that tie labels to their points.
    bars
        Lines that are better not crossed: arrays of two points in data coordinates.
    size
        Size of the letters in points.
    """
    figure = ax.get_figure(root=True)
    assert figure is not None
    canvas = FigureCanvasAgg(figure)
    scale = figure.dpi / 72
    places = ax.transData.transform(points)
    marks = [_box(place, MARK * scale, MARK * scale) for place in places]
    lines = [_line_box(ax.transData.transform(bar), scale) for bar in bars]
    panel = ax.get_window_extent()
    taken = [text.get_window_extent(canvas.get_renderer()) for text in ax.texts]
    for place, text, color, point in zip(places, texts, colors, points, strict=True):
        written = ax.annotate(text, point, xytext=(0, 0), textcoords="offset points", fontsize=size, color=INK,
                              ha="center", va="center", annotation_clip=False)  # fmt: skip
        extent = written.get_window_extent(canvas.get_renderer())
        half = np.array([extent.width, extent.height]) / 2 + 1.5 * scale
        options = [_offset(angle, distance * scale, half) for distance in DISTANCES for angle in ANGLES]
        costs = [_cost(_box(place + offset, *half), panel, [*marks, *taken], lines) for offset in options]
        best = int(np.argmin(costs))
        offset = options[best]
        taken.append(_box(place + offset, *half))
        written.set_position(tuple(offset / scale))
        if DISTANCES[best // len(ANGLES)] > LEADER:
            end = offset * (1 - min(half / np.maximum(np.abs(offset), 1e-9)))
            ax.annotate("", point, xytext=tuple(end / scale), textcoords="offset points",
                        arrowprops={"arrowstyle": "-", "color": color, "linewidth": 1.0, "shrinkB": 5})  # fmt: skip


def _offset(angle: float, distance: float, half: np.ndarray) -> np.ndarray:
    """Return where the middle of a label is whose edge is `distance` away in this direction."""
    direction = np.array([np.cos(angle), np.sin(angle)])
    return direction * distance + np.clip(direction * np.sqrt(2), -1, 1) * half


def _box(middle: np.ndarray, width: float, height: float) -> Bbox:
    half = np.array([width, height])
    return Bbox([middle - half, middle + half])


def _line_box(ends: np.ndarray, scale: float) -> Bbox:
    return Bbox([ends.min(axis=0) - scale, ends.max(axis=0) + scale])


def _cost(box: Bbox, panel: Bbox, solid: Sequence[Bbox], lines: Sequence[Bbox]) -> float:
    outside = box.width * box.height - _shared(box, panel)
    covered = sum(_shared(box, other) for other in solid)
    return 100 * (outside + covered) + sum(_shared(box, line) for line in lines)


def _shared(one: Bbox, other: Bbox) -> float:
    """Return the area that two boxes share."""
    common = Bbox.intersection(one, other)
    return 0.0 if common is None else float(common.width * common.height)
