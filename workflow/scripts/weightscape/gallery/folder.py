"""The folder of ``--plots``: a picture of each layer, pictures by depth, and the page with all of them."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from weightscape.figures.layer_spectrum import draw_layer
from weightscape.figures.layers_by_depth import draw_change, draw_overview
from weightscape.figures.style import save_figure
from weightscape.files import write_text
from weightscape.gallery.page import CHANGE_PICTURE, OVERVIEW_PICTURE, overview_page
from weightscape.report.images import adapt_svg

LONGEST_FILE_NAME = 100


class Gallery:
    """Draws each layer as it comes, then the page; `pictures` has the file of each layer that was drawn."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.pictures: dict[str, str] = {}

    def draw(self, layer: str, eigenvalues: np.ndarray, row: dict[str, Any]) -> None:
        """Draw a layer, if it is not all zero."""
        if eigenvalues[-1] > 0:
            self.pictures[layer] = _file_name(len(self.pictures), layer)
            _write_picture(draw_layer(layer, eigenvalues, row), self.folder / self.pictures[layer])

    def finish(self, model: str, before: str | None, table: pd.DataFrame) -> None:
        """Draw all layers by depth and write the page."""
        _write_picture(draw_overview(table), self.folder / OVERVIEW_PICTURE)
        if before:
            _write_picture(draw_change(table), self.folder / CHANGE_PICTURE)
        page = overview_page(Path(model).name, Path(before).name if before else None, table, self.pictures)
        write_text(page, self.folder / "index.html")


def _file_name(index: int, layer: str) -> str:
    """Return a name that any file system takes; long names are cut at their beginning, which they share."""
    return f"{index:03d}-{re.sub(r'[^A-Za-z0-9_.-]+', '_', layer)[-LONGEST_FILE_NAME:]}.svg"


def _write_picture(figure: Figure, path: Path) -> None:
    """Write a picture that takes on the light or dark colours of the page."""
    save_figure(figure, {"svg": path})
    write_text(adapt_svg(path.read_text(encoding="utf-8")), path)
