"""Claim 2 judged anew after each of a list of changes of the analysis."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from weightscape.statistics.accuracies import accuracies
from weightscape.statistics.bootstrap import hierarchical_bootstrap
from weightscape.statistics.effective_robustness import effective_robustness_claim
from weightscape.statistics.finding import Finding, judged
from weightscape.statistics.mixed_model import mixed_model_claim
from weightscape.statistics.plan import Plan
from weightscape.statistics.series import Series, require_series
from weightscape.statistics.spectral_variants import without_each_dose
from weightscape.statistics.synthetic_claims import (
    BETTER,
    best_validated,
    diversity_claim,
    log_vendi,
    robustness_claim,
)
from weightscape.statistics.wording import listing

Variant = tuple[str, str, Finding]
"""Kind of the change, the change, and what is found after it."""

Images = Mapping[str, np.ndarray]
"""Per condition, whether each natural out-of-distribution image was classified rightly: (seeds, images)."""


def diversity_variants(diversity: pd.DataFrame, series: Series, plan: Plan) -> Iterator[Variant]:
    """Yield claim 2a as planned and after each change; `NotInStudyError` if a series has no data."""
    values = log_vendi(diversity)
    require_series([plan.augmentation, plan.synthetic], series, set(values.columns))
    yield "plan", "as planned", diversity_claim(diversity, series, plan)
    for condition, rest in _doses(series, plan):
        yield "dose", f"without {condition}", diversity_claim(diversity, rest, plan)
    if (strongest := _one_dose(series, plan, values.mean())) != series:
        yield "dose", "most diverse dose of each series", diversity_claim(diversity, strongest, plan)
    yield "measure", "Vendi score of order 2", diversity_claim(diversity, series, plan, order="vendi_2")
    if (diversity["space"] == "pixel").any():
        yield "measure", "pixel space", diversity_claim(diversity, series, plan, space="pixel")


def robustness_variants(
    evaluation: pd.DataFrame, series: Series, plan: Plan, images: Images | None = None
) -> Iterator[Variant]:
    """Yield claim 2b as planned and after each change.

    Parameters
    ----------
    evaluation, series, plan
        As for the claim.
    images
        For the bootstrap over seeds and images; without it that variant is left out, and with several sets, since
        the claim averages over sets and not over their images.

    Raises
    ------
    NotInStudyError
        If the study has no natural out-of-distribution set or lacks a series.
    """
    require_series([plan.augmentation, plan.synthetic], series, set(accuracies(evaluation, "ood").columns))
    best = best_validated(evaluation, series, plan)
    yield "plan", "as planned", robustness_claim(evaluation, series, plan)
    for condition, rest in _doses(series, plan):
        yield "dose", f"without {condition}", robustness_claim(evaluation, rest, plan)
    if (validated := _one_dose(series, plan, accuracies(evaluation, "validation").mean())) != series:
        yield "dose", "best validated dose of each series", robustness_claim(evaluation, validated, plan)
    others = [name for name in plan.augmentation if name != best]
    for name in others:
        only = replace(plan, augmentation=(name,))
        yield "comparison", f"against {name}", robustness_claim(evaluation, series, only)
    sets = sorted(evaluation.loc[evaluation["kind"] == "ood", "set"].unique())
    for name in sets if len(sets) > 1 else []:
        yield (
            "measure",
            f"without the set {name}",
            robustness_claim(evaluation[evaluation["set"] != name], series, plan),
        )
    if (evaluation["kind"] == "corruption").any():
        yield "measure", "corrupted test images", robustness_claim(evaluation, series, plan, kind="corruption")
    if images is not None and len(sets) == 1:
        yield "uncertainty", "bootstrap over seeds and images", _over_images(images, series, plan, best)


def residual_variants(evaluation: pd.DataFrame, series: Series, plan: Plan) -> Iterator[Variant]:
    """Yield claim 2c as planned and after each change; `NotInStudyError` as there."""
    require_series([plan.augmentation, plan.synthetic], series, set(accuracies(evaluation, "ood").columns))
    yield "plan", "as planned", effective_robustness_claim(evaluation, series, plan)
    for condition, rest in _doses(series, plan):
        without = evaluation[evaluation["condition"] != condition]
        yield "dose", f"without {condition}", effective_robustness_claim(without, rest, plan)


def model_variants(evaluation: pd.DataFrame, diversity: pd.DataFrame) -> Iterator[Variant]:
    """Yield claim 2d as planned and after each change."""
    yield "plan", "as planned", mixed_model_claim(evaluation, diversity)
    yield "measure", "Vendi score of order 2", mixed_model_claim(evaluation, diversity, order="vendi_2")
    if (diversity["space"] == "pixel").any():
        yield "measure", "pixel space", mixed_model_claim(evaluation, diversity, space="pixel")


def _doses(series: Series, plan: Plan) -> Iterator[tuple[str, Series]]:
    return without_each_dose(series, list(dict.fromkeys(plan.augmentation + plan.synthetic)))


def _one_dose(series: Series, plan: Plan, values: pd.Series) -> Series:
    """Return the series of claim 2 with the one dose each that has the largest value."""
    names = dict.fromkeys(plan.augmentation + plan.synthetic)
    return series | {name: [str(values[series[name]].idxmax())] for name in names}


def _over_images(images: Images, series: Series, plan: Plan, best: str) -> Finding:
    """Return claim 2b with the interval of the hierarchical bootstrap; series count alike, as in the claim."""

    def stacked(names: tuple[str, ...]) -> np.ndarray:
        doses = int(np.lcm.reduce([len(series[name]) for name in names]))
        repeated = [np.repeat([images[c] for c in series[name]], doses // len(series[name]), axis=0) for name in names]
        return np.moveaxis(np.concatenate(repeated), 0, 1)[None]

    synthetic = stacked(plan.synthetic)
    estimate = hierarchical_bootstrap(synthetic, stacked((best,)))
    detail = f"over resampled seeds and test images, {listing(plan.synthetic)} against {best}"
    return judged(BETTER, estimate, synthetic.shape[1], detail)
