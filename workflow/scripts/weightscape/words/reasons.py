"""The sentences of what the statistics find: one function per kind of facts."""

from functools import singledispatch

import pandas as pd

from weightscape.figures.labels import condition_label, metric_label, plain
from weightscape.statistics import facts as f
from weightscape.statistics.all_claims import claim_by_name
from weightscape.statistics.claims.diversity_slope import SlopeOnDiversity, TooFewForTheModel
from weightscape.statistics.claims.effective_robustness import BesideTheLine, NoLine, TooFewOnTheLine
from weightscape.statistics.claims.synthetic_accuracy import OddsRatio, OverImages
from weightscape.statistics.claims.synthetic_diversity import VendiRatio
from weightscape.statistics.contrast import Contrasted, FragileDirection, NoDirection, Roles
from weightscape.statistics.controls import (
    Neighbours,
    NeighboursWithoutRival,
    NullControl,
    UpperBound,
)
from weightscape.statistics.features import Dropped
from weightscape.statistics.mixed_model import NotFitted
from weightscape.statistics.plan import Plan
from weightscape.statistics.planning import MoreSeeds
from weightscape.statistics.power import PilotTooSmall, PilotWithoutEffect
from weightscape.statistics.spectral_claim import SpectralComparison
from weightscape.statistics.synthetic import AgainstAugmentation
from weightscape.statistics.wording import (
    capital,
    count_seeds,
    estimate_text,
    higher_text,
    interval_text,
    listing,
    number,
    pvalue_text,
    verb,
)

OPPOSITE = -0.9
"""Below this cosine dropout and weight decay are called the two ends of one axis."""

CASES = {
    "no series planned": "The study's plan names no series for this claim.",
    "no common seed": "No seed has runs of every series of this claim.",
    "no feature": "No feature is left to compare.",
    "direction vanishes": "A direction vanishes when a single seed is left out.",
    "more conditions": "More conditions, not more seeds, make this claim sharper.",
    "pilot could not test": "The pilot could not test this claim.",
    "rough guess": "A rough guess: in the pilot the effect is within its error.",
}
"""The sentence of each `weightscape.statistics.facts.Case`."""

NEEDERS = {"cosine": "a cosine with interval"}
SETS = {"ood": "natural out-of-distribution"}
BEST = "the augmentation that validates best"


def reason(text: str) -> str:
    """Return the sentences of the column `facts` of a table; none where it is empty."""
    return capital(words(read(text))) if text else ""


def read(text: str) -> f.Facts:
    """Return the facts of a column `facts`."""
    return f.read_facts(text, {kind.__name__: kind for kind in words.registry if issubclass(kind, f.Facts)})


def claim_reason(row: object) -> str:
    """Return the sentences of a row of the claims table, with how many other analyses agree."""
    text, n, same = reason(row.facts), row.n_variants, row.n_same_verdict  # type: ignore[attr-defined]
    if not n or pd.isna(row.statistic):  # type: ignore[attr-defined]
        return text
    facts = read(row.facts)  # type: ignore[attr-defined]
    alone = facts.verdict_alone if isinstance(facts, f.NotDecided) else ""
    verdict = f"“{alone}”, as the planned one does" if alone else "the same verdict"
    return f"{text} Without adjustment, {same} of {n} other analyses come to {verdict}."


def claim_question(claim: str, plan: Plan) -> str:
    """Return what a claim asks, with the plan's metrics in words."""
    asked = claim_by_name(claim)
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


@singledispatch
def words(facts: f.Facts) -> str:
    """Return facts in words: a sentence, or the part of one that stands within another."""
    raise TypeError(f"no words for facts of the kind {type(facts).__name__}: register them in {__name__}")


def _series(names: tuple[str, ...]) -> str:
    return listing([plain(name) for name in names])


def _not_shown(names: tuple[str, ...]) -> str:
    return f"{_series(names)} {verb(names, 'is', 'are')} not shown to act"


def _augmentation(facts: AgainstAugmentation, how: str) -> str:
    """Return the augmentation and how it was chosen, the name alone where there was no choice."""
    return f"{plain(facts.augmentation)}, {how}" if facts.chosen else plain(facts.augmentation)


@words.register
def _(facts: f.Case) -> str:
    return CASES[facts.case]


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
def _(facts: f.TooFewSeeds) -> str:
    needer = NEEDERS.get(facts.needed_by, f"the {facts.needed_by}")
    return f"Too few seeds ({facts.n_seeds}): {needer} needs {facts.minimum}."


@words.register
def _(facts: f.MissingRuns) -> str:
    return f"The study has no complete runs of {_series(facts.series)}."


@words.register
def _(facts: f.MissingSet) -> str:
    return f"The study has no {SETS.get(facts.kind_of_set, facts.kind_of_set)} set."


@words.register
def _(facts: f.NotShownToAct) -> str:
    return f"{_not_shown(facts.series)}."


@words.register
def _(facts: f.Measured) -> str:
    return f"the {facts.statistic_name} is {estimate_text(facts.estimate)}"


@words.register
def _(facts: f.Judged) -> str:
    ending = "" if facts.decided else ", so no difference is shown"
    certainty = f"({pvalue_text(facts.pvalue)}, {count_seeds(facts.n_seeds)})"
    return f"{capital(words(facts.comparison))} {certainty}{ending}."


@words.register
def _(facts: f.NotDecided) -> str:
    adjusted = pvalue_text(facts.pvalue_holm, "Holm p")
    return f"Not decided after adjusting for all claims ({adjusted}): {capital(words(facts.finding))}"


@words.register
def _(facts: NoDirection) -> str:
    return f"no direction to compare with: {_not_shown(facts.series)} (no effect that different seeds share)."


@words.register
def _(facts: FragileDirection) -> str:
    _, d, w = _roles(facts.roles)
    return f"the direction of {d} or {w} vanishes when a single seed is left out."


def _roles(roles: Roles) -> tuple[str, str, str]:
    """Return how V, D and W of claim 1 are called."""
    diversity = f"diversity ({_series(roles.diversity)})" if roles.diversity else "diversity"
    return diversity, _series(roles.dropout), _series(roles.weight_decay)


@words.register
def _(facts: Contrasted) -> str:
    v, d, w = _roles(facts.roles)
    numbers = f"T = {estimate_text(facts.statistic)}, {pvalue_text(facts.statistic.pvalue)}"
    opposed_d, opposed_w = (
        f" and is opposed to {name} ({estimate_text(along)} along it)" if along.is_negative else ""
        for name, along in ((d, facts.along_d), (w, facts.along_w))
    )
    sentences = {
        "no effect": f"{v} itself is not shown to act, so it points nowhere",
        "undecided": f"{v} is not shown to be nearer to {d} or to {w}",
        "weight decay": f"{v} reaches further along {w} than along {d}{opposed_d}",
        "dropout": f"{v} reaches further along {d} than along {w}{opposed_w}",
        "only away from weight decay": (
            f"{v} is not shown to reach along {d} at all ({estimate_text(facts.along_d)}){opposed_w}, although further "
            f"along {d} than along {w}"
        ),
    }
    return f"{sentences[facts.outcome]}: {numbers}."


@words.register
def _(facts: SpectralComparison) -> str:
    parts = [capital(words(facts.contrast))]
    _, d, w = _roles(facts.roles)
    if facts.cosine_dw.value < OPPOSITE:
        parts.append(
            f"{capital(d)} and {w} are nearly opposite (cosine {number(facts.cosine_dw.value)}), so there is one axis "
            "only: further along the one is further from the other."
        )
    cosines = [
        f"{estimate_text(cosine)} with {name}"
        for cosine, name in ((facts.cosine_vd, d), (facts.cosine_vw, w))
        if pd.notna(cosine.value)
    ]
    if cosines:
        parts.append(f"Cosine {listing(cosines)}.")
    if facts.opposed:
        cosine = estimate_text(facts.opposed.cosine)
        parts.append(f"The mean over series hides that {_series(facts.opposed.series)} are opposed (cosine {cosine}).")
    features = f"{facts.n_features} feature{'s' * (facts.n_features != 1)}"
    if facts.dropped:
        why = [f"{listing([_feature(name) for name in group.features])}: {_why(group.why)}" for group in facts.dropped]
        features += f" ({sum(len(group.features) for group in facts.dropped)} left out: {'; '.join(why)})"
    parts.append(f"{count_seeds(facts.n_seeds)}, {features}.")
    return " ".join(parts)


def _feature(name: str) -> str:
    group, _, metric = name.partition("/")
    return f"{plain(group)}/{metric_label(metric)}"


def _why(dropped: Dropped) -> str:
    """Return why a feature was left out."""
    return {
        "no layer": f"none of {dropped.n_layers} layers has a value in every run",
        "one seed": "fewer than two seeds have no spread",
        "constant": "the seeds of a condition do not differ in it",
        "one differs": "only one seed differs from the others in it",
    }[dropped.why]


@words.register
def _(facts: VendiRatio) -> str:
    return (
        f"{_series(facts.synthetic)} {verb(facts.synthetic, 'has', 'have')} {estimate_text(facts.estimate)} times the "
        f"Vendi score of {_augmentation(facts, 'the most diverse augmentation')}"
    )


@words.register
def _(facts: OddsRatio) -> str:
    return (
        f"with {_series(facts.synthetic)} the odds of a right answer are {estimate_text(facts.estimate)} times those "
        f"with {_augmentation(facts, BEST)}"
    )


@words.register
def _(facts: OverImages) -> str:
    synthetic = _series(facts.synthetic)
    return f"over resampled seeds and test images, {synthetic} against {plain(facts.augmentation)}"


@words.register
def _(facts: BesideTheLine) -> str:
    return (
        f"beside the line of {facts.n_conditions} other conditions (slope {estimate_text(facts.slope)}), "
        f"{_series(facts.synthetic)} {verb(facts.synthetic, 'lies', 'lie')} {higher_text(facts.estimate, 'probits')} "
        f"than {_augmentation(facts, BEST)}"
    )


@words.register
def _(facts: NoLine) -> str:
    slope = estimate_text(facts.slope)
    return f"The {facts.n_conditions} other conditions do not fix a line: its slope is {slope}."


@words.register
def _(facts: TooFewOnTheLine) -> str:
    return f"Too few other conditions ({facts.n_conditions}): a line needs {facts.minimum}."


@words.register
def _(facts: SlopeOnDiversity) -> str:
    return (
        "at equal accuracy in distribution, where the log Vendi score is higher by 1, accuracy out of distribution is "
        f"{higher_text(facts.slope, 'probits')}, over {facts.n_conditions} conditions"
    )


@words.register
def _(facts: TooFewForTheModel) -> str:
    return (
        f"Too few conditions ({facts.n_conditions}, the baseline and those that change the data): the model needs "
        f"{facts.minimum}."
    )


@words.register
def _(facts: NotFitted) -> str:
    why = "accuracy in distribution and diversity do not vary apart from each other"
    if facts.optimizers:
        why = f"it did not converge by {', '.join(facts.optimizers)}"
    return f"The mixed model cannot be relied on: {why}."


@words.register
def _(facts: NullControl) -> str:
    seeds = count_seeds(facts.n_seeds)
    if facts.n_tests:
        adjusted = pvalue_text(facts.pvalue_holm, "Holm p")
        how = f"{pvalue_text(facts.pvalue)}, {adjusted} over {facts.n_tests} null controls"
        how += f", which {seeds} cannot bring to .05" if facts.powerless else ""
    else:
        how = f"squared length {estimate_text(facts.squared_norm)}, {seeds} are too few for sign flips"
    moves = "moves" if facts.acts else "is not shown to move"
    return f"{plain(facts.series)} {moves} the {facts.feature_family} of the spectra ({how})."


@words.register
def _(facts: NeighboursWithoutRival) -> str:
    if not facts.absent:
        return "there is no condition of another family to compare with whose direction exists."
    doses = [words(dose) for dose in facts.absent]
    acting = f"{verb(doses, 'is', 'are')} not shown to act on the {facts.feature_family}"
    return f"{listing(doses)} {acting}, so there is no direction to compare."


@words.register
def _(facts: Neighbours) -> str:
    called = "nearer is" if facts.failed else "the nearest of another family is"
    return (
        f"{listing([words(dose) for dose in facts.doses])} have cosine {number(facts.cosine)}; {called} "
        f"{words(facts.rival)}, with {number(facts.rival_cosine)}; difference {estimate_text(facts.difference)} "
        f"({pvalue_text(facts.difference.pvalue)}, {pvalue_text(facts.pvalue_holm, 'Holm p')} over {facts.n_tests} "
        "comparisons)."
    )


@words.register
def _(facts: UpperBound) -> str:
    side = "above" if facts.difference.value > 0 else "below"
    return (
        f"The logit accuracy of {_series(facts.synthetic)} on the test set is {number(abs(facts.difference.value))} "
        f"{side} that of {plain(facts.real)}, difference {interval_text(facts.difference)}."
    )


@words.register
def _(facts: PilotTooSmall) -> str:
    return f"The pilot needs {facts.minimum} seeds and a feature."


@words.register
def _(facts: PilotWithoutEffect) -> str:
    return f"The pilot does not show that {_series(facts.roles)} {verb(facts.roles, 'acts', 'act')}."


@words.register
def _(facts: MoreSeeds) -> str:
    return f"More than {facts.tried} seeds."
