"""The claims of several studies, adjusted for the number of all of them together, and how many studies agree."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from weightscape.statistics.claim import DECIDED
from weightscape.statistics.constants import SIGNIFICANCE
from weightscape.statistics.multiplicity import holm

TAKEN = ["claim", "series", "title", "statistic_name", "n_seeds", "statistic", "low", "high", "pvalue", "pvalue_holm"]
COLUMNS = ["study", *TAKEN, "verdict_alone", "pvalue_studies", "verdict"]


@dataclass(frozen=True)
class Agreement:
    """In how many studies a claim is estimated, positive, supported and contradicted."""

    claim: str
    title: str
    statistic_name: str
    n_studies: int
    n_estimated: int
    n_positive: int
    n_supported: int
    n_contradicted: int


def compare_claims(claims: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the claims of all studies in one table, claim by claim, with verdicts adjusted for all of them together.

    Parameters
    ----------
    claims
        The claims table of each study, by the study's name.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`. `pvalue_studies` is p adjusted by Holm over all claims of all studies at once, so that the
        probability of any false verdict in the table is at most `SIGNIFICANCE`; adjusting over the claims of each study
        and over the studies of each claim apart would not do that. A claim that could not be tested counts. `verdict`
        is the study's own (`verdict_alone`, which has passed its gates) where `pvalue_studies` is at most
        `SIGNIFICANCE`, or where it is not one that p decides ("mixed"); else "undetermined".

    Raises
    ------
    ValueError
        If studies measure a claim by different statistics, as different versions of the program may.
    """
    parts = [
        table[[*TAKEN, "verdict"]].rename(columns={"verdict": "verdict_alone"}).assign(study=study)
        for study, table in claims.items()
    ]
    joined = pd.concat(parts, ignore_index=True)
    order = {claim: place for place, claim in enumerate(dict.fromkeys(joined["claim"]))}
    joined = joined.sort_values("claim", key=lambda names: names.map(order), kind="stable").reset_index(drop=True)
    for claim, rows in joined.groupby("claim", sort=False):
        if rows["statistic_name"].nunique() > 1:
            statistics = ", ".join(f"{row.statistic_name} ({row.study})" for row in rows.itertuples())
            raise ValueError(f"claim {claim}: the studies measure it by different statistics: {statistics}")
    joined["pvalue_studies"] = holm(joined["pvalue"].to_numpy(dtype=float))
    kept = (joined["pvalue_studies"] <= SIGNIFICANCE) | ~joined["verdict_alone"].isin(DECIDED)
    return joined.assign(verdict=np.where(kept, joined["verdict_alone"], "undetermined"))[COLUMNS]


def agreement(compared: pd.DataFrame) -> list[Agreement]:
    """Return how the studies agree on each claim in the table of `compare_claims`; positive values support it."""
    return [
        Agreement(
            claim=str(claim),
            title=rows["title"].iloc[0],
            statistic_name=rows["statistic_name"].iloc[0],
            n_studies=len(rows),
            n_estimated=int(rows["statistic"].notna().sum()),
            n_positive=int((rows["statistic"] > 0).sum()),
            n_supported=int((rows["verdict"] == "supported").sum()),
            n_contradicted=int((rows["verdict"] == "contradicted").sum()),
        )
        for claim, rows in compared.groupby("claim", sort=False)
    ]
