"""The sentences of what the statistics find: one function per kind of facts."""

from typing import Any

import pandas as pd

from weightscape.statistics import facts as f
from weightscape.statistics.all_claims import claim_by_name
from weightscape.statistics.claims.diversity_slope import RiseWithDiversity
from weightscape.statistics.claims.effective_robustness import BesideTheLine, NoLine
from weightscape.statistics.controls import (
    CONTROL_LENGTH,
    Neighbours,
    NeighboursWithoutRival,
    NullControl,
    UpperBound,
)
from weightscape.statistics.manipulation import ManipulationCheck
from weightscape.statistics.plan import Plan
from weightscape.statistics.recognition import FromGenerator, Recognition
from weightscape.statistics.synthetic import AgainstAugmentation
from weightscape.statistics.verdicts import Precision
from weightscape.words import claim_one  # noqa: F401  (registers the sentences of claim 1)
from weightscape.words.names import condition_label, metric_label, plain
from weightscape.words.numbers import NO_BREAK, estimate_text, higher_text, interval_text, number, probability, pvalue
from weightscape.words.sentences import series_words, words
from weightscape.words.text import capital, count_seeds, listing, verb

CASES = {
    "no series planned": "The study's plan names no series for this claim.",
    "no complete runs": "The study has no complete runs of {names}.",
    "no common seed": "No seed has runs of every series of this claim.",
    "no validation set": "The study has no validation set.",
    "no test set": "The study has no test set.",
    "no ood set": "The study has no natural out-of-distribution set.",
    "no corruption set": "Every corruption was trained on by a condition of this comparison.",
    "no feature": "No feature is left to compare.",
    "no direction": (
        "No direction to compare with: {names} {are} not shown to act (no effect that different seeds share)."
    ),
    "not shown to act": "{names} {are} not shown to act.",
    "none more diverse": "The data of none of {names} are shown to be more diverse than the baseline's.",
    "frozen layers": "Training leaves layers of {names} as they are, so there is no change of them to compare.",
    "direction vanishes": "A direction vanishes when a single seed is left out.",
    "not separable": (
        "The conditions do not differ enough, beyond the noise of their runs, in accuracy in distribution and in "
        "diversity apart from each other."
    ),
    "only synthetic images": "No condition of {names} has real images beside the synthetic ones.",
    "more conditions": "More conditions, not more seeds, would sharpen this claim.",
    "pilot too small": "The pilot needs {number} seeds and a feature.",
    "pilot could not test": "The pilot could not test this claim.",
    "pilot without effect": "The pilot does not show that {names} {act}.",
    "more seeds": "More than {number} seeds.",
    "rough guess": "A rough guess: in the pilot the effect is within its error.",
}
"""The sentence of each `weightscape.statistics.facts.Case`."""

NEEDED_BY = {
    ("seeds", "cosine"): "a cosine with interval",
    ("other conditions", "line"): "a line",
}
DATA_CONDITIONS = ("conditions", "regression")
BEST = dict.fromkeys(("odds", "images", "line"), "the augmentation that validates best") | {
    "vendi": "the most diverse augmentation"
}

ORIGINS = {
    "pool": "images of the data set that no run trains on, and so bring external data",
    "subset": "the very images that every run trains on, and so bring no external data",
    "elsewhere": "other data than the study's, and so bring external data",
}
"""What a generator learnt from, and what follows."""


def reason(text: str) -> str:
    """Return the sentences of the column `facts` of a table; none where it is empty."""
    return capital(words(read(text))) if text else ""


def read(text: str) -> f.Facts:
    """Return the facts of a column `facts`."""
    return f.read_facts(text, {kind.__name__: kind for kind in words.registry if issubclass(kind, f.Facts)})


def claim_reason(row: Any) -> str:
    """Return the sentences of a row of the claims table, with how many other analyses agree with a decided claim."""
    facts = read(row.facts)
    text = capital(words(facts))
    if not row.n_variants or pd.isna(row.statistic) or pd.isna(row.n_same_verdict):
        return text
    finding = facts.finding if isinstance(facts, Precision) else facts
    alone = finding.verdict_alone if isinstance(finding, f.NotDecided) else ""
    verdict = f"“{alone}”, as in the planned one," if alone else "the same"
    agree = f"{row.n_same_verdict} of {row.n_variants}"
    return f"{text} Without adjustment, the verdict is {verdict} in {agree} other analyses."


def claim_question(claim: str, plan: Plan) -> str:
    """Return what a claim asks, with the plan's metrics in words."""
    asked = claim_by_name(claim, plan)
    return asked.question.format(metrics=listing([metric_label(metric) for metric in asked.metrics(plan)]))


def change_words(text: str) -> str:
    """Return how the analysis of a row of the robustness table differs, from its facts."""
    facts = read(text)
    assert isinstance(facts, f.Changed)
    return words(facts.change)


def subject_words(text: str) -> str:
    """Return what a control is about, from its facts."""
    facts = read(text)
    if isinstance(facts, NullControl | UpperBound):
        return plain(facts.series if isinstance(facts, NullControl) else facts.real)
    return ", ".join(words(dose) for dose in facts.doses)  # type: ignore[attr-defined]


@words.register
def _(facts: f.Case) -> str:
    are, act = (verb(facts.names, *forms) for forms in (("is", "are"), ("acts", "act")))
    return CASES[facts.case].format(names=series_words(facts.names), are=are, act=act, number=facts.number)


@words.register
def _(facts: f.TooFew) -> str:
    needed_by = NEEDED_BY.get((facts.of, facts.needed_by), f"the {facts.needed_by}")
    which = ", the baseline and those that change the data" if (facts.of, facts.needed_by) == DATA_CONDITIONS else ""
    return f"Too few {facts.of} ({facts.n}{which}): {needed_by} needs {facts.minimum}."


@words.register
def _(facts: f.Name) -> str:
    return metric_label(facts.name) if facts.of == "metric" else plain(facts.name)


@words.register
def _(facts: f.ConditionName) -> str:
    return condition_label(facts.series, facts.dose)


@words.register
def _(facts: f.Change) -> str:
    return facts.text.format(words(facts.subject)) if facts.subject else facts.text


@words.register
def _(facts: f.Changed) -> str:
    return words(facts.finding)


@words.register
def _(facts: f.Measured) -> str:
    return f"the {facts.statistic_name} is {estimate_text(facts.estimate)}"


@words.register
def _(facts: f.Judged) -> str:
    ending = "" if facts.decided else ", so no difference is shown"
    certainty = f"({pvalue(facts.pvalue)}, {count_seeds(facts.n_seeds)})"
    return f"{capital(words(facts.comparison))} {certainty}{ending}."


@words.register
def _(facts: f.NotDecided) -> str:
    adjusted = pvalue(facts.pvalue_holm, "Holm p")
    return f"Not decided after adjusting for the claims of its group ({adjusted}): {capital(words(facts.finding))}"


@words.register
def _(facts: Precision) -> str:
    parts = [words(facts.finding)]
    if pd.notna(facts.margin):
        margin = f"the margin of {number(facts.margin)} ({pvalue(facts.pvalue_equivalence, 'p of equivalence, Holm')})"
        if facts.negligible:
            parts.append(f"The difference is shown to be smaller than {margin}.")
        elif facts.verdict == "undetermined":
            parts.append(f"It is not shown to be smaller than {margin}: the study is too imprecise to tell.")
    parts.append(f"With 80{NO_BREAK}% power this study finds a difference of {number(facts.detectable)}.")
    return " ".join(parts)


@words.register
def _(facts: AgainstAugmentation) -> str:
    synthetic, other = series_words(facts.synthetic), plain(facts.augmentation)
    chosen = f"{other}, {BEST[facts.comparison]}" if facts.chosen else other
    has, lies = (verb(facts.synthetic, *forms) for forms in (("has", "have"), ("lies", "lie")))
    size = estimate_text(facts.estimate)
    return {
        "vendi": f"{synthetic} {has} {size} times the Vendi score of {chosen}",
        "odds": f"with {synthetic} the odds of a right answer are {size} times those with {chosen}",
        "images": (
            f"over resampled seeds and test images, the accuracy out of distribution with {synthetic} is "
            f"{higher_text(facts.estimate, 'logits')} than with {other}"
        ),
        "line": f"{synthetic} {lies} {higher_text(facts.estimate, 'probits')} than {chosen}",
    }[facts.comparison]


@words.register
def _(facts: Recognition) -> str:
    if facts.outcome == "cannot tell":
        return (
            "no classifier recognises unseen real images better than by guessing "
            f"(accuracy {number(facts.accuracy_real)}), so nobody can tell whether synthetic images are recognised"
        )
    return (
        f"a classifier of real images recognises {number(facts.accuracy)} of the synthetic ones (pool {facts.pool}) "
        f"and {number(facts.accuracy_real)} of unseen real ones, {number(facts.chance)} by guessing: above chance "
        f"{number(facts.share)} times as many, as a lower bound {number(facts.low)}, where the plan asks for "
        f"{number(facts.threshold)}"
    )


@words.register
def _(facts: FromGenerator) -> str:
    if facts.failed:
        return f"No verdict, since {'; '.join(map(words, facts.failed))}. {capital(words(facts.finding))}"
    origins = [ORIGINS[origin] for origin in dict.fromkeys(check.learnt_from for check in facts.checks)]
    return f"{words(facts.finding)} The synthetic images are from a generator that learnt from {listing(origins)}."


@words.register
def _(facts: BesideTheLine) -> str:
    return (
        f"relative to the line of {facts.n_conditions} other conditions (slope {estimate_text(facts.slope)}, their SD "
        f"about it {number(facts.scatter)} probits; {words(facts.farthest)} makes up {facts.leverage:.0%} of their "
        f"spread), {words(facts.distance)}, where {facts.line_share:.0%} of the variance is the line's"
    )


@words.register
def _(facts: NoLine) -> str:
    return (
        f"The {facts.n_conditions} other conditions do not determine a line: they are not shown to differ in accuracy "
        "in distribution beyond the noise of their runs."
    )


@words.register
def _(facts: RiseWithDiversity) -> str:
    return (
        f"at equal accuracy in distribution, accuracy out of distribution is {higher_text(facts.rise, 'probits')} "
        f"under the most diverse of {facts.n_conditions} conditions (Vendi score {number(facts.most)}) than under the "
        f"least diverse ({number(facts.least)})"
    )


@words.register
def _(facts: NullControl) -> str:
    seeds = count_seeds(facts.n_seeds)
    if facts.n_tests:
        adjusted = pvalue(facts.pvalue_holm, "Holm p")
        how = f"{pvalue(facts.pvalue)}, {adjusted} over {facts.n_tests} null controls"
        how += f", which cannot reach .05 with {seeds}" if facts.powerless else ""
    else:
        how = f"squared length {estimate_text(facts.squared_norm)}, {seeds} are too few for sign flips"
    moves = "moves" if facts.acts else "is not shown to move"
    power = f"an effect of {number(CONTROL_LENGTH, 1)} SDs would be found with power {probability(facts.power)}"
    return f"{plain(facts.series)} {moves} the {facts.feature_family} of the spectra ({how}; {power})."


@words.register
def _(facts: NeighboursWithoutRival) -> str:
    if not facts.absent:
        return "no condition of another family has a direction to compare with."
    doses = [words(dose) for dose in facts.absent]
    acting = f"{verb(doses, 'is', 'are')} not shown to act on the {facts.feature_family}"
    return f"{listing(doses)} {acting}, so there is no direction to compare."


@words.register
def _(facts: Neighbours) -> str:
    rival, cosine = words(facts.rival), number(facts.rival_cosine)
    nearest = f"{rival}, of another family, is nearer" if facts.failed else f"the nearest of another family is {rival}"
    doses = listing([words(dose) for dose in facts.doses])
    return (
        f"{doses} have cosine {number(facts.cosine)}; {nearest}, with {cosine}; "
        f"difference {estimate_text(facts.difference)} ({pvalue(facts.difference.pvalue)}, "
        f"{pvalue(facts.pvalue_holm, 'Holm p')} over {facts.n_tests} comparisons)."
    )


@words.register
def _(facts: UpperBound) -> str:
    side = "above" if facts.difference.value > 0 else "below"
    distance = f"{number(abs(facts.difference.value))} {side} that of {plain(facts.real)}"
    return (
        f"The logit accuracy of {series_words(facts.synthetic)} on the test set is {distance}, "
        f"difference {interval_text(facts.difference)}."
    )


@words.register
def _(facts: ManipulationCheck) -> str:
    name = plain(facts.series)
    if pd.isna(facts.difference.value):
        return f"the diversity of {name} could not be compared with the baseline's."
    ratio = estimate_text(facts.difference.exponential())
    certainty = f"({pvalue(facts.pvalue_holm, 'Holm p')})"
    return {
        "more diverse": f"the training sets of {name} are more diverse than the baseline's",
        "less diverse": f"the training sets of {name} are less diverse than the baseline's",
        "not shown": f"the training sets of {name} are not shown to differ from the baseline's in diversity",
    }[facts.outcome] + f": {ratio} times its Vendi score {certainty}."
