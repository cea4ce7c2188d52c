"""How many seeds each claim needs, from a pilot with few."""

from functools import partial

import pandas as pd

from weightscape.statistics import all_claims
from weightscape.statistics.claim import finding_of
from weightscape.statistics.constants import SIGNIFICANCE
from weightscape.statistics.facts import Case, Facts, NotInStudyError, write_facts
from weightscape.statistics.plan import Plan
from weightscape.statistics.power import CANDIDATES
from weightscape.statistics.study_tables import StudyTables

COLUMNS = ["claim", "pilot_seeds", "seeds_alone", "seeds_holm", "facts"]


def seeds_table(tables: StudyTables, plan: Plan, power: float = 0.8) -> pd.DataFrame:
    """Return the seeds that each claim needs for the wanted power, if the truth is what the pilot found.

    Parameters
    ----------
    tables, plan
        The pilot.
    power
        Wanted probability that the claim is decided in the direction that the pilot points to.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`: `seeds_alone` at level `SIGNIFICANCE`, `seeds_holm` at that of Holm's first step in the
        claim's group, the level that suffices whatever the other claims show. NA where even the largest of `CANDIDATES`
        does not suffice or the pilot does not say; `facts` say which, and are empty where there is nothing to note. The
        numbers are for an effect as large as the pilot's, whose own error is not in them.
    """
    claims = all_claims.claims_of(plan)
    groups = all_claims.groups_of(claims)
    rows = []
    for claim in claims:
        levels = {"seeds_alone": SIGNIFICANCE, "seeds_holm": SIGNIFICANCE / len(groups[claim.group])}
        finding = finding_of(partial(claim.judge, tables, plan))
        note: Facts | None = None
        needed = dict[str, int | None].fromkeys(levels)
        try:
            needed = {name: claim.seeds_needed(tables, plan, finding, power, level) for name, level in levels.items()}
            if all(seeds is None for seeds in needed.values()):
                note = Case("more seeds", number=CANDIDATES[-1])
            elif finding.pvalue > SIGNIFICANCE:
                note = Case("rough guess")
        except NotInStudyError as error:
            note = error.facts
        facts = write_facts(note) if note else ""
        rows.append({"claim": claim.name, "pilot_seeds": finding.n_seeds, **needed, "facts": facts})
    return pd.DataFrame(rows, columns=COLUMNS).astype({"seeds_alone": "Int64", "seeds_holm": "Int64"})
