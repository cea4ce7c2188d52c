"""The verdicts in words, from the claims table."""

from collections.abc import Sequence

import pandas as pd

from weightscape.report.content import Verdict
from weightscape.statistics.plan import Plan
from weightscape.words.names import VERDICTS
from weightscape.words.numbers import NO_BREAK, aligned, pvalue
from weightscape.words.reasons import claim_question, claim_reason
from weightscape.words.text import count_seeds, listing


def verdicts(claims: pd.DataFrame, plan: Plan) -> list[Verdict]:
    """Return the claims as the page states them, in the table's order.

    Raises
    ------
    ValueError
        If a verdict is none of supported, contradicted, undetermined.
    """
    stated = [
        Verdict(row.claim, row.title, claim_question(row.claim, plan), row.verdict, claim_reason(row), numbers_of(row))
        for row in claims.itertuples()
    ]
    for verdict in stated:
        if verdict.verdict not in VERDICTS:
            raise ValueError(f"claim {verdict.claim}: verdict {verdict.verdict!r}; allowed: {', '.join(VERDICTS)}")
    return stated


def numbers_of(row: object) -> str:
    """Return a claim's statistic, interval and p in one line."""
    statistic, low, high = row.statistic, row.low, row.high  # type: ignore[attr-defined]
    name, seeds = row.statistic_name, row.n_seeds  # type: ignore[attr-defined]
    if pd.isna(statistic):
        return f"{name}: not estimable"
    value, lower, upper = aligned(statistic, low, high)
    text = f"{name}: {value}"
    if pd.notna(low):
        text += f" (95{NO_BREAK}% interval {lower} to {upper})"
    if pd.notna(row.pvalue):  # type: ignore[attr-defined]
        text += f", {pvalue(row.pvalue)}"  # type: ignore[attr-defined]
    if pd.notna(row.pvalue_holm):  # type: ignore[attr-defined]
        text += f", after Holm {pvalue(row.pvalue_holm)}"  # type: ignore[attr-defined]
    return f"{text}; {count_seeds(seeds)}"


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
