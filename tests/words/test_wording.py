"""Numbers in sentences."""

import pytest

from weightscape.statistics.estimate import Estimate
from weightscape.words.numbers import NO_BREAK, higher_text, number, pvalue
from weightscape.words.text import listing, verb


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (1.0, "1.00"), (-0.04071, "−0.0407"), (12.345, "12.3"), (1234.5, "1,234"), (2e-7, "2.00e−07")],
)
def test_numbers_have_three_digits_and_a_minus_sign(value, text):
    assert number(value) == text


def test_what_is_not_finite_has_a_sign_of_its_own():
    assert [number(value) for value in (float("nan"), None, float("inf"))] == ["–", "–", "∞"]


@pytest.mark.parametrize(("p", "text"), [(0.0123, "p = .012"), (0.0009, "p < .001"), (1.0, "p = 1"), (0.1, "p = .10")])
def test_p_values(p, text):
    assert pvalue(p).replace(NO_BREAK, " ") == text


@pytest.mark.parametrize(("words", "text"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")])
def test_lists(words, text):
    assert listing(words) == text


def test_a_negative_difference_is_lower_with_the_signs_turned():
    assert higher_text(Estimate(0.3, 0.1, 0.5, 0.1, 0.01), "probits") == "0.300 [0.100, 0.500] probits higher"
    assert higher_text(Estimate(-0.3, -0.5, 0.1, 0.1, 0.1), "probits") == "0.300 [−0.100, 0.500] probits lower"


def test_verbs_agree_with_the_number_of_subjects():
    assert [verb(words, "lies", "lie") for words in (["a"], ["a", "b"])] == ["lies", "lie"]
