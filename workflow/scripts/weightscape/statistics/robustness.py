"""The robustness table: every claim judged again after a list of changes of the analysis."""

from collections.abc import Iterable, Iterator
from itertools import chain

import pandas as pd

from weightscape.statistics import synthetic_variants as two
from weightscape.statistics.contrast import FamilyContrast
from weightscape.statistics.errors import NotInStudyError
from weightscape.statistics.finding import Finding
from weightscape.statistics.plan import Plan
from weightscape.statistics.series import conditions_of_series
from weightscape.statistics.spectral_variants import spectral_variants
from weightscape.statistics.wording import capital

COLUMNS = [
    "claim",
    "kind",
    "variant",
    "n_seeds",
    "statistic",
    "low",
    "high",
    "pvalue",
    "verdict",
    "same_verdict",
    "reason",
]


def robustness_table(
    runs: pd.DataFrame,
    evaluation: pd.DataFrame,
    diversity: pd.DataFrame,
    spectra: pd.DataFrame,
    plan: Plan,
    images: two.Images | None = None,
) -> pd.DataFrame:
    """Return each claim as planned and under each variant of its analysis.

    Parameters
    ----------
    runs, evaluation, diversity, spectra, plan
        As for the claims table.
    images
        Per condition whether each natural out-of-distribution image was classified rightly, (seeds, images).

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`. The p-values and verdicts are those of each variant alone, not adjusted for other claims:
        they ask how far the verdict hangs on choices that could have been made otherwise. `same_verdict` compares with
        the row "as planned" of the claim. A claim whose series are not there has no rows, and one that could not be
        tested for another reason has that reason in its rows.
    """
    series = conditions_of_series(runs)
    early = sorted(runs.loc[runs["family"] == "early_stop", "condition"].unique())
    claims: dict[str, Iterator[tuple[str, str, FamilyContrast | Finding]]] = {
        "1-shape": spectral_variants("shape", spectra, series, plan, early),
        "1-scale": spectral_variants("scale", spectra, series, plan, early),
        "2a": two.diversity_variants(diversity, series, plan),
        "2b": two.robustness_variants(evaluation, series, plan, images),
        "2c": two.residual_variants(evaluation, series, plan),
        "2d": two.model_variants(evaluation, diversity),
    }
    rows = chain.from_iterable(_claim_rows(claim, variants) for claim, variants in claims.items())
    return pd.DataFrame(list(rows), columns=COLUMNS)


def _claim_rows(
    claim: str, variants: Iterable[tuple[str, str, FamilyContrast | Finding]]
) -> Iterator[dict[str, object]]:
    planned = ""
    try:
        for kind, variant, result in variants:
            planned = planned or result.verdict
            yield {
                "claim": claim,
                "kind": kind,
                "variant": variant,
                "n_seeds": result.n_seeds,
                "statistic": result.statistic,
                "low": result.low,
                "high": result.high,
                "pvalue": result.pvalue,
                "verdict": result.verdict,
                "same_verdict": result.verdict == planned,
                "reason": capital(result.reason),
            }
    except NotInStudyError:
        return


def with_stability(claims: pd.DataFrame, robustness: pd.DataFrame) -> pd.DataFrame:
    """Return the claims table with how many other analyses come to the same verdict, as columns and in the reason.

    The columns are `n_variants` and `n_same_verdict`; the variants' verdicts are compared with that of the planned
    analysis before its adjustment for other claims. The reason of a claim that could not be tested stays as it is.
    """
    others = robustness[robustness["kind"] != "plan"].groupby("claim")["same_verdict"].agg(["size", "sum"])
    counts = others.reindex(claims["claim"], fill_value=0)
    n, same = (counts[column].to_numpy(dtype="int64") for column in ("size", "sum"))
    planned = robustness[robustness["kind"] == "plan"].set_index("claim")["verdict"].reindex(claims["claim"])
    sentences = []
    for k, of, alone, row in zip(same, n, planned, claims.itertuples(), strict=True):
        verdict = "the same verdict" if alone == row.verdict else f"“{alone}”, as the planned one does"
        tested = of and pd.notna(row.statistic)
        sentences.append(f" Without adjustment, {k} of {of} other analyses come to {verdict}." if tested else "")
    return claims.assign(reason=claims["reason"] + sentences, n_variants=n, n_same_verdict=same)
