"""Claim 2b: synthetic data generalise better out of distribution than the augmentation that validates best."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from weightscape.evaluation.corruption_errors import without_seen
from weightscape.statistics.accuracies import accuracies, count_logit
from weightscape.statistics.bootstrap import hierarchical_bootstrap
from weightscape.statistics.claim import Claim, Finding, Variant
from weightscape.statistics.estimate import mean_estimate
from weightscape.statistics.facts import Change, Name
from weightscape.statistics.plan import Plan
from weightscape.statistics.series import Series, series_means
from weightscape.statistics.study_tables import StudyTables
from weightscape.statistics.synthetic import (
    ROLES,
    against,
    best_validated,
    gated_synthetic,
    is_withheld,
    one_dose_each,
    only_synthetic,
    synthetic_minus,
    with_real_images,
    without_doses,
)


class SyntheticAccuracy(Claim):
    """The logit accuracy out of distribution against the augmentation that validates best."""

    name = "2b"
    title = "Synthetic data generalise better out of distribution (the paper's version 1)"
    question = (
        "Is accuracy out of distribution higher with synthetic images than with the augmentation that validates best?"
    )
    statistic_name = "difference of logit accuracies out of distribution"
    roles = ROLES

    def judge(self, tables: StudyTables, plan: Plan) -> Finding:
        """Judge the claim on the natural out-of-distribution sets."""
        finding = self.compare(tables.evaluation, with_real_images(tables, plan), plan)
        return gated_synthetic(finding, tables, plan)

    def compare(self, evaluation: pd.DataFrame, series: Series, plan: Plan, kind: str = "ood") -> Finding:
        """Judge the claim on a kind of sets.

        Accuracy on each set is log((k + ½)/(n − k + ½)) of its k right out of n, averaged over the sets. The
        augmentation is chosen by its mean validation accuracy, never by test or out-of-distribution data. Corruptions
        that a condition of the comparison was trained on are left out.
        """
        means = series_means(accuracies(evaluation, kind, count_logit), plan.series_of(self.roles), series)
        best = best_validated(evaluation, series, plan)
        if kind == "corruption":
            compared = [condition for name in (*plan.synthetic, best) for condition in series[name]]
            unseen = accuracies(without_seen(evaluation, compared), kind, count_logit)
            means = series_means(unseen, (plan.synthetic, (best,)), series).loc[means.index]
        estimate = mean_estimate(synthetic_minus(means, plan, best))
        ratio = against(plan, best, "odds", estimate.exponential())
        return self.judged(estimate, len(means), ratio)

    def variants(self, tables: StudyTables, plan: Plan) -> Iterator[Variant]:
        """Yield the claim with other doses, against other augmentations, on other sets, and resampled over images.

        The bootstrap is left out with several sets, since the claim averages over sets and not over their images.
        """
        if is_withheld(tables, plan):
            return
        evaluation, series = tables.evaluation, with_real_images(tables, plan)
        best = best_validated(evaluation, series, plan)
        for change, _, rest in without_doses(tables, series, plan):
            yield Variant("dose", change, partial(self.compare, evaluation, rest, plan))
        if (validated := one_dose_each(series, plan, accuracies(evaluation, "validation").mean())) != series:
            change = Change("best validated dose of each series")
            yield Variant("dose", change, partial(self.compare, evaluation, validated, plan))
        for change, pure in only_synthetic(tables, plan):
            yield Variant("dose", change, partial(self.compare, evaluation, pure, plan))
        for name in plan.augmentation:
            if name != best:
                only = replace(plan, augmentation=(name,))
                change = Change("against {}", Name("series", name))
                yield Variant("comparison", change, partial(self.compare, evaluation, series, only))
        sets = sorted(evaluation.loc[evaluation["kind"] == "ood", "set"].unique())
        for name in sets if len(sets) > 1 else []:
            others = evaluation[evaluation["set"] != name]
            change = Change("without the set {}", Name("set", name))
            yield Variant("measure", change, partial(self.compare, others, series, plan))
        if (evaluation["kind"] == "corruption").any():
            change = Change("corrupted test images")
            yield Variant("measure", change, partial(self.compare, evaluation, series, plan, kind="corruption"))
        if tables.images is not None and len(sets) == 1:
            change = Change("bootstrap over seeds and images")
            yield Variant("uncertainty", change, partial(self.over_images, tables.images, series, plan, best))

    def over_images(self, images: Mapping[str, np.ndarray], series: Series, plan: Plan, best: str) -> Finding:
        """Judge the claim by the hierarchical bootstrap; series count alike, as in the claim."""

        def stacked(names: tuple[str, ...]) -> np.ndarray:
            doses = int(np.lcm.reduce([len(series[name]) for name in names]))
            repeated = [
                np.repeat([images[c] for c in series[name]], doses // len(series[name]), axis=0) for name in names
            ]
            return np.moveaxis(np.concatenate(repeated), 0, 1)[None]

        synthetic = stacked(plan.synthetic)
        estimate = hierarchical_bootstrap(synthetic, stacked((best,)))
        return self.judged(estimate, synthetic.shape[1], against(plan, best, "images", estimate))
