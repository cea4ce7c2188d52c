"""The sentences of what claim 1 finds."""

import pandas as pd

from weightscape.statistics.contrast import Contrasted, FragileDirection, NothingBesideLearning, Roles
from weightscape.statistics.features import Dropped
from weightscape.statistics.spectral_claim import Mixed, NotMoreDiverse, OtherContrast, SpectralComparison
from weightscape.words.names import metric_label, plain
from weightscape.words.numbers import estimate_text, number, pvalue
from weightscape.words.sentences import series_words, words
from weightscape.words.text import capital, count_seeds, listing, verb

OPPOSITE = -0.9
"""Below this cosine dropout and weight decay are called the two ends of one axis."""


def _roles(roles: Roles) -> tuple[str, str, str]:
    """Return how V, D and W of claim 1 are called."""
    several = len(roles.diversity) > 1
    diversity = f"diversity ({series_words(roles.diversity)})" if several else series_words(roles.diversity)
    return diversity or "diversity", series_words(roles.dropout), series_words(roles.weight_decay)


@words.register
def _(facts: FragileDirection) -> str:
    _, d, w = _roles(facts.roles)
    return f"the direction of {d} or {w} vanishes when a single seed is left out."


@words.register
def _(facts: NothingBesideLearning) -> str:
    moves = f"{series_words(facts.series)} {verb(facts.series, 'moves', 'move')}"
    return (
        f"no direction to compare with: it is not shown that {moves} the spectra other than along "
        f"{series_words(facts.early_stop)}."
    )


@words.register
def _(facts: Contrasted) -> str:
    v, d, w = _roles(facts.roles)
    numbers = f"T = {estimate_text(facts.statistic)}, {pvalue(facts.statistic.pvalue)}"
    opposed_d, opposed_w = (
        f" and is opposed to {name} ({estimate_text(along)} along it)" if along.is_negative else ""
        for name, along in ((d, facts.along_d), (w, facts.along_w))
    )
    sentences = {
        "no effect": f"{v} itself is not shown to act, so it has no direction",
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
            f"{capital(d)} and {w} are nearly opposite (cosine {number(facts.cosine_dw.value)}), so there is only "
            "one axis: moving along one is moving away from the other."
        )
    cosines = [
        f"{estimate_text(cosine)} with {name}"
        for cosine, name in ((facts.cosine_vd, d), (facts.cosine_vw, w))
        if pd.notna(cosine.value)
    ]
    if cosines:
        parts.append(f"Cosine {listing(cosines)}.")
    parts += _learning(facts)
    if facts.left_out:
        parts.append(f"Left out: {series_words(facts.left_out)}, not shown to be more diverse than the baseline.")
    features = f"{facts.n_features} feature{'s' * (facts.n_features != 1)}"
    if facts.dropped:
        why = [f"{listing([_feature(name) for name in group.features])}: {_why(group.why)}" for group in facts.dropped]
        features += f" ({sum(len(group.features) for group in facts.dropped)} left out: {'; '.join(why)})"
    parts.append(f"{count_seeds(facts.n_seeds)}, {features}.")
    if count := len(facts.unreached):
        their = "its" if count == 1 else "their"
        parts.append(
            f"{count} layer{'s' * (count > 1)} left out: the baseline's training does not reach all of {their} weights."
        )
    return " ".join(parts)


def _learning(facts: SpectralComparison) -> list[str]:
    """Return what is said of the amount of learning."""
    if not facts.roles.early_stop:
        return ["How far training went is not separated from diversity: the plan names no early stopping."]
    parts = []
    early = series_words(facts.roles.early_stop)
    if pd.notna(facts.along_e.value):
        parts.append(f"{estimate_text(facts.along_e)} along {early}, which is removed.")
    for other, name in ((facts.raw, "With that direction"), (facts.equal_loss, "At equal training loss")):
        if other is not None and pd.notna(other.statistic.value):
            parts.append(f"{name}, T = {estimate_text(other.statistic)}{_other_verdict(other, facts)}.")
    return parts


def _other_verdict(other: OtherContrast, facts: SpectralComparison) -> str:
    """Return that the verdict hangs on how the amount of learning is treated, where it does."""
    planned = facts.contrast.outcome if isinstance(facts.contrast, Contrasted) else ""
    verdict = {"dropout": "supported", "weight decay": "contradicted"}.get(planned, "undetermined")
    return "" if other.verdict == verdict else f" ({other.verdict}: the verdict hangs on this)"


@words.register
def _(facts: NotMoreDiverse) -> str:
    return f"No verdict, since {words(facts.check)} {capital(words(facts.finding))}"


@words.register
def _(facts: Mixed) -> str:
    pairs = [f"{series_words(pair.series)} (cosine {estimate_text(pair.cosine)})" for pair in facts.opposed]
    places = [
        f"{plain(place.series)} {estimate_text(place.along_d)} along dropout and {estimate_text(place.along_w)} along "
        "weight decay"
        for place in facts.places
    ]
    return (
        f"the series are opposed to each other, so their mean stands for none of them: {listing(pairs)}. "
        f"They reach: {'; '.join(places)}. The mean: {words(facts.finding)}"
    )


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
