"""The verdicts in words, from the claims table."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from weightscape.report.content import Cell, Table, Verdict
from weightscape.statistics.claim import VERDICTS
from weightscape.statistics.plan import Plan
from weightscape.statistics.spectral_claim import OtherContrast
from weightscape.words.names import plain
from weightscape.words.numbers import NO_BREAK, aligned, estimate, number, probability, pvalue
from weightscape.words.reasons import claim_question, claim_reason
from weightscape.words.text import count_seeds, listing
from weightscape.words.verdicts import comparison_of, verdict_words


def verdicts(claims: pd.DataFrame, plan: Plan) -> list[Verdict]:
    """Return the claims about all series as the page states them, in the table's order.

    Those about a series are in `series_tables`.

    Raises
    ------
    ValueError
        If a verdict is none of `VERDICTS`.
    """
    stated = [
        Verdict(
            row.claim,
            row.title,
            claim_question(row.claim, plan),
            row.verdict,
            claim_reason(row),
            numbers_of(row),
            verdict_words(row),
        )
        for row in claims[claims["series"] == ""].itertuples()
    ]
    for verdict in stated:
        if verdict.verdict not in VERDICTS:
            raise ValueError(f"claim {verdict.claim}: verdict {verdict.verdict!r}; allowed: {', '.join(VERDICTS)}")
    return stated


def numbers_of(row: Any) -> str:
    """Return the statistic, interval and p of a row of the claims table in one line."""
    if pd.isna(row.statistic):
        return f"{row.statistic_name}: not estimable"
    value, lower, upper = aligned(row.statistic, row.low, row.high)
    text = f"{row.statistic_name}: {value}"
    if pd.notna(row.low):
        text += f" (95{NO_BREAK}% interval {lower} to {upper})"
    if pd.notna(row.pvalue):
        text += f", {pvalue(row.pvalue)}"
    if pd.notna(row.pvalue_holm):
        text += f", after Holm {pvalue(row.pvalue_holm)}"
    return f"{text}; {count_seeds(row.n_seeds)}"


SERIES_CAPTION = (
    "T: how much further along dropout (positive) than along weight decay (negative), in between-seed SDs, without the "
    "direction of stopping early. Found with 80 % power: the smallest true T that this study finds. The last two "
    "columns treat how far training went in other ways, each with the verdict it would give; where it differs, the "
    "verdict hangs on that."
)
SERIES_COLUMNS = [
    "series",
    "verdict",
    "T",
    "95 % interval",
    "p (Holm)",
    "found with 80 % power",
    "data",
    "times the baseline's Vendi score",
    "training loss",
    "T, learning left in",
    "T at equal training loss",
]


def series_tables(claims: pd.DataFrame, positions: pd.DataFrame, manipulation: pd.DataFrame) -> list[Table]:
    """Return claim 1 on each series of diversity: the primary ones, and folded the exploratory ones."""
    losses = positions.set_index(["feature_family", "series"])["fitted_loss"]
    checks = manipulation.set_index("series")
    rows = claims[claims["series"] != ""]
    primary = rows["group"] == "primary"
    parts = (("Claim 1 by series", rows[primary], False), ("Exploratory: other features", rows[~primary], True))
    return [
        Table(
            f"{title}. {SERIES_CAPTION}",
            SERIES_COLUMNS,
            [_series_cells(row, losses, checks) for row in part.itertuples()],
            "tables/claims.csv",
            folded=folded,
        )
        for title, part, folded in parts
        if len(part)
    ]


def _series_cells(row: Any, losses: pd.Series, checks: pd.DataFrame) -> list[Cell]:
    comparison = comparison_of(row.facts)
    raw, equal_loss = (comparison.raw, comparison.equal_loss) if comparison else (None, None)
    value, span = estimate(row.statistic, row.low, row.high)
    ratio = float(np.exp(checks.at[row.series, "difference"]))
    loss = float(losses.get((row.feature_family, row.series), np.nan))
    return [
        Cell(plain(row.series) if row.group == "primary" else f"{plain(row.series)}, {row.feature_family}"),
        Cell(verdict_words(row)),
        _cell(value, row.statistic),
        Cell(span),
        _cell(probability(row.pvalue_holm), row.pvalue_holm),
        _cell(number(row.detectable, 2), row.detectable),
        Cell(str(checks.at[row.series, "outcome"])),
        _cell(number(ratio), ratio),
        _cell(number(loss), loss),
        Cell(_other_words(raw)),
        Cell(_other_words(equal_loss)),
    ]


def _cell(text: str, value: float) -> Cell:
    return Cell(text, None if pd.isna(value) else float(value))


def _other_words(other: OtherContrast | None) -> str:
    """Return the contrast under another treatment of the amount of learning."""
    if other is None or pd.isna(other.statistic.value):
        return "–"
    value, span = estimate(other.statistic.value, other.statistic.low, other.statistic.high)
    return f"{value} ({span}), {other.verdict}"


def verdict_counts(claims: pd.DataFrame) -> str:
    """Return how many claims have each verdict, in one sentence; exploratory ones are left out."""
    registered = claims[~claims["group"].str.startswith("exploratory")]
    return tally(list(registered["verdict"]), VERDICTS, "registered claim")


def tally(values: Sequence[str], allowed: Sequence[str], noun: str) -> str:
    """Return how often each allowed value occurs, in one sentence.

    Raises
    ------
    ValueError
        If a value is not allowed.

    Examples
    --------
    >>> tally(["passed", "passed", "failed"], ("passed", "failed", "undetermined"), "control")
    'Of 3 controls: 2 passed and 1 failed.'
    """
    for value in values:
        if value not in allowed:
            raise ValueError(f"a {noun} is {value!r}; allowed: {', '.join(allowed)}")
    parts = [f"{values.count(value)} {value}" for value in allowed if value in values]
    return f"Of {len(values)} {noun}{'s' * (len(values) != 1)}: {listing(parts)}."
