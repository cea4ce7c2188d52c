"""One row of the claims table, and the phrases that the reasons of verdicts share."""

from collections.abc import Sequence
from dataclasses import dataclass

from weightscape.statistics.wording import listing


@dataclass(frozen=True)
class Finding:
    """One row of the claims table."""

    claim: str
    title: str
    question: str
    statistic_name: str
    n_seeds: int
    statistic: float
    low: float
    high: float
    pvalue: float
    pvalue_holm: float
    verdict: str
    reason: str


def missing_series(absent: Sequence[str]) -> str:
    """Return why a claim cannot be tested whose series are not there."""
    if absent:
        return f"The study has no complete runs of {listing(sorted(absent))}."
    return "The study's plan names no series for this claim."


def count_seeds(n: int) -> str:
    """Return ``8 seeds``."""
    return f"{n} seed{'s' * (n != 1)}"


def capital(text: str) -> str:
    """Return the text with its first letter in upper case."""
    return text[:1].upper() + text[1:]
