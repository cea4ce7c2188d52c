"""The controls table: what must come out if the analysis is right, judged automatically."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product

import numpy as np
import pandas as pd

from weightscape.condition_rows import kin
from weightscape.statistics.accuracies import accuracies, count_logit
from weightscape.statistics.constants import BASELINE_B, MINIMUM_SEEDS, SEEDS_FOR_SIGN_FLIP, SIGNIFICANCE
from weightscape.statistics.cross_validated import cosine_with_deletions
from weightscape.statistics.estimate import UNKNOWN, Estimate, jackknife_estimate, mean_estimate
from weightscape.statistics.facts import ConditionName, Facts, NotInStudyError, write_facts
from weightscape.statistics.features import Fingerprints
from weightscape.statistics.many_studies import FEW_PATTERNS
from weightscape.statistics.multiplicity import holm
from weightscape.statistics.plan import Plan
from weightscape.statistics.power import simulated_noise
from weightscape.statistics.presence import acting, presence, presence_pvalues
from weightscape.statistics.series import series_means
from weightscape.statistics.study_tables import StudyTables
from weightscape.statistics.synthetic import synthetic_minus
from weightscape.streams import stream

COLUMNS = ["control", "subject", "feature_family", "statistic", "low", "high", "pvalue", "outcome", "facts"]

CONTROL_LENGTH = 2.0
"""Length of an effect, in between-seed SDs, at which the power of a null control is stated."""

N_STUDIES = 400
"""Simulated studies behind that power."""

PASSED, FAILED, OPEN = "passed", "failed", "undetermined"


@dataclass(frozen=True)
class NullControl(Facts):
    """Whether a series that must not act does.

    With few seeds the interval of the squared length decides, and `n_tests` is 0; else p adjusted over the null
    controls, which may be so many that these seeds cannot make it small (`powerless`). `power` is that of failing at an
    effect of length `CONTROL_LENGTH`, at the strictest step of Holm's procedure.
    """

    series: str
    feature_family: str
    acts: bool
    squared_norm: Estimate
    n_seeds: int
    pvalue: float
    pvalue_holm: float
    n_tests: int
    powerless: bool
    power: float


@dataclass(frozen=True)
class NeighboursWithoutRival(Facts):
    """Two adjacent doses that cannot be compared.

    `absent` are those that are not shown to act; without such, no condition of another family has a direction.
    """

    doses: tuple[ConditionName, ...]
    absent: tuple[ConditionName, ...]
    feature_family: str


@dataclass(frozen=True)
class Neighbours(Facts):
    """The cosine of two adjacent doses, and that of one of them with a rival.

    The rival is one that is nearer for certain (`failed`), or the nearest. `difference` is how much larger the cosine
    of the two doses is.
    """

    doses: tuple[ConditionName, ...]
    cosine: float
    rival: ConditionName
    rival_cosine: float
    difference: Estimate
    pvalue_holm: float
    n_tests: int
    failed: bool


@dataclass(frozen=True)
class UpperBound(Facts):
    """The logit accuracy on the test set of synthetic series minus that of more real images."""

    synthetic: tuple[str, ...]
    real: str
    difference: Estimate


def controls_table(tables: StudyTables, prints: Mapping[str, Fingerprints], plan: Plan) -> pd.DataFrame:
    """Return the controls of a study and whether they passed.

    Parameters
    ----------
    tables
        The study's tables.
    prints
        Fingerprints of all conditions per feature family.
    plan
        Says which series are synthetic.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`, one row per control and subject; `outcome` is "passed", "failed" or "undetermined".

        * "no effect": a second set of baseline seeds, and training on copies of the same images, must not act.
        * "neighbours": two adjacent doses of a series must be no less alike than either is to any other family.
        * "upper bound": synthetic images must not beat more real ones on the test set.

        The p-values are those of each row alone. A control of the first two kinds fails only if its p, adjusted by Holm
        over all tests of its kind, is at most `SIGNIFICANCE`. Where the sign flips of so few seeds cannot reach that,
        "no effect" is undetermined; below `SEEDS_FOR_SIGN_FLIP` seeds it is judged by the interval of ⟨A, A⟩ alone.
    """
    series = tables.series
    nulls = [name for name in series if name == BASELINE_B or tables.families[name] == "duplicate"]
    enough = {family: p for family, p in prints.items() if len(p.seeds) >= MINIMUM_SEEDS and p.features}
    effects = {(name, key): part.series_effect(series[name]) for key, part in enough.items() for name in nulls}
    pairs = [pair for key, part in enough.items() for pair in _pairs(key, part, tables)]
    rows = [*_nulls(effects), *_neighbours(pairs, tables.conditions), *_upper_bounds(tables, plan)]
    return pd.DataFrame(rows, columns=COLUMNS)


def _row(
    control: str, subject: str, feature_family: str, estimate: Estimate, pvalue: float, outcome: str, facts: Facts
) -> tuple[object, ...]:
    numbers = (estimate.value, estimate.low, estimate.high, pvalue)
    return control, subject, feature_family, *numbers, outcome, write_facts(facts)


def _nulls(effects: Mapping[tuple[str, str], np.ndarray]) -> Iterator[tuple[object, ...]]:
    """Yield the rows of series that must not act, by (series, feature family), with p adjusted over all of them."""
    presences = {key: presence(effect) for key, effect in effects.items()}
    adjusted = holm(np.array([effect.pvalue for effect in presences.values()]))
    for ((name, family), effect), pvalue_holm in zip(presences.items(), map(float, adjusted), strict=True):
        n_seeds, n_tests = len(effects[name, family]), len(presences)
        if n_seeds < SEEDS_FOR_SIGN_FLIP:
            acts, powerless, n_tests = effect.acts, False, 0
        else:
            acts = effect.acts and pvalue_holm <= SIGNIFICANCE
            powerless = n_tests / 2 ** (n_seeds - 1) > SIGNIFICANCE
        numbers = (effect.squared_norm, n_seeds, effect.pvalue, pvalue_holm, n_tests)
        facts = NullControl(name, family, acts, *numbers, powerless, control_power(effects[name, family], n_tests))
        outcome = FAILED if acts else OPEN if powerless else PASSED
        yield _row("no effect", name, family, effect.squared_norm, effect.pvalue, outcome, facts)


def control_power(effect: np.ndarray, n_tests: int, length: float = CONTROL_LENGTH) -> float:
    """Return the probability that a null control fails if its series acts with a given length.

    Parameters
    ----------
    effect : shape (S, features)
        The control's effect, whose residuals are the noise.
    n_tests
        Number of null controls in Holm's adjustment; with 0 the interval of ⟨A, A⟩ decides, without adjustment.
    length
        Length of the effect, in a random direction in each simulated study.
    """
    noise = simulated_noise([effect], len(effect), N_STUDIES)[0]
    directions = stream("control power", *effect.shape).normal(size=(N_STUDIES, 1, effect.shape[1]))
    simulated = noise + length * directions / np.linalg.norm(directions, axis=-1, keepdims=True)
    if not n_tests:
        return float(acting(simulated).mean())
    return float((presence_pvalues(simulated, FEW_PATTERNS) <= SIGNIFICANCE / n_tests).mean())


@dataclass(frozen=True)
class _Pair:
    """Two adjacent doses, their cosine, and how much nearer they are to each other than to each condition elsewhere.

    `absent` are those of the two that are not shown to act. `rivals` has, per dose and condition of another family,
    their cosine and how much larger that of the two doses is.
    """

    doses: tuple[str, str]
    feature_family: str
    absent: tuple[str, ...] = ()
    cosine: float = float("nan")
    rivals: Mapping[tuple[str, str], tuple[float, Estimate]] = field(default_factory=dict)


def _pairs(feature_family: str, prints: Fingerprints, tables: StudyTables) -> Iterator[_Pair]:
    """Yield every pair of adjacent doses with its rivals: the acting conditions of other families.

    A combination is no rival, since it may hold one of the two doses, and neither is a variant of the same family.
    """
    family_of = {name: kin(tables.families[condition.series]) for name, condition in tables.conditions.items()}
    acting = {
        condition: prints.effects[condition]
        for condition in sorted(family_of)
        if condition not in tables.combinations
        and family_of[condition] != "baseline"
        and presence(prints.effects[condition]).acts
    }
    for name, conditions in tables.series.items():
        for doses in pairwise(conditions):
            if absent := tuple(dose for dose in doses if dose not in acting):
                yield _Pair(doses, feature_family, absent)
                continue
            own = cosine_with_deletions(acting[doses[0]], acting[doses[1]])
            rivals: dict[tuple[str, str], tuple[float, Estimate]] = {}
            for pair in product(doses, (other for other in acting if family_of[other] != kin(tables.families[name]))):
                cosine, deleted = cosine_with_deletions(acting[pair[0]], acting[pair[1]])
                difference = jackknife_estimate(own[0] - cosine, own[1] - deleted)
                if np.isfinite(difference.value):
                    rivals[pair] = cosine, difference
            yield _Pair(doses, feature_family, (), own[0], rivals)


def _neighbours(pairs: Sequence[_Pair], conditions: Mapping[str, ConditionName]) -> Iterator[tuple[object, ...]]:
    """Yield, for each pair of adjacent doses, whether some other family is nearer to them than they are.

    The pair fails if the cosine of a rival is higher than its own, with p of the difference adjusted by Holm over all
    rivals of all pairs: the nearest of many is nearer by chance. It is undetermined if one is higher within the error:
    two families that truly do the same tie, and that is no failure.
    """
    tests = [(place, rival) for place, pair in enumerate(pairs) for rival in pair.rivals]
    adjusted = holm(np.array([pairs[place].rivals[rival][1].pvalue for place, rival in tests]))
    pvalue_holm = dict(zip(tests, map(float, adjusted), strict=True))
    for place, pair in enumerate(pairs):
        subject, doses = ", ".join(pair.doses), tuple(conditions[dose] for dose in pair.doses)
        if not pair.rivals:
            absent = tuple(conditions[dose] for dose in pair.absent)
            missing = NeighboursWithoutRival(doses, absent, pair.feature_family)
            yield _row("neighbours", subject, pair.feature_family, UNKNOWN, UNKNOWN.pvalue, OPEN, missing)
            continue
        nearer = [rival for rival, (_, difference) in pair.rivals.items() if difference.value < 0]
        failed = [rival for rival in nearer if pvalue_holm[place, rival] <= SIGNIFICANCE]
        outcome = FAILED if failed else OPEN if nearer else PASSED
        if failed:
            shown = min(failed, key=lambda rival: pvalue_holm[place, rival])
        else:
            shown = max(pair.rivals, key=lambda rival: pair.rivals[rival][0])
        cosine, difference = pair.rivals[shown]
        facts = Neighbours(
            doses=doses,
            cosine=pair.cosine,
            rival=conditions[shown[1]],
            rival_cosine=cosine,
            difference=difference,
            pvalue_holm=pvalue_holm[place, shown],
            n_tests=len(tests),
            failed=bool(failed),
        )
        yield _row("neighbours", subject, pair.feature_family, difference, difference.pvalue, outcome, facts)


def _upper_bounds(tables: StudyTables, plan: Plan) -> Iterator[tuple[object, ...]]:
    """Yield whether synthetic images beat more real ones in distribution, by paired logit accuracy on the test set."""
    for name in tables.series:
        if tables.families[name] != "more_real":
            continue
        try:
            logits = accuracies(tables.evaluation, "test", count_logit)
            means = series_means(logits, [plan.synthetic, (name,)], tables.series)
        except NotInStudyError:
            continue
        if len(means) < MINIMUM_SEEDS:
            continue
        estimate = mean_estimate(synthetic_minus(means, plan, name))
        beaten = estimate.value > 0
        outcome = FAILED if beaten and estimate.pvalue <= SIGNIFICANCE else OPEN if beaten else PASSED
        facts = UpperBound(plan.synthetic, name, estimate)
        yield _row("upper bound", name, "", estimate, estimate.pvalue, outcome, facts)
