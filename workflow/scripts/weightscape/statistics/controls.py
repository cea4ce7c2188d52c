"""The controls table: what must come out if the analysis is right, judged automatically."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from weightscape.statistics.accuracies import accuracies, count_logit
from weightscape.statistics.constants import BASELINE_B, MINIMUM_SEEDS, SEEDS_FOR_SIGN_FLIP, SIGNIFICANCE
from weightscape.statistics.cross_validated import cosine_with_deletions
from weightscape.statistics.errors import NotInStudyError
from weightscape.statistics.estimate import Estimate, jackknife_estimate, mean_estimate
from weightscape.statistics.features import Fingerprints
from weightscape.statistics.multiplicity import holm
from weightscape.statistics.plan import Plan
from weightscape.statistics.presence import presence
from weightscape.statistics.series import Series, conditions_of_series, series_means
from weightscape.statistics.wording import interval_text, listing, number, pvalue_text

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
        * "upper bound": synthetic images must not beat as many real ones on the test set.
    """
    series = conditions_of_series(runs)
    family = {str(name): str(group["family"].iloc[0]) for name, group in runs.groupby("series", sort=True)}
    nulls = [name for name in series if name == BASELINE_B or family[name] == "duplicate"]
    enough = {key: found for key, found in prints.items() if len(found.seeds) >= MINIMUM_SEEDS and found.features}
    rows = _nulls({(name, key): found.series_effect(series[name]) for key, found in enough.items() for name in nulls})
    rows += [row for key, found in enough.items() for row in _neighbours(key, found, series, family)]
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
        acts = one.acts and (pvalue <= SIGNIFICANCE or len(effects[name, feature_family]) < SEEDS_FOR_SIGN_FLIP)
        reason = (
            f"{name} {'moves' if acts else 'is not shown to move'} the {feature_family} of the spectra "
            f"({pvalue_text(one.pvalue)}, {pvalue_text(float(pvalue), 'Holm p')} over {len(found)} null controls)."
        )
        outcome = FAILED if acts else PASSED
        rows.append(_row("no effect", name, feature_family, one.squared_norm, one.pvalue, outcome, reason))
    return rows


def _neighbours(
    feature_family: str, prints: Fingerprints, series: Series, family: Mapping[str, str]
) -> Iterator[dict[str, object]]:
    """Yield, for each pair of adjacent doses that act, whether some other family is nearer to them than they are.

    The rival is the condition of another family with the highest cosine to either of the two. The control fails if the
    rival's cosine is higher with an interval of the difference that excludes 0, and is undetermined if it is higher
    within the error: two families that truly do the same tie, and that is no failure.
    """
    acting = {
        condition: prints.effects[condition]
        for name, conditions in series.items()
        for condition in conditions
        if family[name] != "baseline" and presence(prints.effects[condition]).acts
    }
    family_of = {condition: family[name] for name, conditions in series.items() for condition in conditions}
    for name, conditions in series.items():
        for one, two in pairwise(conditions):
            if one not in acting or two not in acting:
                continue
            own = cosine_with_deletions(acting[one], acting[two])
            rivals = {
                (mine, other): cosine_with_deletions(acting[mine], acting[other])
                for mine in (one, two)
                for other in sorted(acting)
                if family_of[other] != family[name]
            }
            rivals = {pair: cosine for pair, cosine in rivals.items() if np.isfinite(cosine[0])}
            if not rivals or not np.isfinite(own[0]):
                continue
            nearest = max(rivals, key=lambda pair: rivals[pair][0])
            difference = jackknife_estimate(own[0] - rivals[nearest][0], own[1] - rivals[nearest][1])
            outcome = PASSED if difference.value >= 0 else FAILED if difference.pvalue <= SIGNIFICANCE else OPEN
            reason = (
                f"{one} and {two} have cosine {number(own[0])}; the nearest of another family is {nearest[1]} with "
                f"{number(rivals[nearest][0])}; difference {number(difference.value)} {interval_text(difference)}."
            )
            yield _row("neighbours", f"{one}, {two}", feature_family, difference, difference.pvalue, outcome, reason)


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
