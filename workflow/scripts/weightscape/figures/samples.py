"""Figure: real images beside synthetic ones at each guidance scale, the first ones of every class."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from weightscape.figures.labels import plain
from weightscape.figures.style import WIDTH, themed, tight

Images = tuple[np.ndarray, np.ndarray]


@themed
def draw_samples(real: Images, synthetic: Mapping[str, Images], class_names: Sequence[str], rows: int = 2) -> Figure:
    """Draw a sheet: a band per source, a column per class. The images are the first ones; none was picked.

    Parameters
    ----------
    real
        Images uint8 (n, height, width, 3) and labels (n,) of real images.
    synthetic
        The same for each guidance scale, by its text, in the order to draw.
    class_names
        Names of the classes 0 … C − 1.
    rows
        Images per class and source.
    """
    sources = {"real": real} | {f"guidance {scale}": images for scale, images in synthetic.items()}
    columns = len(class_names)
    cell = min((WIDTH - 1.0) / columns, 0.8)
    figure, axes = plt.subplots(
        len(sources), 1, figsize=(1.0 + cell * columns, 0.3 + (cell * rows + 0.08) * len(sources)), squeeze=False,
        layout=tight(height=0.02),
    )  # fmt: skip
    for ax, (name, (images, labels)) in zip(axes.flat, sources.items(), strict=True):
        sheet = contact_sheet(images, labels, columns, rows)
        ax.imshow(sheet, interpolation="nearest", extent=(0, columns, rows, 0), aspect="equal")
        ax.set(xticks=[], yticks=[])
        ax.set_ylabel(name, rotation=0, ha="right", va="center", labelpad=6)
        ax.spines[:].set_visible(False)
    top = axes[0, 0]
    top.set_xticks(np.arange(columns) + 0.5, [plain(str(name)) for name in class_names])
    top.tick_params(length=0, labeltop=True, labelbottom=False)
    return figure


def contact_sheet(images: np.ndarray, labels: np.ndarray, classes: int, rows: int) -> np.ndarray:
    """Return the first `rows` images of every class as one image, a column per class; white where there are fewer."""
    height, width = images.shape[1:3]
    sheet = np.full((rows * height, classes * width, 3), 255, dtype=np.uint8)
    for label in range(classes):
        for row, index in enumerate(np.flatnonzero(labels == label)[:rows]):
            sheet[row * height : (row + 1) * height, label * width : (label + 1) * width] = images[index]
    return sheet
