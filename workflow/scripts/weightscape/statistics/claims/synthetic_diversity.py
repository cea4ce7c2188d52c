"""Claim 2a: synthetic data are more diverse than the strongest augmentation."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pandas as pd

from weightscape.statistics.claim import Claim, Finding, Variant
from weightscape.statistics.facts import Change
from weightscape.statistics.intersection_union import smallest_mean
from weightscape.statistics.plan import Plan
from weightscape.statistics.series import Series, series_means
from weightscape.statistics.study_tables import StudyTables
from weightscape.statistics.synthetic import (
    ROLES,
    against,
    gated_synthetic,
    is_withheld,
    only_synthetic,
    synthetic_minus,
    with_real_images,
    without_doses,
)
from weightscape.statistics.vendi_scores import PRIMARY_SCORE, PRIMARY_SPACE, log_vendi, other_scores


class SyntheticDiversity(Claim):
    """The log-Vendi difference of synthetic data to the augmentation that comes nearest to them or surpasses them."""

    name = "2a"
    title = "Synthetic data are more diverse than the strongest augmentation (the paper's version 1)"
    question = (
        "Is the Vendi score of training sets with synthetic images higher than that of every augmentation, the most "
        "diverse one included?"
    )
    statistic_name = "smallest difference of log Vendi scores"
    roles = ROLES

    def judge(self, tables: StudyTables, plan: Plan) -> Finding:
        """Judge the claim by the primary Vendi score, over all classes, in the embedding space."""
        finding = self.compare(tables.diversity, with_real_images(tables, plan), plan)
        return gated_synthetic(finding, tables, plan)

    def compare(
        self,
        diversity: pd.DataFrame,
        series: Series,
        plan: Plan,
        space: str = PRIMARY_SPACE,
        order: str = PRIMARY_SCORE,
    ) -> Finding:
        """Judge the claim by the Vendi scores of a space and an order.

        Synthetic data are compared with every augmentation, and `smallest_mean` allows for that: no augmentation is
        chosen on the scores that it is then judged by.
        """
        means = series_means(log_vendi(diversity, space, order), plan.series_of(self.roles), series)
        differences = {name: synthetic_minus(means, plan, name) for name in plan.augmentation}
        strongest, estimate = smallest_mean(differences)
        return self.judged(estimate, len(means), against(plan, strongest, "vendi", estimate.exponential()))

    def variants(self, tables: StudyTables, plan: Plan) -> Iterator[Variant]:
        """Yield the claim without each dose, against each dose on its own, without real images, by other scores."""
        if is_withheld(tables, plan):
            return
        diversity, series = tables.diversity, with_real_images(tables, plan)
        for change, _, rest in without_doses(tables, series, plan):
            yield Variant("dose", change, partial(self.compare, diversity, rest, plan))
        doses = tuple(condition for name in plan.augmentation for condition in series[name])
        if len(doses) > len(plan.augmentation):
            single = series | {condition: [condition] for condition in doses}
            judge = partial(self.compare, diversity, single, replace(plan, augmentation=doses))
            yield Variant("dose", Change("against each dose on its own"), judge)
        for change, pure in only_synthetic(tables, plan):
            yield Variant("dose", change, partial(self.compare, diversity, pure, plan))
        for change, scores in other_scores(diversity):
            yield Variant("measure", change, partial(self.compare, diversity, series, plan, **scores))
