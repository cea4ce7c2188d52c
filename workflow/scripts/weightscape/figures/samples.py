"""Figure: real images beside synthetic ones of each pool, the first ones of every class."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from weightscape.figures.registry import Inputs
from weightscape.figures.style import TITLE_SIZES, WIDTH, fitted, text_width, themed, wrapped
from weightscape.files import read_json
from weightscape.words.names import plain, pool_label

CATEGORY = "Data"
SECTION = ("generator", 1)
FILES = ("manifest", "real_images", "real_labels", "synthetic_images", "synthetic_labels")
PARAMS = ("pools",)


def draw(inputs: Inputs) -> Figure:
    """Draw the figure of a study."""
    files = inputs.files
    real = np.load(files["real_images"]), np.load(files["real_labels"])
    pairs = zip(files["synthetic_images"], files["synthetic_labels"], strict=True)
    synthetic = [(np.load(images), np.load(labels)) for images, labels in pairs]
    names = [pool_label(pool) for pool in inputs.params["pools"]]
    return draw_samples(real, dict(zip(names, synthetic, strict=True)), read_json(files["manifest"])["class_names"])


LEFT, GAP = 1.2, 0.08
"""Room for the names of the sources, and between two bands, in inches."""

NAME_LINES = 3
"""Most lines of a class's name above its column; names that need more, or would break a word, stand upright."""

Images = tuple[np.ndarray, np.ndarray]


@themed
def draw_samples(real: Images, synthetic: Mapping[str, Images], class_names: Sequence[str], rows: int = 2) -> Figure:
    """Draw a sheet: a band per source, a column per class. The images are the first ones; none was picked.

    Parameters
    ----------
    real
        Images uint8 (n, height, width, 3) and labels (n,) of real images.
    synthetic
        The same for each pool, by its label, in the order to draw.
    class_names
        Names of the classes 0 … C − 1.
    rows
        Images per class and source.
    """
    sources = {"real": real, **synthetic}
    columns = len(class_names)
    cell = min((WIDTH - LEFT) / columns, 0.8)
    band = cell * rows + GAP
    names = column_names([plain(str(name)) for name in class_names], 72 * cell)
    width, height = LEFT + cell * columns, names.height + band * len(sources)
    figure = plt.figure(figsize=(width, height))
    for index, (name, (images, labels)) in enumerate(sources.items()):
        bottom = height - names.height - band * (index + 1) + GAP
        ax = figure.add_axes((LEFT / width, bottom / height, cell * columns / width, cell * rows / height))
        sheet = contact_sheet(images, labels, columns, rows)
        ax.imshow(sheet, interpolation="nearest", extent=(0, columns, rows, 0), aspect="equal")
        ax.set(xticks=[], yticks=[])
        label, size = fitted(name, 72 * LEFT - 12)
        ax.set_ylabel(label, rotation=0, ha="right", va="center", labelpad=6, fontsize=size)
        ax.spines[:].set_visible(False)
    top = figure.axes[0]
    top.set_xticks(np.arange(columns) + 0.5, names.texts, fontsize=names.size, rotation=names.rotation)
    top.tick_params(length=0, labeltop=True, labelbottom=False)
    return figure


@dataclass(frozen=True)
class ColumnNames:
    """Names above columns as they are drawn: texts, size in points, rotation in degrees, and height in inches."""

    texts: Sequence[str]
    size: float
    rotation: float
    height: float


def column_names(names: Sequence[str], room: float) -> ColumnNames:
    """Return names that stay within columns of `room` points: in lines, or upright where lines do not do."""
    pad = 4.0
    if all(text_width(word, TITLE_SIZES[-1]) <= room - pad for name in names for word in name.split()):
        size = min(fitted(name, room - pad)[1] for name in names)
        texts = [wrapped(name, size, room - pad) for name in names]
        lines = max(text.count("\n") + 1 for text in texts)
        if lines <= NAME_LINES:
            return ColumnNames(texts, size, 0, (1.3 * size * lines + 10) / 72)
    size = min(TITLE_SIZES[-1], 0.8 * room)
    return ColumnNames(names, size, 90, (max(text_width(name, size) for name in names) + 10) / 72)


def contact_sheet(images: np.ndarray, labels: np.ndarray, classes: int, rows: int) -> np.ndarray:
    """Return the first `rows` images of every class as one image, a column per class; white where there are fewer."""
    height, width = images.shape[1:3]
    sheet = np.full((rows * height, classes * width, 3), 255, dtype=np.uint8)
    for label in range(classes):
        for row, index in enumerate(np.flatnonzero(labels == label)[:rows]):
            sheet[row * height : (row + 1) * height, label * width : (label + 1) * width] = images[index]
    return sheet
