"""The report's texts that are no code: captions, which Snakemake's own report shares, and the page's templates."""

import hashlib
import re
from pathlib import Path

TEMPLATES = Path(__file__).parent / "templates"
CAPTIONS = Path(__file__).resolve().parents[3] / "report"


def caption(name: str) -> tuple[str, str]:
    """Return the caption and the alternative text of a figure, from ``workflow/report/<name>.rst``.

    The alternative text is the file's first line, a comment of reStructuredText: ``.. alt: What the image is.``

    Raises
    ------
    ValueError
        If the first line is none such.
    """
    path = CAPTIONS / f"{name}.rst"
    first, _, rest = path.read_text(encoding="utf-8").partition("\n")
    found = re.fullmatch(r"\.\. alt: (.+)", first)
    if found is None:
        raise ValueError(f"{path}: the first line must be '.. alt: ' and what the image is, not {first!r}")
    return " ".join(rest.split()), found[1]


def text_digest() -> str:
    """Return a SHA-256 digest of all captions and templates: the report is out of date when it changes."""
    digest = hashlib.sha256()
    for path in sorted([*TEMPLATES.iterdir(), *CAPTIONS.glob("*.rst")]):
        digest.update(f"{path.name}\n".encode() + path.read_bytes())
    return digest.hexdigest()
