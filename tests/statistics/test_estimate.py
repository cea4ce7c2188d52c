"""Intervals and p-values against SciPy, the jackknife against its definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from weightscape.statistics.estimate import jackknife_estimate, mean_estimate

SAMPLES = arrays(float, st.integers(2, 12), elements=st.floats(-100, 100, width=32))


@given(SAMPLES)
def test_mean_interval_and_p_equal_scipys(sample):
    if sample.std() < 1e-6:
        sample = sample + np.arange(len(sample))
    ours, theirs = mean_estimate(sample), stats.ttest_1samp(sample, 0)
    interval = theirs.confidence_interval(0.95)
    np.testing.assert_allclose(
        [ours.value, ours.low, ours.high, ours.pvalue],
        [sample.mean(), interval.low, interval.high, theirs.pvalue],
        rtol=1e-9,
        atol=1e-12,
    )


@given(SAMPLES)
def test_jackknife_of_the_mean_is_the_t_interval(sample):
    """The delete-one jackknife reproduces s/√n exactly for a mean (Efron & Stein 1981)."""
    leave_one_out = (sample.sum() - sample) / (len(sample) - 1)
    jackknife, direct = jackknife_estimate(sample.mean(), leave_one_out), mean_estimate(sample)
    assert jackknife.standard_error == pytest.approx(direct.standard_error, rel=1e-6, abs=1e-9)
    assert jackknife.low == pytest.approx(direct.low, rel=1e-6, abs=1e-6)


def test_no_spread_is_certain_and_nothing_at_all_is_no_evidence():
    assert mean_estimate(np.array([2.0, 2.0, 2.0])).pvalue == 0
    assert mean_estimate(np.zeros(3)).pvalue == 1


def test_one_seed_has_a_value_and_no_interval():
    estimate = mean_estimate(np.array([3.0]))
    assert estimate.value == 3
    assert np.isnan([estimate.low, estimate.high, estimate.pvalue]).all()


@pytest.mark.parametrize("leave_one_out", [[1.0], [1.0, np.nan, 2.0]])
def test_jackknife_with_a_value_missing_says_nothing(leave_one_out):
    assert np.isnan(jackknife_estimate(1.0, np.array(leave_one_out)).low)
