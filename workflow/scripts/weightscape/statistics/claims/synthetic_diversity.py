"""Claim 2a: synthetic data are more diverse than the strongest augmentation."""

from collections.abc import Iterator
from functools import partial

import numpy as np
import pandas as pd

from weightscape.statistics.claim import Claim, Finding, Variant
from weightscape.statistics.estimate import mean_estimate
from weightscape.statistics.facts import Change
from weightscape.statistics.plan import Plan
from weightscape.statistics.series import Series, series_means
from weightscape.statistics.study_tables import StudyTables
from weightscape.statistics.synthetic import (
    ROLES,
    against,
    largest,
    one_dose_each,
    synthetic_minus,
    without_doses,
)
from weightscape.statistics.vendi_scores import PRIMARY_SCORE, log_vendi, other_scores


class SyntheticDiversity(Claim):
    """The log-Vendi difference of synthetic data to the most diverse augmentation."""

    name = "2a"
    title = "Synthetic data are more diverse than the strongest augmentation"
    question = (
        "Is the Vendi score of training sets with synthetic images higher than that of the most diverse augmentation?"
    )
    statistic_name = "difference of log Vendi scores"
    roles = ROLES

    def judge(self, tables: StudyTables, plan: Plan) -> Finding:
        """Judge the claim by the primary Vendi score, over all classes, in the embedding space."""
        return self.compare(tables.diversity, tables.series, plan)

    def compare(
        self, diversity: pd.DataFrame, series: Series, plan: Plan, space: str = "embedding", order: str = PRIMARY_SCORE
    ) -> Finding:
        """Judge the claim by the Vendi scores of a space and an order.

        The augmentation with the largest mean score is chosen on the same data, which can only make it look more
        diverse: "supported" is safe, "contradicted" less so.
        """
        means = series_means(log_vendi(diversity, space, order), plan.series_of(self.roles), series)
        strongest = largest(np.exp(means).mean(), plan.augmentation)
        estimate = mean_estimate(synthetic_minus(means, plan, strongest))
        ratio = against(plan, strongest, "vendi", estimate.exponential())
        return self.judged(estimate, len(means), ratio)

    def variants(self, tables: StudyTables, plan: Plan) -> Iterator[Variant]:
        """Yield the claim without each dose, with the most diverse doses, and by other Vendi scores."""
        diversity, series = tables.diversity, tables.series
        for change, _, rest in without_doses(tables, plan):
            yield Variant("dose", change, partial(self.compare, diversity, rest, plan))
        if (strongest := one_dose_each(series, plan, log_vendi(diversity).mean())) != series:
            change = Change("most diverse dose of each series")
            yield Variant("dose", change, partial(self.compare, diversity, strongest, plan))
        for change, scores in other_scores(diversity):
            yield Variant("measure", change, partial(self.compare, diversity, series, plan, **scores))
