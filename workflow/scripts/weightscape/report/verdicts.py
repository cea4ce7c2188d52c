"""The verdicts in words, from the claims table."""

import re

import pandas as pd

from weightscape.figures.labels import NO_BREAK, VERDICTS, number, plain, pvalue
from weightscape.report.content import Verdict


def verdicts(claims: pd.DataFrame) -> list[Verdict]:
    """Return the claims as the page states them, in the table's order.

    Raises
    ------
    ValueError
        If a verdict is none of supported, contradicted, undetermined.
    """
    found = [
        Verdict(row.claim, row.title, plain(row.question), row.verdict, _tidy(row.reason), numbers_of(row))
        for row in claims.itertuples()
    ]
    for verdict in found:
        if verdict.verdict not in VERDICTS:
            raise ValueError(f"claim {verdict.claim}: verdict {verdict.verdict!r}; allowed: {', '.join(VERDICTS)}")
    return found


def _tidy(reason: str) -> str:
    """Return a reason with names as words and without a line break within a p-value."""
    return re.sub(r"\bp ([=<]) ", rf"p{NO_BREAK}\1{NO_BREAK}", plain(reason))


def numbers_of(row: object) -> str:
    """Return a claim's statistic, interval and p in one line."""
    statistic, low, high = row.statistic, row.low, row.high  # type: ignore[attr-defined]
    name, seeds = row.statistic_name, row.n_seeds  # type: ignore[attr-defined]
    if pd.isna(statistic):
        return f"{name}: not estimable"
    text = f"{name}: {number(statistic)}"
    if pd.notna(low):
        text += f" (95{NO_BREAK}% interval {number(low)} to {number(high)})"
    if pd.notna(row.pvalue):  # type: ignore[attr-defined]
        text += f", {pvalue(row.pvalue)}"  # type: ignore[attr-defined]
    if pd.notna(row.pvalue_holm):  # type: ignore[attr-defined]
        text += f", after Holm {pvalue(row.pvalue_holm)}"  # type: ignore[attr-defined]
    return f"{text}; {seeds} seeds"


def verdict_counts(found: list[Verdict]) -> str:
    """Return how many claims have each verdict, in one sentence."""
    counts = {verdict: sum(item.verdict == verdict for item in found) for verdict in VERDICTS}
    parts = [f"{count} {verdict}" for verdict, count in counts.items() if count]
    listed = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    total = len(found)
    return f"Of {total} claim{'s' * (total != 1)}: {listed}."
