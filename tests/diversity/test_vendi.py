import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics.pairwise import cosine_similarity
from vendi_score import vendi

from weightscape.diversity.vendi import comparable_pixels, pixel_features, similarity_eigenvalues, vendi_score


@pytest.mark.filterwarnings("ignore:Please import `csr_matrix`:DeprecationWarning")
@pytest.mark.parametrize(("n", "d"), [(30, 5), (5, 30), (20, 20), (1, 4)])
@pytest.mark.parametrize("q", [1, 2, 0.5, np.inf])
def test_scores_agree_with_the_vendi_score_package(n, d, q):
    features = np.random.default_rng(n).standard_normal((n, d))
    oracle = vendi.score_K(cosine_similarity(features), q="inf" if np.isinf(q) else q)
    if q == 0.5:  # the package counts rounding errors of zero eigenvalues, whose roots add up
        assert vendi_score(features, q) == pytest.approx(oracle, rel=1e-5)
    else:
        assert vendi_score(features, q) == pytest.approx(oracle, rel=1e-10)
    if q == 1:
        assert vendi_score(features) == pytest.approx(vendi.score_dual(features), rel=1e-10)


@pytest.mark.parametrize("q", [0.5, 1, 2, 7, np.inf])
@pytest.mark.parametrize("n", [1, 2, 9])
def test_known_answers(q, n):
    assert vendi_score(np.ones((n, 6)), q) == pytest.approx(1)
    assert vendi_score(np.eye(n, 10), q) == pytest.approx(n)
    assert vendi_score(np.repeat(np.eye(3), n, axis=0), q) == pytest.approx(3)


def test_order_two_is_the_inverse_mean_squared_similarity():
    features = np.random.default_rng(0).standard_normal((40, 6))
    assert vendi_score(features, 2) == pytest.approx(1 / (cosine_similarity(features) ** 2).mean())


def test_two_images_at_a_known_angle():
    angle = 0.7
    pair = np.array([[1, 0], [np.cos(angle), np.sin(angle)]])
    p = (1 + np.cos(angle)) / 2
    assert vendi_score(pair) == pytest.approx(np.exp(-p * np.log(p) - (1 - p) * np.log(1 - p)))
    assert vendi_score(pair, 2) == pytest.approx(1 / (p**2 + (1 - p) ** 2))


@given(st.integers(1, 25), st.integers(1, 25), st.integers(0, 1000), st.sampled_from([0.5, 1, 2, 3]))
@settings(deadline=None, max_examples=80)
def test_bounds_and_invariances(n, d, seed, q):
    rng = np.random.default_rng(seed)
    features = rng.standard_normal((n, d))
    score = vendi_score(features, q)
    assert 1 - 1e-9 <= score <= min(n, d) + 1e-5
    assert vendi_score(features[rng.permutation(n)], q) == pytest.approx(score, rel=1e-4)
    assert vendi_score(features * rng.uniform(0.1, 9, (n, 1)), q) == pytest.approx(score, rel=1e-4)
    assert vendi_score(np.vstack([features, features]), q) == pytest.approx(score, rel=1e-4)
    rotation = np.linalg.qr(rng.standard_normal((d, d)))[0]
    assert vendi_score(features @ rotation, q) == pytest.approx(score, rel=1e-4)


def test_a_higher_order_gives_a_lower_score():
    features = np.random.default_rng(5).standard_normal((30, 8)) + 1
    scores = [vendi_score(features, q) for q in (0.5, 1, 2, 4, np.inf)]
    assert scores == sorted(scores, reverse=True)


def test_eigenvalues_are_those_of_the_full_similarity_matrix():
    for shape in ((12, 5), (5, 12)):
        features = np.random.default_rng(1).standard_normal(shape)
        full = np.linalg.eigvalsh(cosine_similarity(features) / len(features))[-5:]
        np.testing.assert_allclose(similarity_eigenvalues(features), full, atol=1e-14)


def test_black_images_are_equal_to_each_other_and_unlike_all_others():
    assert vendi_score(np.zeros((3, 4))) == pytest.approx(1)
    assert vendi_score(np.array([[0, 0], [1, 0], [0, 1]])) == pytest.approx(3)
    assert vendi_score(np.array([[0, 0], [0, 0], [1, 0], [2, 0]])) == pytest.approx(2)


def test_tiny_and_huge_features_do_not_overflow():
    features = np.random.default_rng(2).standard_normal((6, 4))
    assert vendi_score(features * 1e-200) == pytest.approx(vendi_score(features))
    assert vendi_score(features * 1e200) == pytest.approx(vendi_score(features))


def test_wrong_input_is_refused():
    with pytest.raises(ValueError, match="n ≥ 1"):
        vendi_score(np.zeros((0, 4)))
    with pytest.raises(ValueError, match="must be finite"):
        vendi_score(np.array([[1.0, np.nan]]))
    with pytest.raises(ValueError, match="must be positive"):
        vendi_score(np.eye(2), 0)


def test_grey_images_score_as_with_one_channel():
    grey = np.random.default_rng(3).integers(0, 256, (10, 4, 4, 1), dtype=np.uint8)
    colour = np.repeat(grey, 3, axis=3)
    assert pixel_features(colour).shape == (10, 16)
    assert vendi_score(pixel_features(colour)) == pytest.approx(vendi_score(colour.reshape(10, -1)))
    colour[0, 0, 0, 0] += 1
    assert pixel_features(colour).shape == (10, 48)


def test_sets_are_compared_in_one_channel_only_if_all_are_grey():
    rng = np.random.default_rng(4)
    grey = np.repeat(rng.integers(0, 256, (5, 4, 4, 1), dtype=np.uint8), 3, axis=3)
    colour = rng.integers(0, 256, (7, 4, 4, 3), dtype=np.uint8)
    assert [rows.shape for rows in comparable_pixels(grey, grey[:2])] == [(5, 16), (2, 16)]
    assert [rows.shape for rows in comparable_pixels(grey, colour)] == [(5, 48), (7, 48)]
