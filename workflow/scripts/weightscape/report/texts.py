"""The report's texts that are not code: captions, which Snakemake's own report shares, and the page's templates."""

import hashlib
import re
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, Template

TEMPLATES = Path(__file__).parent / "templates"
CAPTIONS = Path(__file__).resolve().parents[3] / "report"


def caption(name: str, **variables: Any) -> tuple[str, str]:
    """Return the caption and the alternative text of a figure, from ``workflow/report/<name>.rst``.

    The file is a Jinja template, as in Snakemake's own report, where `snakemake` has the study's config.

    The alternative text is the file's first line, a comment of reStructuredText: ``.. alt: What the image is.``

    Parameters
    ----------
    name
        Name of the figure.
    variables
        What the template asks for, such as `snakemake`.

    Raises
    ------
    ValueError
        If the first line is not such a comment.
    jinja2.UndefinedError
        If the template asks for anything else.
    """
    path = CAPTIONS / f"{name}.rst"
    first, _, rest = path.read_text(encoding="utf-8").partition("\n")
    match = re.fullmatch(r"\.\. alt: (.+)", first)
    if match is None:
        raise ValueError(f"{path}: the first line must be '.. alt: ' and what the image is, not {first!r}")
    text = Template(rest, undefined=StrictUndefined).render(**variables)
    return " ".join(text.split()), match[1]


def text_digest() -> str:
    """Return a SHA-256 digest of all captions and templates: the report is out of date when it changes."""
    digest = hashlib.sha256()
    for path in sorted([*TEMPLATES.iterdir(), *CAPTIONS.glob("*.rst")]):
        digest.update(f"{path.name}\n".encode() + path.read_bytes())
    return digest.hexdigest()
