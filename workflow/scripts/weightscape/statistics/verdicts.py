"""The claims table: a verdict on each claim, with the facts that it rests on."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from weightscape.statistics import all_claims
from weightscape.statistics.claim import Finding, finding_of
from weightscape.statistics.constants import SIGNIFICANCE
from weightscape.statistics.facts import NotDecided, write_facts
from weightscape.statistics.multiplicity import holm
from weightscape.statistics.plan import Plan
from weightscape.statistics.study_tables import StudyTables

COLUMNS = [
    "claim", "title", "question", "statistic_name", "n_seeds", "statistic", "low", "high", "pvalue", "pvalue_holm",
    "verdict", "facts",
]  # fmt: skip


def claims_table(tables: StudyTables, plan: Plan) -> pd.DataFrame:
    """Return the verdicts on all claims, in the order of `CLAIMS`.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`. A claim is decided if its p, adjusted by Holm over all claims, is at most
        `SIGNIFICANCE`; a claim that could not be tested counts as a test.
    """
    claims = all_claims.CLAIMS
    findings = [finding_of(partial(claim.judge, tables, plan)) for claim in claims]
    adjusted = holm(np.array([finding.pvalue for finding in findings]))
    rows = []
    for claim, pvalue_holm, alone in zip(claims, map(float, adjusted), findings, strict=True):
        finding = _adjusted(alone, pvalue_holm)
        rows.append(
            {
                "claim": claim.name,
                "title": claim.title,
                "question": claim.question.format(metrics=_listed(claim.metrics(plan))),
                "statistic_name": claim.statistic_name,
                **vars(finding),
                "pvalue_holm": pvalue_holm,
                "facts": write_facts(finding.facts),
            }
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def _listed(names: Sequence[str]) -> str:
    """Return names of columns as ``a, b and c``."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _adjusted(finding: Finding, pvalue_holm: float) -> Finding:
    """Take back a verdict that does not survive the adjustment."""
    if finding.verdict == "undetermined" or pvalue_holm <= SIGNIFICANCE:
        return finding
    return replace(
        finding, verdict="undetermined", facts=NotDecided(finding.facts, pvalue_holm, verdict_alone=finding.verdict)
    )


def with_stability(claims: pd.DataFrame, robustness: pd.DataFrame) -> pd.DataFrame:
    """Return the claims table with how many other analyses there are and how many come to the same verdict.

    The columns are `n_variants` and `n_same_verdict`; the variants' verdicts are compared with that of the planned
    analysis before its adjustment for other claims.
    """
    others = robustness[robustness["kind"] != "plan"].groupby("claim")["same_verdict"].agg(["size", "sum"])
    counts = others.reindex(claims["claim"], fill_value=0)
    n, same = (counts[column].to_numpy(dtype="int64") for column in ("size", "sum"))
    return claims.assign(n_variants=n, n_same_verdict=same)
