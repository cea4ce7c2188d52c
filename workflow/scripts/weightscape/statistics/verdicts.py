"""The claims table: a verdict on each claim, with the facts that it rests on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd

from weightscape.statistics import all_claims
from weightscape.statistics.claim import DECIDED, Claim, Finding, as_planned, finding_of
from weightscape.statistics.constants import SIGNIFICANCE
from weightscape.statistics.facts import Facts, NotDecided, write_facts
from weightscape.statistics.multiplicity import holm
from weightscape.statistics.plan import Plan
from weightscape.statistics.precision import detectable, equivalence_pvalue
from weightscape.statistics.study_tables import StudyTables

COLUMNS = [
    "claim", "group", "series", "feature_family", "title", "question", "statistic_name", "n_seeds", "statistic", "low",
    "high", "pvalue", "pvalue_holm", "pvalue_equivalence", "detectable", "verdict", "facts",
]  # fmt: skip


@dataclass(frozen=True)
class Precision(Facts):
    """A claim's finding and how precise it is.

    Attributes
    ----------
    finding
        What was found.
    verdict
        The verdict.
    detectable
        The smallest true statistic that this study finds with the power of `weightscape.statistics.precision.POWER`.
    margin
        Largest statistic that counts as negligible; NaN without a test of equivalence.
    pvalue_equivalence
        The p of that test, adjusted by Holm over the claims of the group.
    negligible
        Whether the statistic is shown to be smaller than the margin.
    """

    finding: Facts
    verdict: str
    detectable: float
    margin: float
    pvalue_equivalence: float
    negligible: bool


def claims_table(tables: StudyTables, plan: Plan) -> pd.DataFrame:
    """Return the verdicts on all claims, in the order of `claims_of`.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`. A claim is decided if its p, adjusted by Holm over the claims of its group, is at most
        `SIGNIFICANCE`; a claim that could not be tested counts as a test. `pvalue_equivalence` is that of the two
        one-sided tests, not adjusted. `detectable` is for the first, strictest step of Holm's procedure.
    """
    claims = all_claims.claims_of(plan)
    findings = {claim.name: finding_of(partial(as_planned, claim, tables, plan)) for claim in claims}
    rows: dict[str, dict[str, object]] = {}
    for group in all_claims.groups_of(claims).values():
        rows |= _adjusted([findings[name] for name in group], group)
    return pd.DataFrame([{**_described(claim, plan), **rows[claim.name]} for claim in claims], columns=COLUMNS)


def _described(claim: Claim, plan: Plan) -> dict[str, object]:
    return {
        "claim": claim.name,
        "group": claim.group,
        "series": claim.series,
        "feature_family": claim.feature_family,
        "title": claim.title,
        "question": claim.question.format(metrics=_listed(claim.metrics(plan))),
        "statistic_name": claim.statistic_name,
    }


def _listed(names: Sequence[str]) -> str:
    """Return names of columns as ``a, b and c``."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _adjusted(findings: Sequence[Finding], names: Sequence[str]) -> dict[str, dict[str, object]]:
    """Return the columns of a group's findings, by claim, adjusted for each other."""
    adjusted = holm(np.array([finding.pvalue for finding in findings]))
    equivalence = [
        float(equivalence_pvalue(finding.statistic, finding.standard_error, finding.df, finding.margin))
        for finding in findings
    ]
    equivalence_holm = holm(np.array(equivalence))
    rows = {}
    for name, alone, pvalue_holm, p, p_holm in zip(
        names, findings, map(float, adjusted), equivalence, map(float, equivalence_holm), strict=True
    ):
        finding = _after_holm(alone, pvalue_holm)
        smallest = detectable(finding.standard_error, finding.df, SIGNIFICANCE / len(findings))
        facts = finding.facts
        if np.isfinite(smallest):
            facts = Precision(facts, finding.verdict, smallest, finding.margin, p_holm, p_holm <= SIGNIFICANCE)
        rows[name] = {
            **vars(finding),
            "pvalue_holm": pvalue_holm,
            "pvalue_equivalence": p,
            "detectable": smallest,
            "facts": write_facts(facts),
        }
    return rows


def _after_holm(finding: Finding, pvalue_holm: float) -> Finding:
    """Take back a verdict that does not survive the adjustment."""
    if finding.verdict not in DECIDED or pvalue_holm <= SIGNIFICANCE:
        return finding
    return replace(
        finding, verdict="undetermined", facts=NotDecided(finding.facts, pvalue_holm, verdict_alone=finding.verdict)
    )


def with_stability(claims: pd.DataFrame, robustness: pd.DataFrame) -> pd.DataFrame:
    """Return the claims table with how many other analyses there are and how many come to the same verdict.

    The columns are `n_variants` and `n_same_verdict`. The variants' verdicts are compared with that of the planned
    analysis before its adjustment for other claims. Where that is not decided `n_same_verdict` is missing: other
    analyses agree on "undetermined" for want of power.
    """
    planned = robustness[robustness["kind"] == "plan"].set_index("claim")["verdict"].isin(DECIDED)
    others = robustness[robustness["kind"] != "plan"].groupby("claim")["same_verdict"].agg(["size", "sum"])
    counts = others.reindex(claims["claim"], fill_value=0).reset_index(drop=True).astype("Int64")
    decided = planned.reindex(claims["claim"], fill_value=False).to_numpy()
    return claims.assign(n_variants=counts["size"], n_same_verdict=counts["sum"].where(decided))
