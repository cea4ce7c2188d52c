"""Inner products without the direction of an effect, against projections of vectors."""

import numpy as np

from weightscape.statistics.cross_validated import orthogonal_gram
from weightscape.streams import stream


def test_the_gram_of_known_vectors_is_that_of_their_projections():
    vectors = stream("projections").normal(size=(4, 9))
    direction = vectors[-1] / np.linalg.norm(vectors[-1])
    rest = vectors[:-1] - np.outer(vectors[:-1] @ direction, direction)
    np.testing.assert_allclose(orthogonal_gram(vectors @ vectors.T), rest @ rest.T, atol=1e-12)


def test_a_direction_without_length_leaves_nothing():
    gram = np.diag([1.0, 2.0, -0.1])
    assert np.isnan(orthogonal_gram(gram)).all()


def test_leading_effects_keep_their_trailing_axes():
    grams = np.stack([np.eye(3), np.diag([2.0, 3.0, 1.0])], axis=-1)
    np.testing.assert_allclose(orthogonal_gram(grams)[..., 1], np.diag([2.0, 3.0]))
