"""Claims 2a and 2b: synthetic data are more diverse and better out of distribution than the best augmentation."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from weightscape.statistics.accuracies import accuracies, count_logit
from weightscape.statistics.errors import NotInStudyError
from weightscape.statistics.estimate import mean_estimate
from weightscape.statistics.finding import Claim, Finding, judged, undetermined
from weightscape.statistics.plan import Plan
from weightscape.statistics.series import Series, series_means
from weightscape.statistics.wording import estimate_text, listing, verb

MORE_DIVERSE = Claim(
    "2a",
    "Synthetic data are more diverse than the strongest augmentation",
    "Is the Vendi score of training sets with synthetic images higher than that of the most diverse augmentation?",
    "difference of log Vendi scores",
)
BEST = "the augmentation that validates best"
BETTER = Claim(
    "2b",
    "Synthetic data generalise better out of distribution",
    "Is accuracy out of distribution higher with synthetic images than with the augmentation that validates best?",
    "difference of logit accuracies out of distribution",
)


def diversity_claim(
    diversity: pd.DataFrame, series: Series, plan: Plan, space: str = "embedding", order: str = "vendi_1"
) -> Finding:
    """Judge claim 2a: the log-Vendi difference of synthetic data to the most diverse augmentation.

    Vendi scores are of order 1, over all classes, in the embedding space unless asked otherwise. The augmentation with
    the largest mean score is chosen on the same data, which can only make it look more diverse: "supported" is safe,
    "contradicted" less so.
    """
    try:
        means = series_means(log_vendi(diversity, space, order), [plan.augmentation, plan.synthetic], series)
    except NotInStudyError as error:
        return undetermined(MORE_DIVERSE, str(error))
    strongest = largest(np.exp(means).mean(), plan.augmentation)
    estimate = mean_estimate(synthetic_minus(means, plan, strongest))
    ratio = estimate.exponential()
    detail = (
        f"{listing(plan.synthetic)} {verb(plan.synthetic, 'has', 'have')} {estimate_text(ratio)} times the Vendi score "
        f"of {chosen(strongest, 'the most diverse augmentation', plan)}"
    )
    return judged(MORE_DIVERSE, estimate, len(means), detail)


def robustness_claim(evaluation: pd.DataFrame, series: Series, plan: Plan, kind: str = "ood") -> Finding:
    """Judge claim 2b: the logit accuracy out of distribution against the augmentation that validates best.

    Accuracy on each natural out-of-distribution set is log((k + ½)/(n − k + ½)) of its k right out of n, averaged over
    the sets; `kind` "corruption" takes the corrupted test images instead. The augmentation is chosen by its mean
    validation accuracy, never by test or out-of-distribution data.
    """
    roles = [plan.augmentation, plan.synthetic]
    try:
        means = series_means(accuracies(evaluation, kind, count_logit), roles, series)
        best = best_validated(evaluation, series, plan)
    except NotInStudyError as error:
        return undetermined(BETTER, str(error))
    estimate = mean_estimate(synthetic_minus(means, plan, best))
    odds = estimate.exponential()
    detail = (
        f"with {listing(plan.synthetic)} the odds of a right answer are {estimate_text(odds)} "
        f"times those with {chosen(best, BEST, plan)}"
    )
    return judged(BETTER, estimate, len(means), detail)


def log_vendi(diversity: pd.DataFrame, space: str = "embedding", order: str = "vendi_1") -> pd.DataFrame:
    """Return the log Vendi scores over all classes, seeds × conditions."""
    table = diversity[(diversity["space"] == space) & (diversity["class_name"] == "all")]
    return np.log(table.pivot(index="seed", columns="condition", values=order))


def best_validated(evaluation: pd.DataFrame, series: Series, plan: Plan) -> str:
    """Return the augmentation with the highest mean validation accuracy over doses and seeds."""
    means = series_means(accuracies(evaluation, "validation"), [plan.augmentation, plan.synthetic], series)
    return largest(means.mean(), plan.augmentation)


def chosen(name: str, how: str, plan: Plan) -> str:
    """Return the augmentation's name and how it was chosen, the name alone where there was no choice."""
    return f"{name}, {how}" if len(plan.augmentation) > 1 else name


def largest(values: pd.Series, names: Sequence[str]) -> str:
    """Return the name with the largest value; the first in the alphabet among equals."""
    return str(values[sorted(names)].idxmax())


def synthetic_minus(means: pd.DataFrame, plan: Plan, other: str) -> np.ndarray:
    """Return, per seed, the mean of the synthetic series minus another series."""
    return (means[list(plan.synthetic)].mean(axis=1) - means[other]).to_numpy()
