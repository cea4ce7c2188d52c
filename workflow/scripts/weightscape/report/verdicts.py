"""The verdicts in words, from the claims table."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from weightscape.report.content import Verdict
from weightscape.statistics.claim import VERDICTS
from weightscape.statistics.plan import Plan
from weightscape.words.numbers import NO_BREAK, aligned, pvalue
from weightscape.words.reasons import claim_question, claim_reason
from weightscape.words.text import count_seeds, listing


def verdicts(claims: pd.DataFrame, plan: Plan) -> list[Verdict]:
    """Return the claims as the page states them, in the table's order.

    Raises
    ------
    ValueError
        If a verdict is none of `VERDICTS`.
    """
    stated = [
        Verdict(row.claim, row.title, claim_question(row.claim, plan), row.verdict, claim_reason(row), numbers_of(row))
        for row in claims.itertuples()
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


def verdict_counts(stated: Sequence[Verdict]) -> str:
    """Return how many claims have each verdict, in one sentence."""
    return tally([item.verdict for item in stated], VERDICTS, "claim")


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
