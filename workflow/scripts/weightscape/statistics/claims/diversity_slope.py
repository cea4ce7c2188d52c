"""Claim 2d: more diverse training data are better out of distribution at equal accuracy, by a mixed model."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import pandas as pd

from weightscape.statistics.accuracies import accuracies, count_probit
from weightscape.statistics.claim import Claim, Finding, Variant, undetermined
from weightscape.statistics.constants import BASELINE_B
from weightscape.statistics.estimate import Estimate
from weightscape.statistics.facts import Case, Facts, NotInStudyError, TooFew
from weightscape.statistics.mixed_model import NotFittedError, fit_mixed_model
from weightscape.statistics.plan import Plan
from weightscape.statistics.study_tables import StudyTables
from weightscape.statistics.vendi_scores import PRIMARY_SCORE, log_vendi, other_scores

MINIMUM_CONDITIONS = 6
"""Fewest conditions: the slope on diversity has three degrees of freedom less than there are conditions."""


@dataclass(frozen=True)
class SlopeOnDiversity(Facts):
    """How much accuracy out of distribution rises with the log Vendi score, in probits."""

    slope: Estimate
    n_conditions: int


class DiversitySlope(Claim):
    """The slope of accuracy out of distribution on diversity."""

    name = "2d"
    title = "More diverse training data generalise better out of distribution at equal accuracy"
    question = (
        "Over all conditions that change the data, does probit accuracy out of distribution rise with the log Vendi "
        "score when probit accuracy in distribution is held fixed?"
    )
    statistic_name = "slope on log Vendi score in probits"

    def judge(self, tables: StudyTables, plan: Plan) -> Finding:
        """Judge the claim over the baseline and all conditions that change the data."""
        return self.fit(tables.evaluation, tables.diversity)

    def fit(
        self, evaluation: pd.DataFrame, diversity: pd.DataFrame, space: str = "embedding", order: str = PRIMARY_SCORE
    ) -> Finding:
        """Judge the claim by the slope on the log Vendi scores of a space and an order in `fit_mixed_model`."""
        tables = {
            "ood": accuracies(evaluation, "ood", count_probit),
            "test": accuracies(evaluation, "test", count_probit),
            "vendi": log_vendi(diversity, space, order),
        }
        long = [table.drop(columns=BASELINE_B, errors="ignore").stack().rename(name) for name, table in tables.items()]
        data = pd.concat(long, axis=1, join="inner").sort_index().reset_index()
        n_conditions, n_seeds = data["condition"].nunique(), data["seed"].nunique()
        if n_conditions < MINIMUM_CONDITIONS:
            return undetermined(TooFew("conditions", n_conditions, MINIMUM_CONDITIONS, "model"), n_seeds)
        if n_seeds < 2:
            return undetermined(TooFew("seeds", n_seeds, 2, "model"), n_seeds)
        try:
            slope = fit_mixed_model(data).slope
        except NotFittedError as error:
            return undetermined(error.facts, n_seeds)
        return self.judged(slope, n_seeds, SlopeOnDiversity(slope, n_conditions))

    def variants(self, tables: StudyTables, plan: Plan) -> Iterator[Variant]:
        """Yield the claim by other Vendi scores."""
        for change, scores in other_scores(tables.diversity):
            yield Variant("measure", change, partial(self.fit, tables.evaluation, tables.diversity, **scores))

    def seeds_needed(
        self, tables: StudyTables, plan: Plan, finding: Finding, power: float, significance: float
    ) -> int | None:
        """Refuse to say: the conditions are the replicates of the slope, not the seeds."""
        raise NotInStudyError(Case("more conditions"))
