"""What a claim is: what it asks, how it is judged, how else it could be, and how many seeds it needs."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from weightscape.statistics.constants import MINIMUM_SEEDS, SIGNIFICANCE
from weightscape.statistics.estimate import Estimate
from weightscape.statistics.facts import Change, Facts, Judged, Measured, NotInStudyError, TooFew
from weightscape.statistics.plan import Plan
from weightscape.statistics.power import seeds_for_mean, standardised_effect
from weightscape.statistics.study_tables import StudyTables

VERDICTS = ("supported", "contradicted", "undetermined", "mixed")
"""All verdicts; "mixed" is that of a claim about several series of which some speak for it and some against it."""

DECIDED = ("supported", "contradicted")
"""Verdicts that must survive the adjustment for other claims."""


@dataclass(frozen=True)
class Finding:
    """What an analysis of a claim finds; the numbers are NaN where there are none, and p is not adjusted.

    Attributes
    ----------
    n_seeds
        Number of seeds behind it.
    verdict
        One of `VERDICTS`.
    facts
        Why.
    statistic, low, high, pvalue
        The statistic, its interval, and its two-sided p.
    standard_error, df
        Those of the statistic, whose reference is t with so many degrees of freedom.
    margin
        Largest statistic that counts as negligible; NaN for a claim without a test of equivalence.
    """

    n_seeds: int
    verdict: str
    facts: Facts
    statistic: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    pvalue: float = float("nan")
    standard_error: float = float("nan")
    df: float = float("nan")
    margin: float = float("nan")


@dataclass(frozen=True)
class Variant:
    """Another analysis of a claim: what kind of change it is, the change, and the analysis after it."""

    kind: str
    change: Change
    judge: Callable[[], Finding]


class Claim(ABC):
    """A claim about a study. A new one is a module in `weightscape.statistics.claims` and its line in `CLAIMS`.

    The claims of one `group` are adjusted for each other.

    Attributes
    ----------
    name
        Short name, such as "2a".
    title
        The claim as a sentence without full stop.
    question
        What is asked; ``{metrics}`` stands for the metrics of the plan that it is asked about.
    statistic_name
        What the statistic is, with its unit. Above 0 it speaks for the claim.
    roles
        Names of the roles in `Plan` whose series are compared.
    group
        "primary", "secondary" or "exploratory <feature family>".
    series, feature_family
        What the claim is about, where there is one claim for each series or feature family.
    """

    name: str
    title: str
    question: str
    statistic_name: str
    roles: tuple[str, ...] = ()
    group: str = "secondary"
    series: str = ""
    feature_family: str = ""

    def metrics(self, plan: Plan) -> tuple[str, ...]:
        """Return the metrics of the plan that the question is about."""
        return ()

    @abstractmethod
    def judge(self, tables: StudyTables, plan: Plan) -> Finding:
        """Judge the claim as planned.

        Raises
        ------
        NotInStudyError
            If the study lacks what the claim needs.
        """

    def variants(self, tables: StudyTables, plan: Plan) -> Iterator[Variant]:
        """Yield other analyses; `judge` has been possible, but an analysis after a change may raise the same error."""
        yield from ()

    def seeds_needed(
        self, tables: StudyTables, plan: Plan, finding: Finding, power: float, significance: float
    ) -> int | None:
        """Return how many seeds decide the claim with the wanted power, if the truth is as in this pilot.

        Parameters
        ----------
        tables, plan
            The pilot.
        finding
            What `judge` finds in it.
        power, significance
            Wanted power and level.

        Returns
        -------
        None if no number of seeds that is tried suffices. By default for a paired t test.

        Raises
        ------
        NotInStudyError
            If the pilot does not say.
        """
        return seeds_for_mean(standardised_effect(finding.pvalue, finding.n_seeds), power, significance)

    def judged(
        self, estimate: Estimate, n_seeds: int, comparison: Facts | None = None, df: float | None = None
    ) -> Finding:
        """Return the finding of a claim that an estimate above 0 supports and one below 0 contradicts.

        Parameters
        ----------
        estimate
            The statistic with its interval and p.
        n_seeds
            Number of seeds behind it; with fewer than `MINIMUM_SEEDS` the claim stays undetermined.
        comparison
            What was compared and what came out; by default the statistic.
        df
            Degrees of freedom of the estimate's t; by default one less than there are seeds.
        """
        if n_seeds < MINIMUM_SEEDS:
            return undetermined(TooFew("seeds", n_seeds, MINIMUM_SEEDS, "comparison"), n_seeds)
        decided = estimate.pvalue <= SIGNIFICANCE
        verdict = ("supported" if estimate.value > 0 else "contradicted") if decided else "undetermined"
        facts = Judged(comparison or Measured(self.statistic_name, estimate), estimate.pvalue, n_seeds, bool(decided))
        return Finding(
            n_seeds,
            verdict,
            facts,
            estimate.value,
            estimate.low,
            estimate.high,
            estimate.pvalue,
            estimate.standard_error,
            n_seeds - 1 if df is None else df,
        )


def as_planned(claim: Claim, tables: StudyTables, plan: Plan) -> Finding:
    """Return what a claim's planned analysis finds; the tables of claims and of robustness share it.

    Raises
    ------
    NotInStudyError
        As `Claim.judge`.
    """
    return tables.once(("finding", claim.name, plan), lambda: claim.judge(tables, plan))


def undetermined(facts: Facts, n_seeds: int = 0) -> Finding:
    """Return the finding of an analysis that could not be made."""
    return Finding(n_seeds, "undetermined", facts)


def finding_of(judge: Callable[[], Finding]) -> Finding:
    """Return what an analysis finds; undetermined where the study lacks what it needs."""
    try:
        return judge()
    except NotInStudyError as error:
        return undetermined(error.facts)
