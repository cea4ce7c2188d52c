"""Claim 2d: more diverse training data are better out of distribution at equal accuracy, over conditions."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from weightscape.statistics.accuracies import accuracies, count_probit
from weightscape.statistics.claim import Claim, Finding, Variant, undetermined
from weightscape.statistics.condition_regression import regress_conditions
from weightscape.statistics.constants import BASELINE, BASELINE_B, MINIMUM_SEEDS
from weightscape.statistics.estimate import Estimate
from weightscape.statistics.facts import CannotBeJudgedError, Case, Change, Facts, NotInStudyError, TooFew
from weightscape.statistics.plan import Plan
from weightscape.statistics.recognition import checks_of_conditions, gated
from weightscape.statistics.study_tables import StudyTables
from weightscape.statistics.vendi_scores import PRIMARY_SCORE, PRIMARY_SPACE, log_vendi, other_scores

MINIMUM_CONDITIONS = 6
"""Fewest conditions: the slope on diversity has three degrees of freedom less than there are conditions."""


@dataclass(frozen=True)
class RiseWithDiversity(Facts):
    """How much accuracy out of distribution rises from the least to the most diverse condition, in probits.

    `least` and `most` are the Vendi scores of these two.
    """

    rise: Estimate
    least: float
    most: float
    n_conditions: int


class DiversitySlope(Claim):
    """The rise of accuracy out of distribution with diversity."""

    name = "2d"
    title = "More diverse training data generalise better out of distribution at equal accuracy (the paper's version 1)"
    question = (
        "Over the baseline and all conditions that change the data, does probit accuracy out of distribution rise with "
        "the log Vendi score when probit accuracy in distribution is held fixed?"
    )
    statistic_name = "rise in probits from the least to the most diverse condition"

    def judge(self, tables: StudyTables, plan: Plan) -> Finding:
        """Judge the claim over the baseline and all conditions that change the data."""
        return gated(self.fit(tables.evaluation, tables.diversity), tables, tables.conditions)

    def fit(
        self,
        evaluation: pd.DataFrame,
        diversity: pd.DataFrame,
        space: str = PRIMARY_SPACE,
        order: str = PRIMARY_SCORE,
        without: Collection[str] = (),
    ) -> Finding:
        """Judge the claim by the slope on the log Vendi scores of a space and an order in `regress_conditions`.

        The statistic is the slope times the range of the conditions' mean log scores, which is taken as given.
        Conditions in `without` are left out, and so are combinations: their parts change more than the data.
        """
        scores = log_vendi(diversity, space, order)
        inside, outside = (accuracies(evaluation, kind, count_probit) for kind in ("test", "ood"))
        there = set(scores.columns) & set(inside.columns) & set(outside.columns)
        combined = set(diversity.loc[diversity["family"] == "combination", "condition"])
        names = sorted(there - {BASELINE_B, *without} - combined)
        whole = pd.concat([table[names] for table in (outside, inside, scores)], axis=1).dropna()
        if len(names) < MINIMUM_CONDITIONS:
            return undetermined(TooFew("conditions", len(names), MINIMUM_CONDITIONS, "regression"), len(whole))
        if len(whole) < MINIMUM_SEEDS:
            return undetermined(TooFew("seeds", len(whole), MINIMUM_SEEDS, "regression"), len(whole))
        ood, test, vendi = np.split(whole.to_numpy(), 3, axis=1)
        try:
            regression = regress_conditions(ood, test, vendi)
        except CannotBeJudgedError as error:
            return undetermined(error.facts, len(whole))
        means = vendi.mean(axis=0)
        rise = regression.slopes[1].times(float(means.max() - means.min()))
        facts = RiseWithDiversity(rise, float(np.exp(means.min())), float(np.exp(means.max())), len(names))
        return self.judged(rise, len(whole), facts, regression.df)

    def variants(self, tables: StudyTables, plan: Plan) -> Iterator[Variant]:
        """Yield the claim by other Vendi scores, and without each condition."""
        if any(not check.passed for check in checks_of_conditions(tables, tables.conditions)):
            return
        evaluation, diversity = tables.evaluation, tables.diversity
        for change, scores in other_scores(diversity):
            yield Variant("measure", change, partial(self.fit, evaluation, diversity, **scores))
        measured = set(log_vendi(diversity).columns) - {BASELINE, BASELINE_B}
        for name in sorted(measured & set(tables.conditions)):
            change = Change("without {}", tables.conditions[name])
            yield Variant("condition", change, partial(self.fit, evaluation, diversity, without=[name]))

    def seeds_needed(
        self, tables: StudyTables, plan: Plan, finding: Finding, power: float, significance: float
    ) -> int | None:
        """Refuse to say: the conditions are the replicates of the slope, not the seeds."""
        raise NotInStudyError(Case("more conditions"))
