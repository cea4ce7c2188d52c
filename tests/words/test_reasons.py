"""Sentences of facts: every kind has words, is written and read back, and shows no name as the config writes it."""

import math

import pytest

from weightscape.statistics.estimate import UNKNOWN, Estimate
from weightscape.statistics.facts import (
    Case,
    Change,
    ConditionName,
    Facts,
    Judged,
    Name,
    NotDecided,
    read_facts,
    write_facts,
)
from weightscape.statistics.synthetic import AgainstAugmentation
from weightscape.words.reasons import CASES, read, reason, words

RATIO = Estimate(1.357, 1.25, 1.473, math.nan, 0.0037)


def subclasses(kind: type) -> set[type]:
    return {sub for direct in kind.__subclasses__() for sub in {direct} | subclasses(direct)}


def test_every_kind_of_facts_has_words() -> None:
    kinds = {kind for kind in subclasses(Facts) if kind.__module__.startswith("weightscape.")}
    assert {kind.__name__ for kind in kinds} == {kind.__name__ for kind in words.registry} - {"object"}
    assert len({kind.__name__ for kind in kinds}) == len(kinds)


def test_facts_without_words_are_refused() -> None:
    class Unheard(Facts):
        pass

    with pytest.raises(TypeError, match="no words for facts of the kind Unheard"):
        words(Unheard())
    with pytest.raises(ValueError, match="unknown kind 'Unheard'"):
        read('{"kind": "Unheard"}')


@pytest.mark.parametrize("case", CASES)
def test_cases_are_sentences(case: str) -> None:
    text = reason(write_facts(Case(case, ("weight_decay",), 3)))
    assert text[0].isupper()
    assert text.endswith(".")
    assert not set("_{}") & set(text)


def test_facts_are_read_back_as_they_were_written() -> None:
    ratio = AgainstAugmentation("vendi", ("synthetic",), "more_real", True, RATIO)
    facts = NotDecided(Judged(ratio, 0.1 + 0.2, 8, True), 1 / 3, "supported")
    text = write_facts(facts)
    assert text == write_facts(read(text))
    back = read(text)
    assert back.pvalue_holm == 1 / 3
    assert back.finding.comparison.synthetic == ("synthetic",)
    assert math.isnan(back.finding.comparison.estimate.standard_error)
    assert '"standard_error": null' in text


def test_fields_that_may_be_missing_are_read_back() -> None:
    for change in (Change("as planned"), Change("without {}", ConditionName("a-1", "a", 1.0))):
        assert read_facts(write_facts(change), {"Change": Change, "ConditionName": ConditionName}) == change
    assert words(read(write_facts(AgainstAugmentation("vendi", ("a",), "b", False, UNKNOWN)))) == (
        "a has – [–, –] times the Vendi score of b"
    )


def test_names_are_words_by_what_they_name() -> None:
    """A series that looks like a dose, and one that is called like a metric, stay what they are."""
    assert words(Name("metric", "alpha")) == "power-law α"
    assert words(Name("series", "alpha")) == "alpha"
    assert words(Name("set", "mnist-5")) == "mnist-5"
    assert words(Change("without {}", ConditionName("weight_decay-1e-05", "weight_decay", 1e-5))) == (
        "without weight decay 1e-05"
    )
    assert str(Change("without {}", ConditionName("weight_decay-1e-05", "weight_decay", 1e-5))) == (
        "without weight_decay-1e-05"
    )
    assert reason(write_facts(Case("no complete runs", ("more_real", "mnist-5")))) == (
        "The study has no complete runs of more real and mnist-5."
    )


def test_nothing_is_said_not_to_act() -> None:
    assert reason(write_facts(Case("not shown to act", ("more_real",)))) == "More real is not shown to act."
    assert reason(write_facts(Case("not shown to act", ("a", "b")))) == "A and b are not shown to act."


def test_where_there_are_no_facts_there_is_no_sentence() -> None:
    assert reason("") == ""
