"""The sign-flip test against SciPy's permutation test and against enumeration by hand."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from weightscape.statistics import sign_flip_test
from weightscape.streams import stream


@given(arrays(float, st.integers(1, 8), elements=st.floats(-9, 9, width=16)))
def test_equals_enumeration_of_all_signs(differences):
    sums = [abs(np.dot(signs, differences)) for signs in product((1, -1), repeat=len(differences))]
    expected = np.mean(np.array(sums) >= abs(differences.sum()) - 1e-9)
    result = sign_flip_test(differences)
    assert result.pvalue[0] == pytest.approx(expected)
    assert result.exact
    assert result.n_flips == 2 ** len(differences)


def test_equals_scipys_permutation_test():
    differences = stream("scipy sign flip").normal(0.7, 1, size=9)
    theirs = stats.permutation_test(
        (differences,), np.mean, permutation_type="samples", n_resamples=np.inf, alternative="two-sided"
    )
    assert sign_flip_test(differences).pvalue[0] == pytest.approx(theirs.pvalue)


def test_smallest_p_of_eight_seeds():
    assert sign_flip_test(np.arange(1.0, 9.0)).pvalue[0] == 2 / 2**8


def test_no_difference_has_p_one():
    assert sign_flip_test(np.zeros(6)).pvalue[0] == 1


def test_equal_differences_are_not_split_by_rounding():
    """Sums of 0.1 in different orders differ in the last bit; the observed one must still count itself."""
    assert sign_flip_test(np.full(10, 0.1)).pvalue[0] == 2 / 2**10


def test_columns_are_tested_on_their_own_also_in_blocks(monkeypatch):
    from weightscape.statistics import sign_flip

    differences = stream("columns").normal(size=(7, 11))
    expected = [sign_flip_test(column).pvalue[0] for column in differences.T]
    monkeypatch.setattr(sign_flip, "_LARGEST_BLOCK", 130)
    np.testing.assert_array_equal(sign_flip_test(differences).pvalue, expected)


def test_many_seeds_use_random_flips_with_their_error():
    differences = stream("many seeds").normal(0.4, 1, size=25)
    result = sign_flip_test(differences, n_random=20_000)
    assert not result.exact
    assert result.standard_error[0] > 0
    normal = 2 * stats.norm.sf(abs(differences.sum()) / np.sqrt((differences**2).sum()))
    assert abs(result.pvalue[0] - normal) < 5 * result.standard_error[0] + 0.01
    assert result.pvalue[0] == sign_flip_test(differences, n_random=20_000).pvalue[0]


def test_is_exact_under_the_hypothesis():
    """Of 2,000 null samples with skew-free heavy tails, at most a share α has p ≤ α, up to chance."""
    samples = stream("null").standard_t(2, size=(7, 2000))
    pvalues = sign_flip_test(samples).pvalue
    for level in (0.05, 0.2):
        assert (pvalues <= level).mean() < level + 3 * np.sqrt(level / 2000)


@pytest.mark.parametrize("bad", [np.empty(0), np.array([1.0, np.nan])])
def test_nothing_or_nan_is_refused(bad):
    with pytest.raises(ValueError, match="at least one seed and finite"):
        sign_flip_test(bad)
