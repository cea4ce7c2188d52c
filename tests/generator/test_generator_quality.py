"""The quality table tells good images from copies and from noise."""

import numpy as np
import pytest

from weightscape.diversity.vendi import pixel_features, vendi_score
from weightscape.generator.quality import Real, quality_tables
from weightscape.statistics.recognised_share import REAL


def means_of_blocks(images):
    """Return a stand-in for an encoder's features: the means of blocks of 4 × 4 pixels."""
    return images[..., 0].reshape(len(images), 4, 4, 4, 4).mean((2, 4)).reshape(len(images), -1) / 255


def few_patterns(labelled):
    """Return images that are recognised but all alike: the first of each class again and again."""
    images, labels = labelled
    first = [int(np.flatnonzero(labels == label)[0]) for label in range(10)]
    return images[first][labels], labels


DIGITS = [str(digit) for digit in range(10)]


@pytest.fixture(scope="module")
def tables(digits):
    images, labels = digits
    unseen, seen, test, fresh = ((images[i::4], labels[i::4]) for i in range(4))
    noise = np.random.default_rng(0).integers(0, 256, images[:300].shape, np.uint8)
    synthetic = {"fresh": fresh, "copies": seen, "noise": (noise, labels[:300]), "alike": few_patterns(fresh)}
    quality, classes = quality_tables(synthetic, Real(unseen, seen, test), means_of_blocks, DIGITS, 0.5)
    return quality.set_index("pool"), classes


@pytest.fixture(scope="module")
def table(tables):
    return tables[0]


def test_rows_have_the_order_of_the_pools_and_hold_the_counts(table, digits):
    assert table.index.tolist() == [REAL, "fresh", "copies", "noise", "alike"]
    assert table["n"].tolist() == [len(digits[0][part::4]) for part in (2, 3, 1)] + [300, len(digits[0][3::4])]


def test_the_gate_lets_real_images_pass_and_no_noise(table):
    assert table["outcome"].tolist() == ["recognised", "recognised", "recognised", "not recognised", "recognised"]
    assert table.loc["fresh", "recognised_share"] == pytest.approx(1, abs=0.04)
    assert (table["recognised_share_low"] < table["recognised_share"]).all()


def test_each_class_has_its_own_row(tables, digits):
    quality, classes = tables
    assert classes["pool"].tolist() == [pool for pool in quality.index for _ in DIGITS]
    fresh = classes[classes["pool"] == "fresh"]
    assert fresh["n"].tolist() == np.bincount(digits[1][3::4]).tolist()
    assert fresh["classifier_accuracy"].mean() == pytest.approx(quality.loc["fresh", "classifier_accuracy"])


def test_copies_of_training_images_are_memorised(table):
    assert table.loc["copies", "memorised_fraction"] == 1
    assert table.loc["copies", "nearest_real_distance"] == 0


def test_new_real_images_look_like_the_reference(table):
    fresh = table.loc["fresh"]
    assert fresh["memorised_fraction"] < 0.04
    assert fresh["nearest_real_distance"] == pytest.approx(table.loc[REAL, "nearest_real_distance"], rel=0.1)
    assert fresh["classifier_accuracy"] == pytest.approx(table.loc[REAL, "classifier_accuracy"], abs=0.04)
    assert fresh["classifier_accuracy"] > 0.93


def test_noise_is_neither_recognised_nor_near_real_images(table):
    assert table.loc["noise", "classifier_accuracy"] < 0.3
    assert table.loc["noise", "nearest_real_distance"] > 2 * table.loc[REAL, "nearest_real_distance"]


def test_vendi_ratios_compare_as_many_real_images(table, digits):
    train, noise = digits[0][0::4], np.random.default_rng(0).integers(0, 256, (300, 16, 16, 3), np.uint8)
    expected = vendi_score(pixel_features(noise)) / vendi_score(pixel_features(train[:300]))
    assert table.loc["noise", "vendi_ratio_pixel"] == pytest.approx(expected)
    assert table.loc["fresh", "vendi_ratio_pixel"] == pytest.approx(1, abs=0.1)
    assert table.loc["fresh", "vendi_ratio_embedding"] == pytest.approx(1, abs=0.1)
    assert table.loc["alike", "classifier_accuracy"] > 0.8
    assert table.loc["alike", "vendi_ratio_pixel"] < 0.8
    assert table.loc["alike", "vendi_ratio_embedding"] < table.loc["fresh", "vendi_ratio_embedding"]


def test_new_real_images_are_nearest_in_the_embedding(table):
    kernel, frechet = table["kernel_distance"], table["frechet_distance"]
    assert abs(kernel[REAL]) < 0.2 * kernel["alike"]
    assert abs(kernel["fresh"]) < 0.2 * kernel["alike"] < 0.2 * kernel["noise"]
    assert frechet["fresh"] < 0.5 * frechet["alike"] < frechet["noise"]


def test_noise_lies_nowhere_near_real_images_and_copies_of_few_cover_few(table):
    assert table.loc["fresh", ["precision", "recall", "coverage"]].min() > 0.8
    assert table.loc["noise", ["precision", "density", "coverage"]].max() < 0.05
    assert table.loc["alike", "precision"] > 0.8
    assert table.loc["alike", "coverage"] < 0.3


def test_grey_images_give_the_same_distances_with_one_channel_and_with_three(digits):
    images, labels = digits
    sets = [(images[i : i + 100].copy(), labels[i : i + 100]) for i in (0, 100, 200)]
    pool = {"pool": (images[300:340], labels[300:340])}
    grey, _ = quality_tables(pool, Real(*sets), means_of_blocks, DIGITS, 0.5)
    sets[2][0][0, 0, 0, 0] ^= 1
    coloured, _ = quality_tables(pool, Real(*sets), means_of_blocks, DIGITS, 0.5)
    np.testing.assert_allclose(grey["nearest_real_distance"], coloured["nearest_real_distance"], rtol=1e-5)
