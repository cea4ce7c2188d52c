"""Holm's adjustment against statsmodels, Westfall and Young's against their algorithm by hand."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from weightscape.statistics import holm, sign_flip_test
from weightscape.statistics.multiplicity import westfall_young
from weightscape.streams import stream


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_equals_statsmodels(pvalues):
    theirs = multipletests(pvalues, method="holm")[1]
    np.testing.assert_allclose(holm(np.array(pvalues)), theirs, rtol=1e-12, atol=1e-300)


def test_a_test_that_could_not_be_made_still_counts():
    adjusted = holm(np.array([0.02, np.nan, np.nan]))
    assert adjusted[0] == pytest.approx(0.06)
    assert np.isnan(adjusted[1:]).all()


def test_what_is_no_p_value_is_refused():
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        holm(np.array([0.2, 1.5]))


def step_down_by_hand(differences):
    """Westfall & Young's algorithm 4.1 as the book has it, with |t| and loops."""
    n_seeds, n_tests = differences.shape

    def t(d):
        return np.abs(d.mean(axis=0)) / (d.std(axis=0, ddof=1) / np.sqrt(n_seeds))

    observed = t(differences)
    order = np.argsort(-observed)
    flips = [differences * np.array(signs)[:, None] for signs in product((1, -1), repeat=n_seeds)]
    adjusted, largest = np.empty(n_tests), 0.0
    for rank, test in enumerate(order):
        rest = order[rank:]
        share = np.mean([t(flip)[rest].max() >= observed[test] * (1 - 1e-9) for flip in flips])
        largest = max(largest, share)
        adjusted[test] = largest
    return adjusted


def test_westfall_young_equals_the_algorithm_by_hand():
    differences = stream("westfall young").normal([0, 0.5, 1, 2, 4], 1, size=(6, 5))
    np.testing.assert_allclose(westfall_young(differences), step_down_by_hand(differences))


def test_westfall_young_of_one_test_is_its_sign_flip_p():
    differences = stream("one test").normal(0.5, 1, size=(8, 1))
    assert westfall_young(differences)[0] == sign_flip_test(differences).pvalue[0]


def test_westfall_young_of_equal_tests_pays_nothing_and_its_smallest_p_does_not_grow():
    differences = stream("equal tests").normal(0.7, 1, size=(8, 1))
    np.testing.assert_allclose(westfall_young(np.tile(differences, 50)), westfall_young(differences)[0])
    assert westfall_young(np.tile([[1.0], [1.1]], (4, 500))).max() == 2 / 2**8


def test_westfall_young_controls_the_family_error():
    rng = stream("family error")
    false = [westfall_young(rng.normal(size=(7, 12))).min() <= 0.05 for _ in range(600)]
    assert np.mean(false) < 0.05 + 3 * np.sqrt(0.05 / 600)


def test_westfall_young_splits_its_work_without_change(monkeypatch):
    from weightscape.statistics import multiplicity

    differences = stream("blocks").normal(0.5, 1, size=(8, 9))
    expected = westfall_young(differences)
    monkeypatch.setattr(multiplicity, "_BLOCK", 100)
    np.testing.assert_array_equal(westfall_young(differences), expected)


def test_westfall_young_of_no_difference_is_one_and_nan_is_refused():
    assert westfall_young(np.zeros((5, 2))).tolist() == [1, 1]
    with pytest.raises(ValueError, match="finite"):
        westfall_young(np.array([[np.nan]]))
