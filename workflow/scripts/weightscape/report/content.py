"""What a report is made of, independent of HTML or Markdown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NotRequired, TypedDict

import pandas as pd

from weightscape.condition_rows import ConditionRow
from weightscape.report.provenance import Provenance
from weightscape.statistics.plan import Plan


class Backbone(TypedDict):
    """What the report reads of ``backbone.json``; `source` as in the config."""

    architecture: str
    source: str | Mapping[str, object]
    parameters: int
    sha256: str


class Split(TypedDict):
    """What the report reads of a split in ``data/manifest.json``: its images, of which class, in how many groups."""

    n: int
    class_counts: Mapping[str, int]
    groups: NotRequired[int]
    images_sha256: str


class Manifest(TypedDict):
    """What the report reads of ``data/manifest.json``; `source` as in the config."""

    source: str | Mapping[str, object]
    sets: Mapping[str, Split]
    surplus_of_groups: NotRequired[Sequence[int]]


@dataclass(frozen=True)
class Study:
    """Everything the report is derived from.

    Attributes
    ----------
    title
        The study's title.
    conditions
        In the order of the config.
    plan
        The claims section of the config.
    tables
        The study's tables by name; ``generator_quality`` and ``generator_classes`` may be missing.
    backbone, manifest
        Contents of backbone.json and of data/manifest.json.
    provenance
        The record of where the results come from.
    """

    title: str
    conditions: Sequence[ConditionRow]
    plan: Plan
    tables: Mapping[str, pd.DataFrame]
    backbone: Backbone
    manifest: Manifest
    provenance: Provenance


@dataclass(frozen=True)
class Cell:
    """One cell of a table: the text to read and, for a number, the value to sort by."""

    text: str
    value: float | None = None


@dataclass(frozen=True)
class Table:
    """A table of the page; `source` is the CSV file that holds its numbers, relative to the page."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    source: str
    folded: bool = False

    @property
    def numeric(self) -> list[bool]:
        """Which columns hold numbers."""
        return [any(row[index].value is not None for row in self.rows) for index in range(len(self.columns))]


@dataclass(frozen=True)
class Figure:
    """A figure of the page.

    Attributes
    ----------
    name
        Stem of its files in ``figures/``.
    caption
        What to see, and n.
    alt
        What the image is, for those who do not see it.
    uri
        The image itself as a data URI.
    width, height
        Natural size in CSS pixels.
    """

    name: str
    caption: str
    alt: str
    uri: str
    width: int
    height: int


@dataclass(frozen=True)
class Verdict:
    """A claim as the page states it; `word`, if any, is shown instead of the verdict."""

    claim: str
    title: str
    question: str
    verdict: str
    reason: str
    numbers: str
    word: str = ""


@dataclass(frozen=True)
class Section:
    """A section of the page: sentences first, then figures and tables."""

    anchor: str
    heading: str
    sentences: Sequence[str]
    points: Sequence[str] = ()
    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()
    listing: Sequence[tuple[str, str]] = ()
    verbatim: str = ""


@dataclass(frozen=True)
class Report:
    """A whole report.

    `kicker` says what kind of, `source` is the file that holds the verdicts, `tables` stand beside the verdicts and
    `meanings` say what each word for a verdict means.
    """

    title: str
    question: str
    summary: Sequence[str]
    verdicts: Sequence[Verdict]
    sections: Sequence[Section]
    figures: Sequence[Figure] = ()
    kicker: str = "weightscape report"
    source: str = "tables/claims.csv"
    tables: Sequence[Table] = ()
    meanings: Sequence[tuple[str, str]] = ()
