"""The quality table tells good images from copies and from noise."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from weightscape.diversity.vendi import pixel_features, vendi_score
from weightscape.generator.quality import kernel_distance, nearest_distances, quality_table


def means_of_blocks(images):
    """Return a stand-in for an encoder's features: the means of blocks of 4 × 4 pixels."""
    return images[..., 0].reshape(len(images), 4, 4, 4, 4).mean((2, 4)).reshape(len(images), -1) / 255


def few_patterns(labelled):
    """Return images that are recognised but all alike: the first of each class again and again."""
    images, labels = labelled
    first = [int(np.flatnonzero(labels == label)[0]) for label in range(10)]
    return images[first][labels], labels


@pytest.fixture(scope="module")
def table(digits):
    images, labels = digits
    train, generator, test, fresh = ((images[i::4], labels[i::4]) for i in range(4))
    noise = np.random.default_rng(0).integers(0, 256, images[:300].shape, np.uint8)
    synthetic = {"fresh": fresh, "copies": generator, "noise": (noise, labels[:300]), "alike": few_patterns(fresh)}
    return quality_table(synthetic, train, generator, test, means_of_blocks).set_index("pool")


def test_distances_are_those_of_a_brute_force_search():
    rng = np.random.default_rng(1)
    points, references = rng.random((600, 20)), rng.random((50, 20))
    expected = cdist(points, references).min(axis=1) / np.sqrt(20)
    np.testing.assert_allclose(nearest_distances(points, references), expected, rtol=1e-12)
    assert nearest_distances(references, references).max() == 0


def test_rows_have_the_order_of_the_pools_and_hold_the_counts(table, digits):
    assert table.index.tolist() == ["fresh", "copies", "noise", "alike"]
    assert table["n"].tolist() == [len(digits[0][part::4]) for part in (3, 1)] + [300, len(digits[0][3::4])]


def test_copies_of_training_images_are_memorised(table):
    assert table.loc["copies", "memorised_fraction"] == 1
    assert table.loc["copies", "nearest_real_distance"] == 0


def test_new_real_images_look_like_the_reference(table):
    fresh = table.loc["fresh"]
    assert fresh["memorised_fraction"] < 0.04
    assert fresh["nearest_real_distance"] == pytest.approx(fresh["real_real_distance"], rel=0.1)
    assert fresh["classifier_accuracy"] == pytest.approx(fresh["classifier_accuracy_real"], abs=0.04)
    assert fresh["classifier_accuracy"] > 0.93


def test_noise_is_neither_recognised_nor_near_real_images(table):
    assert table.loc["noise", "classifier_accuracy"] < 0.3
    assert table.loc["noise", "nearest_real_distance"] > 2 * table.loc["noise", "real_real_distance"]


def test_vendi_ratios_compare_as_many_real_images(table, digits):
    train, noise = digits[0][0::4], np.random.default_rng(0).integers(0, 256, (300, 16, 16, 3), np.uint8)
    expected = vendi_score(pixel_features(noise)) / vendi_score(pixel_features(train[:300]))
    assert table.loc["noise", "vendi_ratio_pixel"] == pytest.approx(expected)
    assert table.loc["fresh", "vendi_ratio_pixel"] == pytest.approx(1, abs=0.1)
    assert table.loc["fresh", "vendi_ratio_embedding"] == pytest.approx(1, abs=0.1)
    assert table.loc["alike", "classifier_accuracy"] > 0.8
    assert table.loc["alike", "vendi_ratio_pixel"] < 0.8
    assert table.loc["alike", "vendi_ratio_embedding"] < table.loc["fresh", "vendi_ratio_embedding"]


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


def test_new_real_images_are_nearest_in_the_embedding(table):
    distances = table["embedding_distance"]
    real = table["embedding_distance_real"].iloc[0]
    assert abs(real) < 0.2 * distances["alike"]
    assert abs(distances["fresh"]) < 0.2 * distances["alike"] < distances["noise"]


def test_grey_images_give_the_same_distances_with_one_channel_and_with_three(digits):
    images, labels = digits
    sets = [(images[i : i + 100], labels[i : i + 100]) for i in (0, 100, 200)]
    grey = quality_table({"grey": (images[300:340], labels[300:340])}, *sets, means_of_blocks)
    tinted = images[300:340].copy()
    tinted[0, 0, 0, 0] ^= 1
    coloured = quality_table({"tinted": (tinted, labels[300:340])}, *sets, means_of_blocks)
    for column in ("nearest_real_distance", "real_real_distance"):
        assert grey[column][0] == pytest.approx(coloured[column][0], rel=1e-6)
