"""Cross-validated inner products against loops over pairs of seeds, and without bias from the shared baseline."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from weightscape.statistics.cross_validated import (
    cross_validated_cosine,
    cross_validated_inner,
    leave_one_out_inner,
)
from weightscape.streams import stream

PAIRS = st.tuples(st.integers(3, 7), st.integers(1, 5)).flatmap(
    lambda shape: st.tuples(*[arrays(float, shape, elements=st.floats(-10, 10, width=32))] * 2)
)


def by_loop(A, B):
    pairs = [(s, t) for s in range(len(A)) for t in range(len(A)) if s != t]
    return np.mean([A[s] @ B[t] for s, t in pairs])


@settings(deadline=None)
@given(PAIRS)
def test_inner_product_is_the_mean_over_pairs_of_different_seeds(pair):
    A, B = pair
    assert cross_validated_inner(A, B) == pytest.approx(by_loop(A, B), rel=1e-9, abs=1e-9)


@settings(deadline=None)
@given(PAIRS)
def test_leave_one_out_equals_deleting_the_seed(pair):
    A, B = pair
    deleted = [by_loop(np.delete(A, s, 0), np.delete(B, s, 0)) for s in range(len(A))]
    np.testing.assert_allclose(leave_one_out_inner(A, B), deleted, rtol=1e-9, atol=1e-9)


@settings(deadline=None)
@given(PAIRS)
def test_inner_product_is_symmetric_and_bilinear(pair):
    A, B = pair
    assert cross_validated_inner(A, B) == pytest.approx(float(cross_validated_inner(B, A)), abs=1e-9)
    assert cross_validated_inner(2 * A, B + A) == pytest.approx(
        2 * float(cross_validated_inner(A, B) + cross_validated_inner(A, A)), rel=1e-9, abs=1e-6
    )


def test_leading_axes_are_kept():
    A = stream("batch").normal(size=(4, 5, 6, 3))
    assert cross_validated_inner(A, A).shape == (4, 5)
    assert leave_one_out_inner(A, A)[2, 3] == pytest.approx(leave_one_out_inner(A[2, 3], A[2, 3]))


def test_shared_baseline_noise_does_not_bias_it():
    """Nothing acts, but all differences share the baseline: the ordinary inner product is 5/6 · p/… > 0, ours 0."""
    rng = stream("shared baseline")
    noise = rng.normal(size=(3, 4000, 6, 10))
    A, B = noise[0] - noise[2], noise[1] - noise[2]
    ordinary = (A.mean(axis=1) * B.mean(axis=1)).sum(axis=-1)
    assert ordinary.mean() == pytest.approx(10 / 6, rel=0.05)
    ours = cross_validated_inner(A, B)
    assert abs(ours.mean()) < 4 * ours.std() / np.sqrt(ours.size)


def test_known_cosine_comes_back():
    rng = stream("known cosine")
    a, b = np.array([3.0, 0.0, 0.0, 0.0]), np.array([3.0, 3.0, 0.0, 0.0])
    A, B = (effect + 0.05 * rng.normal(size=(8, 4)) for effect in (a, b))
    estimate = cross_validated_cosine(A, B)
    assert estimate.low < np.sqrt(0.5) < estimate.high
    assert estimate.value == pytest.approx(np.sqrt(0.5), abs=0.02)


def test_cosine_of_an_effect_that_is_not_there_is_nan():
    A = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    assert cross_validated_inner(A, A) < 0
    assert np.isnan(cross_validated_cosine(A, A + 5).value)


@pytest.mark.parametrize("shape", [(1, 3), (3,)])
def test_too_few_seeds_or_axes_are_refused(shape):
    with pytest.raises(ValueError, match="seeds"):
        cross_validated_inner(np.ones(shape), np.ones(shape))


def test_different_shapes_are_refused():
    with pytest.raises(ValueError, match="same shape"):
        cross_validated_inner(np.ones((3, 2)), np.ones((3, 1)))
