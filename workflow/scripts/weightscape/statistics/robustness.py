"""The robustness table: every claim judged again after a list of changes of the analysis."""

from collections.abc import Iterator

import pandas as pd

from weightscape.statistics import all_claims
from weightscape.statistics.claim import Claim, Finding, as_planned, finding_of
from weightscape.statistics.facts import Change, Changed, NotInStudyError, write_facts
from weightscape.statistics.plan import Plan
from weightscape.statistics.study_tables import StudyTables

COLUMNS = [
    "claim", "kind", "variant", "n_seeds", "statistic", "low", "high", "pvalue", "verdict", "same_verdict", "facts",
]  # fmt: skip

AS_PLANNED = Change("as planned")


def robustness_table(tables: StudyTables, plan: Plan) -> pd.DataFrame:
    """Return each claim as planned and under each variant of its analysis.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`. The p-values and verdicts are those of each variant alone, not adjusted for other claims:
        they ask how far the verdict depends on choices that were free. `same_verdict` compares with
        the row "as planned" of the claim. A claim whose data the study lacks has no rows, and one that could not be
        tested for another reason has that reason in its rows.
    """
    rows = [row for claim in all_claims.claims_of(plan) for row in _claim_rows(claim, tables, plan)]
    return pd.DataFrame(rows, columns=COLUMNS)


def _claim_rows(claim: Claim, tables: StudyTables, plan: Plan) -> Iterator[dict[str, object]]:
    try:
        planned = as_planned(claim, tables, plan)
    except NotInStudyError:
        return

    def row(kind: str, change: Change, finding: Finding) -> dict[str, object]:
        return {
            "claim": claim.name,
            "kind": kind,
            "variant": str(change),
            **vars(finding),
            "same_verdict": finding.verdict == planned.verdict,
            "facts": write_facts(Changed(change, finding.facts)),
        }

    yield row("plan", AS_PLANNED, planned)
    for variant in claim.variants(tables, plan):
        yield row(variant.kind, variant.change, finding_of(variant.judge))
