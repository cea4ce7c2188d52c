"""Figures as data URIs: SVG that follows the page's light or dark colours, or PNG where SVG would be too large."""

import base64
import re
from pathlib import Path

from weightscape.figures.style import INK, LINE, PAPER, SOFT
from weightscape.report.content import Figure

# Colours of text, lines and paper on a dark page; the marks' own colours are readable on both.
DARK = {INK: "#e4e8ee", SOFT: "#a3acb8", LINE: "#343b46", PAPER: "#15191f"}
LARGEST_SVG = 900_000
PIXELS_PER_POINT = 96 / 72


def embed_figure(svg: Path, caption: str, alt: str) -> Figure:
    """Return the figure with its image embedded; the PNG file beside the SVG replaces a very large SVG.

    Parameters
    ----------
    svg
        The figure's SVG file; the PNG has the same stem.
    caption, alt
        See `Figure`.
    """
    text = svg.read_text(encoding="utf-8")
    width, height = svg_size(text)
    if len(text) <= LARGEST_SVG:
        data = adapt_svg(text).encode()
        kind = "image/svg+xml"
    else:
        data = svg.with_suffix(".png").read_bytes()
        kind = "image/png"
    uri = f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"
    return Figure(svg.stem, caption, alt, uri, width, height)


def adapt_svg(text: str) -> str:
    """Return an SVG file of the project without its prologue and metadata, and with its colours in dark mode."""
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    rules = "".join(
        f'[style*="{name}: {light}"]{{{name}:{dark}!important}}'
        for light, dark in DARK.items()
        for name in ("fill", "stroke")
    )
    style = f"<style>@media (prefers-color-scheme:dark){{{rules}}}</style>"
    end = text.index(">") + 1
    return text[:end] + style + text[end:]


def svg_size(text: str) -> tuple[int, int]:
    """Return width and height of an SVG of Matplotlib in CSS pixels."""
    view_box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', text)
    if view_box is None:
        raise ValueError("an SVG without viewBox")
    return round(float(view_box[1]) * PIXELS_PER_POINT), round(float(view_box[2]) * PIXELS_PER_POINT)
