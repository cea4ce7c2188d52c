"""Equivalence and the smallest detectable statistic, against scipy's own tests and against simulation."""

import numpy as np
import pytest
from scipy import stats

from weightscape.statistics.precision import detectable, equivalence_pvalue
from weightscape.streams import stream

MARGIN = 0.8


@pytest.mark.parametrize("shift", [-1.5, -0.6, 0.0, 0.3, 2.0])
def test_equivalence_is_the_worse_of_two_one_sided_t_tests(shift):
    sample = stream("equivalence").normal(shift, 1.0, size=14)
    below = stats.ttest_1samp(sample, MARGIN, alternative="less").pvalue
    above = stats.ttest_1samp(sample, -MARGIN, alternative="greater").pvalue
    standard_error = sample.std(ddof=1) / np.sqrt(14)
    assert equivalence_pvalue(sample.mean(), standard_error, 13, MARGIN) == pytest.approx(max(below, above))


def test_without_a_standard_error_there_is_no_equivalence():
    assert np.isnan(equivalence_pvalue(np.array([0.0, 0.0]), np.array([np.nan, 0.0]), 5, MARGIN)).all()
    assert np.isnan(equivalence_pvalue(0.1, 0.2, 5, float("nan")))


@pytest.mark.parametrize(("seeds", "significance"), [(6, 0.05), (12, 0.05), (12, 0.0125)])
def test_the_smallest_detectable_statistic_is_found_in_four_of_five_studies(seeds, significance):
    sd = 3.0
    true = detectable(sd / np.sqrt(seeds), seeds - 1, significance)
    samples = stream("detectable", seeds).normal(true, sd, size=(20_000, seeds))
    pvalues = stats.ttest_1samp(samples, 0.0, axis=1).pvalue
    # The true standard error is known here, so only the power varies: its own error is 0.003.
    assert (pvalues <= significance).mean() == pytest.approx(0.8, abs=0.01)


def test_without_a_standard_error_nothing_is_detectable():
    assert np.isnan(detectable(float("nan"), 11, 0.05))
    assert np.isnan(detectable(0.0, 11, 0.05))
