"""The smallest of several means: the paired t test with one, every test with more, and its level at the edge."""

import numpy as np
import pytest
from scipy import stats

from weightscape.statistics.intersection_union import smallest_mean
from weightscape.streams import stream


def test_with_one_it_is_the_t_test():
    sample = stream("one").normal(0.5, 1, 8)
    theirs = stats.ttest_1samp(sample, 0)
    name, estimate = smallest_mean({"a": sample})
    assert name == "a"
    assert (estimate.value, estimate.pvalue) == pytest.approx((sample.mean(), theirs.pvalue))
    assert (estimate.low, estimate.high) == pytest.approx(tuple(theirs.confidence_interval()))


def test_above_0_needs_every_test_and_below_0_one_with_bonferroni():
    rng = stream("several")
    samples = {name: rng.normal(mean, 1, 8) for name, mean in (("a", 3), ("b", 1.2), ("c", 2))}
    _, above = smallest_mean(samples)
    greater = [stats.ttest_1samp(sample, 0, alternative="greater").pvalue for sample in samples.values()]
    assert above.pvalue == pytest.approx(2 * max(greater))
    assert above.low == pytest.approx(
        min(stats.ttest_1samp(sample, 0).confidence_interval().low for sample in samples.values())
    )
    samples["b"] = samples["b"] - 4
    name, below = smallest_mean(samples)
    assert name == "b"
    less = min(stats.ttest_1samp(sample, 0, alternative="less").pvalue for sample in samples.values())
    assert below.pvalue == pytest.approx(2 * 3 * less)
    assert below.high == pytest.approx(
        min(stats.ttest_1samp(sample, 0).confidence_interval(1 - 0.05 / 3).high for sample in samples.values())
    )


@pytest.mark.parametrize("others", [(0, 0), (0, 2), (5, 5)])
def test_level_and_coverage_where_the_smallest_is_0(others):
    """All equally diverse, two of three, and one alone."""
    rng = stream("level", *others)
    samples = rng.normal(size=(1500, 1, 8)) + rng.normal(size=(1500, 3, 8)) + np.array([0, *others])[:, None]
    found = [smallest_mean(dict(zip("abc", study, strict=True)))[1] for study in samples]
    assert np.mean([estimate.pvalue <= 0.05 for estimate in found]) <= 0.065
    assert np.mean([estimate.low <= 0 <= estimate.high for estimate in found]) >= 0.935
