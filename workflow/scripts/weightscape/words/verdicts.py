"""The words for verdicts: the verdict itself, and for one that is undetermined, of which kind."""

from typing import Any

import pandas as pd

from weightscape.statistics.contrast import Contrasted
from weightscape.statistics.facts import Facts, NotDecided
from weightscape.statistics.recognition import FromGenerator
from weightscape.statistics.spectral_claim import NotMoreDiverse, SpectralComparison
from weightscape.statistics.verdicts import Precision
from weightscape.words.reasons import read

MEANINGS = (
    ("supported", "The data speak for the claim, after adjustment for the other claims of its group."),
    ("contradicted", "They speak for the opposite."),
    ("mixed", "The claim is about several series, and some of them go opposite ways: none stands for all."),
    (
        "undetermined",
        "Not decided. Too imprecise: the interval holds both 0 and values beyond the plan's margin. Smaller than the "
        "margin: shown to be negligible, by an equivalence test. Not more diverse: the training sets of the series are "
        "not shown to be more diverse than the baseline's, so its numbers say nothing about diversity. Not recognised: "
        "synthetic images do not show their classes well enough for a verdict on synthetic data. No direction: "
        "dropout or weight decay is not shown to move the spectra in a way of its own, so there is nothing to compare "
        "with.",
    ),
)
"""What each verdict means."""


def verdict_words(row: Any) -> str:
    """Return the verdict of a row of the claims table, with its kind where it is undetermined."""
    kind = undetermined_kind(row) if row.verdict == "undetermined" else ""
    return f"{row.verdict}: {kind}" if kind else str(row.verdict)


def undetermined_kind(row: Any) -> str:
    """Return which kind of undetermined a row of the claims table is; nothing for a claim without a margin."""
    facts = read(row.facts)
    negligible = isinstance(facts, Precision) and facts.negligible
    has_margin = isinstance(facts, Precision) and pd.notna(facts.margin)
    inner = bare(facts)
    if isinstance(inner, NotMoreDiverse):
        return "not more diverse"
    if isinstance(inner, FromGenerator):
        return "not recognised"
    if pd.isna(row.statistic):
        return "no direction" if isinstance(inner, SpectralComparison) else "not estimable"
    if negligible:
        return "smaller than the margin"
    contrast = inner.contrast if isinstance(inner, SpectralComparison) else inner
    if isinstance(contrast, Contrasted) and contrast.outcome == "only away from weight decay":
        return "not along dropout"
    return "too imprecise" if has_margin else ""


def bare(facts: Facts) -> Facts:
    """Return what was found, without what is said of its precision, adjustment and synthetic images that pass."""
    while isinstance(facts, Precision | NotDecided) or (isinstance(facts, FromGenerator) and not facts.failed):
        facts = facts.finding
    return facts


def comparison_of(facts: str) -> SpectralComparison | None:
    """Return the contrast that a verdict on a series rests on, if there is one, from its facts in the claims table."""
    found = bare(read(facts))
    if isinstance(found, NotMoreDiverse):
        found = found.finding
    return found if isinstance(found, SpectralComparison) else None
