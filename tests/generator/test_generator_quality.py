"""The quality table tells good images from copies and from noise."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from weightscape.diversity.vendi import pixel_features, vendi_score
from weightscape.generator.quality import nearest_distances, quality_table


@pytest.fixture(scope="module")
def table(digits):
    images, labels = digits
    train, generator, test, fresh = ((images[i::4], labels[i::4]) for i in range(4))
    noise = np.random.default_rng(0).integers(0, 256, images[:300].shape, np.uint8)
    synthetic = {3.0: fresh, 1.0: generator, 2.0: (noise, labels[:300])}
    return quality_table(synthetic, train, generator, test).set_index("guidance_scale")


def test_distances_are_those_of_a_brute_force_search():
    rng = np.random.default_rng(1)
    points, references = rng.random((600, 20)), rng.random((50, 20))
    expected = cdist(points, references).min(axis=1) / np.sqrt(20)
    np.testing.assert_allclose(nearest_distances(points, references), expected, rtol=1e-12)
    assert nearest_distances(references, references).max() == 0


def test_rows_are_sorted_by_guidance_scale_and_hold_the_counts(table, digits):
    assert table.index.tolist() == [1.0, 2.0, 3.0]
    assert table["n"].tolist() == [len(digits[0][1::4]), 300, len(digits[0][3::4])]


def test_copies_of_training_images_are_memorised(table):
    assert table.loc[1.0, "memorised_fraction"] == 1
    assert table.loc[1.0, "nearest_real_distance"] == 0


def test_new_real_images_look_like_the_reference(table):
    fresh = table.loc[3.0]
    assert fresh["memorised_fraction"] < 0.04
    assert fresh["nearest_real_distance"] == pytest.approx(fresh["real_real_distance"], rel=0.1)
    assert fresh["classifier_accuracy"] == pytest.approx(fresh["classifier_accuracy_real"], abs=0.04)
    assert fresh["classifier_accuracy"] > 0.93


def test_noise_is_neither_recognised_nor_near_real_images(table):
    assert table.loc[2.0, "classifier_accuracy"] < 0.3
    assert table.loc[2.0, "nearest_real_distance"] > 2 * table.loc[2.0, "real_real_distance"]


def test_the_vendi_score_is_that_of_the_diversity_table(table, digits):
    assert table.loc[1.0, "vendi_1_pixel"] == vendi_score(pixel_features(digits[0][1::4]))


def test_grey_images_give_the_same_distances_with_one_channel_and_with_three(digits):
    images, labels = digits
    sets = [(images[i : i + 100], labels[i : i + 100]) for i in (0, 100, 200)]
    grey = quality_table({1.0: (images[300:340], labels[300:340])}, *sets)
    tinted = images[300:340].copy()
    tinted[0, 0, 0, 0] ^= 1
    coloured = quality_table({1.0: (tinted, labels[300:340])}, *sets)
    for column in ("nearest_real_distance", "real_real_distance"):
        assert grey[column][0] == pytest.approx(coloured[column][0], rel=1e-6)
