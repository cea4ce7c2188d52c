"""One HTML page that shows all layers of a model at a glance, in the look of the report."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from weightscape.figures.layer_spectrum import HEIGHT
from weightscape.figures.style import WIDTH
from weightscape.report.content import Cell
from weightscape.report.texts import TEMPLATES
from weightscape.spectra.columns import SPECTRUM
from weightscape.spectra.layer import SUCCESS
from weightscape.spectra.rows import DELTA
from weightscape.words.columns import column_words
from weightscape.words.numbers import number

OVERVIEW_PICTURE = "overview.svg"
CHANGE_PICTURE = "change.svg"

HEADS = {
    "alpha": "power-law α",
    "alpha_flags": "α is flagged: why",
    "robust_num_spikes": "spikes",
    "stable_rank": "stable rank",
    "entropy": "entropy",
    "relative_change": "relative change",
    "overlap_left_10": "overlap of 10 vectors",
    "intruders": "intruders",
    "status": "status",
    "delta_status": "status of the change",
}
"""Columns of the page's table, as far as the spectra have them, with their words; the table file has all."""

PIXELS_PER_INCH = 96


class Picture(NamedTuple):
    """The picture of a layer, and what it shows in words."""

    path: str
    alt: str


class LayerRow(NamedTuple):
    """A layer as the page shows it; `picture` is None if it has no spectrum."""

    id: int
    name: str
    kind: str
    cells: list[Cell]
    picture: Picture | None


def overview_page(model: str, before: str | None, table: pd.DataFrame, pictures: Mapping[str, str]) -> str:
    """Return the page.

    Parameters
    ----------
    model, before
        Names of what was analysed, and of what it was compared with.
    table
        What `weightscape.spectra.analyze` returned.
    pictures
        Layer's name → path of its picture relative to the page. Beside the page lie `OVERVIEW_PICTURE` and, with
        `before`, `CHANGE_PICTURE`.
    """
    shown = {column: head for column, head in HEADS.items() if column in table}
    environment = Environment(
        loader=FileSystemLoader([Path(__file__).parent, TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words = column_words()
    environment.filters["breakable"] = _breakable
    return environment.get_template("overview.html.j2").render(
        model=model,
        before=before,
        sentences=_sentences(table),
        heads=[(head, column not in _TEXTS) for column, head in shown.items()],
        meanings=[(head, column, words[column.removeprefix(DELTA)].meaning) for column, head in shown.items()],
        rows=[_layer_row(row, list(shown), pictures) for row in table.to_dict("records")],
        overview=OVERVIEW_PICTURE,
        change=CHANGE_PICTURE,
        size=(round(WIDTH * PIXELS_PER_INCH), round(HEIGHT * PIXELS_PER_INCH)),
        script=Markup((TEMPLATES / "page.js").read_text(encoding="utf-8")),
    )


_TEXTS = {column.name for column in SPECTRUM if column.kind == "text"} | {DELTA + "status"}


def _sentences(table: pd.DataFrame) -> list[str]:
    """Say how many layers there are and how many of them have something to look out for."""
    sentences = [f"{len(table)} layer{'s' * (len(table) != 1)}."]
    failed = int((table["status"] != SUCCESS).sum())
    if failed:
        sentences.append(f"For {failed} of them something could not be computed; the status says what, and why.")
    flagged = int((table["alpha_flags"] != "").sum()) if "alpha_flags" in table else 0
    if flagged:
        sentences.append(f"The α of {flagged} is flagged as not to be relied on.")
    return sentences


def _layer_row(row: Mapping[str, Any], columns: list[str], pictures: Mapping[str, str]) -> LayerRow:
    name, size = row["longname"], f"{row['N']} × {row['M']}"
    kind = f"{row['layer_type']} {size}"
    picture = None
    if name in pictures:
        parts = [f"Spectrum of {name}, {size}"]
        parts += [f"α {number(row['alpha'])}"] if "alpha" in row else []
        parts += [f"spikes {number(row['robust_num_spikes'])}"] if "robust_num_spikes" in row else []
        picture = Picture(pictures[name], ", ".join(parts))
    return LayerRow(row["layer_id"], name, kind, [_cell(row[column]) for column in columns], picture)


def _cell(value: Any) -> Cell:
    if isinstance(value, str):
        return Cell(value)
    if isinstance(value, int):
        return Cell(f"{value:,}", float(value))
    return Cell(number(value), None if pd.isna(value) else float(value))


def _breakable(name: str) -> Markup:
    """Return a name that may be broken into lines after its dots and underscores."""
    return Markup(re.sub(r"([._/])", r"\1<wbr>", str(escape(name))))
