"""The controls table: what must come out if the analysis is right, judged automatically."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np
import pandas as pd

from weightscape.statistics.accuracies import accuracies, count_logit
from weightscape.statistics.constants import BASELINE_B, MINIMUM_SEEDS, SEEDS_FOR_SIGN_FLIP, SIGNIFICANCE
from weightscape.statistics.cross_validated import cosine_with_deletions
from weightscape.statistics.errors import NotInStudyError
from weightscape.statistics.estimate import UNKNOWN, Estimate, jackknife_estimate, mean_estimate
from weightscape.statistics.features import Fingerprints
from weightscape.statistics.multiplicity import holm
from weightscape.statistics.plan import Plan
from weightscape.statistics.presence import presence
from weightscape.statistics.series import Series, conditions_of_series, series_means
from weightscape.statistics.wording import (
    capital,
    count_seeds,
    estimate_text,
    interval_text,
    listing,
    number,
    pvalue_text,
)

COLUMNS = ["control", "subject", "feature_family", "statistic", "low", "high", "pvalue", "outcome", "reason"]

PASSED, FAILED, OPEN = "passed", "failed", "undetermined"


def controls_table(
    runs: pd.DataFrame, evaluation: pd.DataFrame, prints: Mapping[str, Fingerprints], plan: Plan
) -> pd.DataFrame:
    """Return the controls of a study and whether they passed.

    Parameters
    ----------
    runs, evaluation
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
    series = conditions_of_series(runs)
    family = {str(name): str(group["family"].iloc[0]) for name, group in runs.groupby("series", sort=True)}
    nulls = [name for name in series if name == BASELINE_B or family[name] == "duplicate"]
    enough = {key: found for key, found in prints.items() if len(found.seeds) >= MINIMUM_SEEDS and found.features}
    rows = _nulls({(name, key): found.series_effect(series[name]) for key, found in enough.items() for name in nulls})
    rows += _neighbours([pair for key, found in enough.items() for pair in _pairs(key, found, series, family)])
    real = [name for name in series if family[name] == "more_real"]
    rows += _upper_bounds(evaluation, series, plan, real)
    return pd.DataFrame(rows, columns=COLUMNS)


def _row(
    control: str, subject: str, feature_family: str, estimate: Estimate, pvalue: float, outcome: str, reason: str
) -> dict[str, object]:
    values = (control, subject, feature_family, estimate.value, estimate.low, estimate.high, pvalue, outcome, reason)
    return dict(zip(COLUMNS, values, strict=True))


def _nulls(effects: Mapping[tuple[str, str], np.ndarray]) -> list[dict[str, object]]:
    """Return the rows of series that must not act, by (series, feature family), with p adjusted over all of them."""
    found = {key: presence(effect) for key, effect in effects.items()}
    adjusted = holm(np.array([one.pvalue for one in found.values()]))
    rows = []
    for ((name, feature_family), one), pvalue in zip(found.items(), adjusted, strict=True):
        n_seeds = len(effects[name, feature_family])
        if n_seeds < SEEDS_FOR_SIGN_FLIP:
            acts, powerless = one.acts, False
            how = f"squared length {estimate_text(one.squared_norm)}, {count_seeds(n_seeds)} are too few for sign flips"
        else:
            acts = one.acts and pvalue <= SIGNIFICANCE
            powerless = len(found) / 2 ** (n_seeds - 1) > SIGNIFICANCE
            how = (
                f"{pvalue_text(one.pvalue)}, {pvalue_text(float(pvalue), 'Holm p')} over {len(found)} null controls"
                + (f", which {count_seeds(n_seeds)} cannot bring to .05" if powerless else "")
            )
        moves = "moves" if acts else "is not shown to move"
        reason = f"{name} {moves} the {feature_family} of the spectra ({how})."
        outcome = FAILED if acts else OPEN if powerless else PASSED
        rows.append(_row("no effect", name, feature_family, one.squared_norm, one.pvalue, outcome, reason))
    return rows


@dataclass(frozen=True)
class _Pair:
    """Two adjacent doses, their cosine, and how much nearer they are to each other than to each condition elsewhere.

    `missing` says why there is no comparison; else `rivals` has, per dose and condition of another family, their cosine
    and how much larger that of the two doses is.
    """

    doses: tuple[str, str]
    feature_family: str
    cosine: float
    rivals: dict[tuple[str, str], tuple[float, Estimate]]
    missing: str


def _pairs(feature_family: str, prints: Fingerprints, series: Series, family: Mapping[str, str]) -> Iterator[_Pair]:
    """Yield every pair of adjacent doses with its rivals: the acting conditions of other families."""
    family_of = {condition: family[name] for name, conditions in series.items() for condition in conditions}
    acting = {
        condition: prints.effects[condition]
        for condition in sorted(family_of)
        if family_of[condition] != "baseline" and presence(prints.effects[condition]).acts
    }
    for name, conditions in series.items():
        for doses in pairwise(conditions):
            if absent := [dose for dose in doses if dose not in acting]:
                missing = f"{listing(absent)} did not act on the {feature_family}, so there is no direction to compare"
                yield _Pair(doses, feature_family, float("nan"), {}, missing)
                continue
            own = cosine_with_deletions(acting[doses[0]], acting[doses[1]])
            rivals: dict[tuple[str, str], tuple[float, Estimate]] = {}
            for pair in product(doses, (other for other in acting if family_of[other] != family[name])):
                cosine, deleted = cosine_with_deletions(acting[pair[0]], acting[pair[1]])
                difference = jackknife_estimate(own[0] - cosine, own[1] - deleted)
                if np.isfinite(difference.value):
                    rivals[pair] = cosine, difference
            missing = "" if rivals else "there is no condition of another family to compare with whose direction exists"
            yield _Pair(doses, feature_family, own[0], rivals, missing)


def _neighbours(pairs: Sequence[_Pair]) -> Iterator[dict[str, object]]:
    """Yield, for each pair of adjacent doses, whether some other family is nearer to them than they are.

    The pair fails if the cosine of a rival is higher than its own, with p of the difference adjusted by Holm over all
    rivals of all pairs: the nearest of many is nearer by chance. It is undetermined if one is higher within the error:
    two families that truly do the same tie, and that is no failure.
    """
    tests = [(place, rival) for place, pair in enumerate(pairs) for rival in pair.rivals]
    adjusted = holm(np.array([pairs[place].rivals[rival][1].pvalue for place, rival in tests]))
    pvalue_holm = dict(zip(tests, map(float, adjusted), strict=True))
    for place, pair in enumerate(pairs):
        subject = ", ".join(pair.doses)
        if pair.missing:
            yield _row(
                "neighbours", subject, pair.feature_family, UNKNOWN, UNKNOWN.pvalue, OPEN, f"{capital(pair.missing)}."
            )
            continue
        nearer = [rival for rival, (_, one) in pair.rivals.items() if one.value < 0]
        failed = [rival for rival in nearer if pvalue_holm[place, rival] <= SIGNIFICANCE]
        outcome = FAILED if failed else OPEN if nearer else PASSED
        if failed:
            shown, called = min(failed, key=lambda rival: pvalue_holm[place, rival]), "nearer is"
        else:
            shown, called = (
                max(pair.rivals, key=lambda rival: pair.rivals[rival][0]),
                "the nearest of another family is",
            )
        cosine, difference = pair.rivals[shown]
        reason = (
            f"{listing(pair.doses)} have cosine {number(pair.cosine)}; {called} {shown[1]}, "
            f"with {number(cosine)}; difference {estimate_text(difference)} ({pvalue_text(difference.pvalue)}, "
            f"{pvalue_text(pvalue_holm[place, shown], 'Holm p')} over {len(tests)} comparisons)."
        )
        yield _row("neighbours", subject, pair.feature_family, difference, difference.pvalue, outcome, reason)


def _upper_bounds(
    evaluation: pd.DataFrame, series: Series, plan: Plan, real: Sequence[str]
) -> Iterator[dict[str, object]]:
    """Yield whether synthetic images beat more real ones in distribution, by paired logit accuracy on the test set."""
    for name in real:
        try:
            means = series_means(accuracies(evaluation, "test", count_logit), [plan.synthetic, (name,)], series)
        except NotInStudyError:
            continue
        if len(means) < MINIMUM_SEEDS:
            continue
        estimate = mean_estimate((means[list(plan.synthetic)].mean(axis=1) - means[name]).to_numpy())
        beaten = estimate.value > 0
        outcome = FAILED if beaten and estimate.pvalue <= SIGNIFICANCE else OPEN if beaten else PASSED
        reason = (
            f"The logit accuracy of {listing(plan.synthetic)} on the test set is {number(abs(estimate.value))} "
            f"{'above' if beaten else 'below'} that of {name}, difference {interval_text(estimate)}."
        )
        yield _row("upper bound", name, "", estimate, estimate.pvalue, outcome, reason)
