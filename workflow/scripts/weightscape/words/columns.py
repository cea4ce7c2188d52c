"""What the columns of the spectra table are called: the texts below them in `weightscape.spectra.columns`.

``python -m weightscape.words.columns`` writes them into the tables of docs/spectra.md; a test holds that it was run.
"""

from functools import cache
from pathlib import Path
from typing import NamedTuple

from weightscape.files import write_text
from weightscape.section import texts_below
from weightscape.spectra import columns
from weightscape.spectra.columns import CHANGE, IDENTITY, SPECTRUM, Column

DOCS = Path(__file__).resolve().parents[4] / "docs" / "spectra.md"


class Words(NamedTuple):
    """What a column means, its unit and the source of its definition; its label where figures show it."""

    meaning: str
    unit: str
    source: str
    label: str = ""


@cache
def column_words() -> dict[str, Words]:
    """Return the words of every column, by name."""
    texts = {name: text for group in texts_below(columns.__name__).values() for name, text in group.items()}
    parts = {column.name: texts[column.name].split(" | ") for column in (*IDENTITY, *SPECTRUM, *CHANGE)}
    return {name: Words(*words[-3:], *words[:-3]) for name, words in parts.items()}


def labels() -> dict[str, str]:
    """Return the labels of the columns that have one."""
    return {name: words.label for name, words in column_words().items() if words.label}


def docs_text(text: str) -> str:
    """Return the docs with new tables, each between ``<!-- columns: name -->`` and ``<!-- end -->``."""
    for name, table in {"identity": IDENTITY, "spectrum": SPECTRUM, "change": CHANGE}.items():
        rows = ["| column | group | unit | source | meaning |", "| --- | --- | --- | --- | --- |", *map(_row, table)]
        before, start, rest = text.partition(f"<!-- columns: {name} -->\n")
        text = before + start + "\n".join(rows) + rest[rest.index("\n<!-- end -->") :]
    return text


def _row(column: Column) -> str:
    words = column_words()[column.name]
    named = " ◆" if "claim" in column.uses else ""
    return f"| `{column.name}`{named} | {column.group} | {words.unit} | {words.source} | {words.meaning} |"


if __name__ == "__main__":
    write_text(docs_text(DOCS.read_text(encoding="utf-8")), DOCS)
