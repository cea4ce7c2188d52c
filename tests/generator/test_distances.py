"""Distances between sets of images against independent computations."""

import numpy as np
import pytest
from scipy.linalg import sqrtm
from scipy.spatial.distance import cdist

from weightscape.generator.distances import frechet_distance, kernel_distance, nearest_distances


def test_distances_are_those_of_a_brute_force_search():
    rng = np.random.default_rng(1)
    points, references = rng.random((600, 20)), rng.random((50, 20))
    expected = cdist(points, references).min(axis=1) / np.sqrt(20)
    np.testing.assert_allclose(nearest_distances(points, references), expected, rtol=1e-12)
    assert nearest_distances(references, references).max() == 0


def test_the_kernel_distance_is_the_mean_over_pairs():
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(300, 3)).astype(np.float32), rng.normal(1, 1, (20, 3))

    def mean(a, b, same):
        pairs = [(i, j) for i in range(len(a)) for j in range(len(b)) if not (same and i == j)]
        return np.mean([(np.dot(a[i], b[j]) / 3 + 1) ** 3 for i, j in pairs])

    expected = mean(x, x, True) + mean(y, y, True) - 2 * mean(x, y, False)
    assert kernel_distance(x, y) == pytest.approx(expected, rel=1e-6)


def test_the_kernel_distance_of_equal_distributions_is_zero_on_average():
    rng = np.random.default_rng(3)
    distances = [kernel_distance(rng.normal(size=(50, 5)), rng.normal(size=(80, 5))) for _ in range(200)]
    assert abs(np.mean(distances)) < 3 * np.std(distances) / np.sqrt(200)
    assert min(distances) < 0


def by_definition(x, y):
    first, second = np.cov(x.T), np.cov(y.T)
    root = sqrtm(first @ second)
    return ((x.mean(0) - y.mean(0)) ** 2).sum() + np.trace(first + second - 2 * root.real)


def test_the_frechet_distance_is_that_of_the_definition():
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(60, 7)), rng.normal(1, 2, size=(45, 7)) @ rng.normal(size=(7, 7))
    assert frechet_distance(x, y) == pytest.approx(by_definition(x, y), rel=1e-8)
    assert frechet_distance(x.astype(np.float32), y) == pytest.approx(by_definition(x, y), rel=1e-4)
    assert frechet_distance(x, x) == pytest.approx(0, abs=1e-10)
    assert frechet_distance(x, x + 3) == pytest.approx(7 * 9)


def test_the_frechet_distance_of_fewer_images_than_features_is_that_of_the_space_they_span():
    rng = np.random.default_rng(5)
    x, y = np.zeros((20, 40)), np.zeros((30, 40))
    x[:, :6], y[:, :6] = rng.normal(size=(20, 6)), rng.normal(1, 1, size=(30, 6))
    turned = np.linalg.qr(rng.normal(size=(40, 40)))[0]
    assert frechet_distance(x @ turned, y @ turned) == pytest.approx(by_definition(x[:, :6], y[:, :6]), rel=1e-8)
