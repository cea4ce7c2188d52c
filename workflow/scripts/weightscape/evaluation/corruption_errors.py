"""Errors on corrupted images relative to the baseline's, and which corruptions a condition was trained on.

A condition that trains with noise is good at noise. So a corruption that training has seen (column ``seen`` of the
evaluation table) is left out of the condition's mean over corruptions; what it is compared with leaves out the same.
"""

from collections.abc import Collection

import pandas as pd

MEAN_ERRORS = {"mce": "ce", "relative_mce": "relative_ce"}
"""Mean over corruptions, and the error of one corruption that it is the mean of."""


def seen_corruptions(evaluation: pd.DataFrame) -> dict[str, list[str]]:
    """Return, for each condition that was trained on some of the study's corruptions, which ones, sorted."""
    seen = evaluation[evaluation["seen"]]
    return {str(name): sorted(set(rows["corruption"])) for name, rows in seen.groupby("condition")}


def without_seen(evaluation: pd.DataFrame, conditions: Collection[str]) -> pd.DataFrame:
    """Return the rows of some conditions on all sets but the corruptions that any of them was trained on."""
    rows = evaluation[evaluation["condition"].isin(conditions)]
    return rows[~rows["corruption"].isin(rows.loc[rows["seen"], "corruption"])]


def corruption_errors(evaluation: pd.DataFrame, baseline: str) -> pd.DataFrame:
    """Return the corruption error of each run and corruption.

    With E the top-1 error, s the severities and b the baseline's mean over its seeds:

    * CE = Σ_s E_s / Σ_s E_{b,s};
    * relative CE = Σ_s (E_s − E_clean) / Σ_s (E_{b,s} − E_{b,clean}), with the error on the whole test set as E_clean.

    The baseline has a mean of 1 in both. Where its denominator is not above 0 the error is missing: it does not err
    on this corruption, or is no worse than on clean images.

    Parameters
    ----------
    evaluation
        Evaluation table; only its raw rows count.
    baseline
        Name of the condition that errors are relative to.

    Returns
    -------
    pandas.DataFrame
        Columns condition, seed, corruption, seen, ce, relative_ce; sorted by the first three.

    References
    ----------
    Hendrycks & Dietterich, *Benchmarking Neural Network Robustness to Common Corruptions and Perturbations*, ICLR 2019
    (arXiv 1903.12261), section 4.2; there the denominators are AlexNet's.
    """
    raw = evaluation[evaluation["calibration"] == "raw"].assign(error=lambda rows: 1 - rows["accuracy"])
    clean = raw[raw["kind"] == "test"].groupby(["condition", "seed"])["error"].mean().rename("clean")
    corrupted = raw[raw["kind"] == "corruption"].join(clean, on=["condition", "seed"])
    corrupted["lost"] = corrupted["error"] - corrupted["clean"]
    sums = corrupted.groupby(["condition", "seed", "corruption"]).agg(
        seen=("seen", "first"), ce=("error", "sum"), relative_ce=("lost", "sum")
    )
    for name in MEAN_ERRORS.values():
        reference = sums.loc[sums.index.get_level_values("condition") == baseline, name].groupby("corruption").mean()
        sums[name] /= reference.where(reference > 0).reindex(sums.index.get_level_values("corruption")).to_numpy()
    return sums.reset_index()
