"""Claim 2: synthetic data are more diverse (a) and better out of distribution (b) than the best augmentation."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from weightscape.statistics.constants import MINIMUM_SEEDS, SIGNIFICANCE
from weightscape.statistics.estimate import Estimate, mean_estimate
from weightscape.statistics.finding import Finding, capital, count_seeds, missing_series
from weightscape.statistics.plan import Plan
from weightscape.statistics.wording import interval_text, listing, number, pvalue_text


def diversity_claim(diversity: pd.DataFrame, series: Mapping[str, Sequence[str]], plan: Plan) -> Finding:
    """Judge claim 2a: the log-Vendi difference of synthetic data to the most diverse augmentation.

    Vendi scores are of order 1, over all classes, in the embedding space. The augmentation with the largest mean score
    is chosen on the same data, which can only make it look more diverse: "supported" is safe, "contradicted" less so.
    """
    table = diversity[(diversity["space"] == "embedding") & (diversity["class_name"] == "all")]
    values = np.log(table.pivot(index="seed", columns="condition", values="vendi_1"))
    blank = _blank_claim_two(
        "2a",
        "Synthetic data are more diverse than the strongest augmentation",
        "Is the Vendi score of training sets with synthetic images higher than that of the most diverse augmentation?",
        "difference of log Vendi scores (embedding)",
    )
    means, missing = series_means(values, plan, series)
    if means is None:
        return replace(blank, reason=missing)
    strongest = _largest(means, plan.augmentation, np.exp(means).mean())
    estimate = mean_estimate(_synthetic_minus(means, plan, strongest))
    ratio = estimate.exponential()
    detail = (
        f"{listing(plan.synthetic)} has {number(ratio.value)} {interval_text(ratio)} times the Vendi score of "
        f"{strongest}, the most diverse augmentation"
    )
    return _judge_claim_two(blank, estimate, len(means), detail)


def robustness_claim(evaluation: pd.DataFrame, series: Mapping[str, Sequence[str]], plan: Plan) -> Finding:
    """Judge claim 2b: the logit accuracy out of distribution against the augmentation that validates best.

    Accuracy on each natural out-of-distribution set is log((k + ½)/(n − k + ½)) of its k right out of n, averaged over
    the sets. The augmentation is chosen by its mean validation accuracy, never by test or out-of-distribution data.
    """
    raw = evaluation[evaluation["calibration"] == "raw"]
    ood = raw[raw["kind"] == "ood"]
    values = (
        ood.assign(logit=count_logit(ood["accuracy"].to_numpy(), ood["n"].to_numpy()))
        .groupby(["seed", "condition"])["logit"]
        .mean()
        .unstack()
    )
    blank = _blank_claim_two(
        "2b",
        "Synthetic data generalise better out of distribution",
        "Is accuracy out of distribution higher with synthetic images than with the augmentation that validates best?",
        "difference of logit accuracies out of distribution",
    )
    validation = raw[raw["kind"] == "validation"].pivot(index="seed", columns="condition", values="accuracy")
    if ood.empty:
        return replace(blank, reason="The study has no natural out-of-distribution set.")
    means, missing = series_means(values, plan, series)
    validation_means, missing_validation = series_means(validation, plan, series)
    if means is None or validation_means is None:
        return replace(blank, reason=missing or missing_validation)
    best = _largest(means, plan.augmentation, validation_means.mean())
    estimate = mean_estimate(_synthetic_minus(means, plan, best))
    odds = estimate.exponential()
    detail = (
        f"with {listing(plan.synthetic)} the odds of a right answer are {number(odds.value)} {interval_text(odds)} "
        f"times those with {best}, the augmentation that validates best"
    )
    return _judge_claim_two(blank, estimate, len(means), detail)


def count_logit(accuracy: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Return log((k + ½)/(n − k + ½)) of k = accuracy · n right answers: finite at 0 and 1 (Haldane 1956)."""
    right = np.rint(accuracy * n)
    return np.log((right + 0.5) / (n - right + 0.5))


def series_means(
    values: pd.DataFrame, plan: Plan, series: Mapping[str, Sequence[str]]
) -> tuple[pd.DataFrame | None, str]:
    """Return claim 2's series means over doses, seeds × series, on the seeds that all have; or why there are none."""
    wanted = list(dict.fromkeys(plan.augmentation + plan.synthetic))
    absent = [name for name in wanted if name not in series or not set(series[name]) <= set(values.columns)]
    if absent or not plan.augmentation or not plan.synthetic:
        return None, missing_series(absent)
    means = pd.DataFrame({name: values[list(series[name])].mean(axis=1, skipna=False) for name in wanted})
    means = means.dropna()
    return (means, "") if len(means) else (None, "No seed has runs of every series of this claim.")


def _largest(means: pd.DataFrame, names: Sequence[str], by: pd.Series) -> str:
    """Return the series with the largest value of `by`; the first in the alphabet among equals."""
    return str(by.reindex(sorted(name for name in names if name in means)).idxmax())


def _synthetic_minus(means: pd.DataFrame, plan: Plan, other: str) -> np.ndarray:
    return (means[list(plan.synthetic)].mean(axis=1) - means[other]).to_numpy()


def _blank_claim_two(claim: str, title: str, question: str, statistic_name: str) -> Finding:
    nan = float("nan")
    return Finding(claim, title, question, statistic_name, 0, nan, nan, nan, nan, nan, "undetermined", "")


def _judge_claim_two(blank: Finding, estimate: Estimate, n_seeds: int, detail: str) -> Finding:
    """Return the finding with its verdict by the paired t interval."""
    if n_seeds < MINIMUM_SEEDS:
        reason = f"Too few seeds ({n_seeds}): the comparison needs {MINIMUM_SEEDS}."
        return replace(blank, n_seeds=n_seeds, reason=reason)
    if estimate.pvalue > SIGNIFICANCE:
        verdict, ending = "undetermined", "so no difference is shown"
    else:
        verdict, ending = ("supported", "") if estimate.value > 0 else ("contradicted", "")
    reason = f"{detail} ({pvalue_text(estimate.pvalue)}, {count_seeds(n_seeds)}){', ' * bool(ending)}{ending}."
    return replace(
        blank,
        n_seeds=n_seeds,
        statistic=estimate.value,
        low=estimate.low,
        high=estimate.high,
        pvalue=estimate.pvalue,
        verdict=verdict,
        reason=capital(reason),
    )
