"""Mean distance, DCScore, and how alike two sets are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import pdist
from scipy.special import softmax
from sklearn.metrics.pairwise import cosine_similarity

from weightscape.diversity import measures
from weightscape.diversity.measures import dcscore, mean_distance, paired_similarity, subspace_similarity
from weightscape.diversity.vendi import vendi_score


def features(seed: int, n: int = 30, d: int = 6) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, d)) + 0.5


@pytest.mark.parametrize(("n", "d"), [(2, 3), (30, 6), (6, 30)])
def test_mean_distance_is_that_over_all_pairs(n, d):
    rows = features(n, n, d)
    assert mean_distance(rows) == pytest.approx(pdist(rows, "cosine").mean())


def test_mean_distance_of_equal_images_is_zero_and_of_one_image_unknown():
    assert mean_distance(np.ones((4, 3))) == pytest.approx(0, abs=1e-12)
    assert mean_distance(np.eye(5)) == 1
    assert np.isnan(mean_distance(np.ones((1, 3))))


def test_dcscore_is_the_trace_of_the_softmax_of_all_cosines(monkeypatch):
    rows = features(1)
    expected = np.trace(softmax(cosine_similarity(rows), axis=1))
    assert dcscore(rows) == pytest.approx(expected)
    monkeypatch.setattr(measures, "CHUNK", 7)
    assert dcscore(rows) == pytest.approx(expected)


def test_dcscore_has_its_ends_at_equal_and_at_unlike_images():
    assert dcscore(np.ones((8, 3))) == pytest.approx(1)
    assert dcscore(np.eye(8)) == pytest.approx(8 * np.e / (np.e + 7))


def test_the_papers_rho_is_the_cosine_of_the_matrices_as_vectors():
    x, y = features(2), features(3)
    assert paired_similarity(x, y) == pytest.approx(float(cosine_similarity([x.ravel()], [y.ravel()])[0, 0]))
    assert paired_similarity(x, 3 * x) == pytest.approx(1)


def test_the_papers_rho_changes_with_the_order_of_rows_and_ours_does_not():
    x = features(4)
    shuffled = x[np.random.default_rng(0).permutation(len(x))]
    assert paired_similarity(x, x) == pytest.approx(1)
    assert paired_similarity(shuffled, x) < 0.7
    assert subspace_similarity(shuffled, x) == pytest.approx(1)


@pytest.mark.parametrize(("n", "m", "d"), [(30, 20, 5), (8, 40, 20), (5, 6, 30)])
def test_our_rho_is_the_mean_squared_cosine_of_all_pairs_over_that_within_the_sets(n, m, d):
    """The Gram matrices themselves, whichever side is the smaller one."""
    x, y = features(n, n, d), features(m + 1, m, d)
    within = [(cosine_similarity(rows) ** 2).mean() for rows in (x, y)]
    expected = (cosine_similarity(x, y) ** 2).mean() / np.sqrt(np.prod(within))
    assert subspace_similarity(x, y) == pytest.approx(expected)
    order_two = np.sqrt(vendi_score(x, 2) * vendi_score(y, 2))
    assert subspace_similarity(x, y) == pytest.approx((cosine_similarity(x, y) ** 2).mean() * order_two)


@given(st.integers(0, 1000), st.integers(1, 20), st.integers(1, 20), st.integers(1, 12))
@settings(deadline=None, max_examples=60)
def test_our_rho_is_symmetric_between_zero_and_one_and_ignores_repetition(seed, n, m, d):
    rng = np.random.default_rng(seed)
    x, y = rng.standard_normal((n, d)), rng.standard_normal((m, d))
    value = subspace_similarity(x, y)
    assert -1e-12 <= value <= 1 + 1e-9
    assert subspace_similarity(y, x) == pytest.approx(value)
    assert subspace_similarity(np.vstack([x, x]), y) == pytest.approx(value)


def test_sets_with_nothing_in_common_have_rho_zero_and_black_images_none():
    assert subspace_similarity(np.eye(6)[:3], np.eye(6)[3:]) == 0
    assert np.isnan(subspace_similarity(np.zeros((3, 4)), np.eye(4)))


def test_pairs_need_equal_shapes():
    with pytest.raises(ValueError, match=r"features of one shape, got \(30, 6\) and \(29, 6\)"):
        paired_similarity(features(0), features(0)[1:])
