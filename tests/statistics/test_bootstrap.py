"""Bootstrap intervals against SciPy's, and the hierarchical one on data whose sources of variation are known."""

import numpy as np
import pytest
from scipy import stats

from weightscape.statistics.accuracies import count_logit
from weightscape.statistics.bootstrap import bca_intervals, hierarchical_bootstrap
from weightscape.streams import stream


def test_bca_equals_scipys_up_to_resampling():
    values = stream("bca test").gamma(1.0, size=(12, 3))
    low, high = bca_intervals(values, resamples=40_000)
    for column, ours in enumerate(zip(low, high, strict=True)):
        theirs = stats.bootstrap(
            (values[:, column],), np.mean, method="BCa", n_resamples=40_000, rng=np.random.default_rng(0)
        ).confidence_interval
        width = theirs.high - theirs.low
        assert ours == pytest.approx((theirs.low, theirs.high), abs=0.03 * width)


def test_bca_is_not_symmetric_for_skewed_data_and_moves_with_units():
    values = stream("bca skew").gamma(0.5, size=(15, 1))
    low, high = (end[0] for end in bca_intervals(values))
    assert high - values.mean() > 1.1 * (values.mean() - low)
    scaled = bca_intervals(3 * values - 2)
    np.testing.assert_allclose([end[0] for end in scaled], [3 * low - 2, 3 * high - 2])


def test_bca_of_a_constant_is_the_constant():
    low, high = bca_intervals(np.full((6, 1), 2.5))
    assert (low[0], high[0]) == pytest.approx((2.5, 2.5))


def correct(probability, shape, name):
    return stream("hierarchical", name).random(shape) < probability


def test_value_is_the_difference_of_mean_logit_accuracies():
    a, b = correct(0.8, (1, 4, 2, 60), "a"), correct(0.6, (1, 4, 1, 60), "b")
    result = hierarchical_bootstrap(a, b, resamples=200)
    logits = [count_logit(x.mean(axis=-1), np.full(x.shape[:-1], 60)).mean(axis=-1) for x in (a, b)]
    assert result.value == pytest.approx((logits[0] - logits[1]).mean())


def test_image_variation_is_covered_although_all_seeds_agree():
    """Every seed errs on the same images: nothing varies between seeds, all of the error is the sample of images."""
    a = np.broadcast_to(correct(0.8, 300, "shared a"), (1, 5, 1, 300))
    b = np.broadcast_to(correct(0.5, 300, "shared b"), (1, 5, 1, 300))
    result = hierarchical_bootstrap(a, b)
    expected = np.sqrt(sum(1 / (300 * p * (1 - p)) for p in (a.mean(), b.mean())))
    assert result.standard_error == pytest.approx(expected, rel=0.15)
    assert result.low > 0
    assert result.pvalue < 0.01


def test_seed_variation_is_covered_although_images_are_many():
    rng = stream("seed variation")
    shift = rng.normal(0, 1.0, size=6)
    probability = 1 / (1 + np.exp(-shift))[:, None, None]
    a, b = rng.random((1, 6, 1, 4000)) < probability, rng.random((1, 6, 1, 4000)) < 0.5
    result = hierarchical_bootstrap(a, b, resamples=1000)
    assert result.standard_error == pytest.approx(shift.std() / np.sqrt(6), rel=0.15)


def test_generator_variation_is_covered():
    """Two generators far apart: the interval reaches from one to the other."""
    a = np.stack([correct(p, (4, 1, 500), f"generator {p}") for p in (0.6, 0.9)])
    b = np.stack([correct(0.5, (4, 1, 500), f"none {p}") for p in (0.6, 0.9)])
    result = hierarchical_bootstrap(a, b, resamples=1000)
    assert result.low < 0.7
    assert result.high > 1.8


def test_null_p_is_not_small_and_one_seed_says_nothing():
    a = correct(0.7, (1, 5, 1, 200), "null")
    assert hierarchical_bootstrap(a, a[:, ::-1], resamples=500).pvalue > 0.5
    assert np.isnan(hierarchical_bootstrap(a[:, :1], a[:, :1]).low)


def test_runs_that_do_not_pair_are_refused():
    with pytest.raises(ValueError, match="alike but for conditions"):
        hierarchical_bootstrap(np.ones((1, 4, 1, 10)), np.ones((1, 3, 1, 10)))
