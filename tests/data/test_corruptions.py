import itertools

import numpy as np
import pytest

from weightscape.data.corruption import CORRUPTIONS, SEVERITIES, corrupt, draw_for_corruption

KINDS = CORRUPTIONS.names()


@pytest.fixture(scope="module")
def photographs() -> np.ndarray:
    """Return smooth random colour images of 24 pixels."""
    coarse = np.random.default_rng(0).uniform(0, 255, (12, 6, 6, 3))
    return np.repeat(np.repeat(coarse, 4, axis=1), 4, axis=2).astype(np.uint8)


def distance(images: np.ndarray, clean: np.ndarray) -> np.ndarray:
    """Return the root mean squared difference of each image from its clean one."""
    difference = images.astype(float) - clean
    return np.sqrt((difference**2).mean(axis=(1, 2, 3)))


def test_the_five_kinds_are_there():
    assert {"gaussian_noise", "blur", "contrast", "rotation", "occlusion"} <= set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_severity_grows_with_the_distance_from_the_clean_image(kind, mnist, photographs):
    for clean in (mnist.images[::50], photographs):
        distances = [distance(corrupt(clean, kind, severity, "study"), clean).mean() for severity in SEVERITIES]
        assert distances[0] > 0
        assert (np.diff(distances) > 0).all(), distances


@pytest.mark.parametrize("kind", KINDS)
def test_type_shape_and_input_are_kept(kind, photographs):
    before = photographs.copy()
    corrupted = corrupt(photographs, kind, 5, "study")
    assert corrupted.dtype == np.uint8
    assert corrupted.shape == photographs.shape
    np.testing.assert_array_equal(photographs, before)


@pytest.mark.parametrize("kind", KINDS)
def test_each_image_has_its_own_random_numbers(kind, photographs):
    """More images leave the first ones as they were, and the same call gives the same bytes."""
    whole = corrupt(photographs, kind, 3, "study")
    np.testing.assert_array_equal(corrupt(photographs[:5], kind, 3, "study"), whole[:5])
    if kind in ("gaussian_noise", "occlusion"):
        twins = corrupt(photographs[[0, 0]], kind, 3, "study")
        assert (twins[0] != twins[1]).any()
        assert (corrupt(photographs, kind, 3, "other") != whole).any()


def test_severities_share_their_random_numbers():
    grey = np.full((1, 16, 16, 3), 128, np.uint8)
    weak, strong = (corrupt(grey, "gaussian_noise", severity, "study")[0] / 255 - 128 / 255 for severity in (1, 2))
    inside = (np.abs(weak) < 0.2) & (np.abs(strong) < 0.3)
    np.testing.assert_allclose(strong[inside] / 0.12, weak[inside] / 0.08, atol=0.06)
    black = np.zeros((8, 32, 32, 3), np.uint8)
    covered = [corrupt(black, "occlusion", severity, "study") > 0 for severity in SEVERITIES]
    for smaller, larger in itertools.pairwise(covered):
        assert (smaller & ~larger).sum() == 0


def test_noise_has_the_stated_spread():
    grey = np.full((4, 32, 32, 3), 128, np.uint8)
    noise = corrupt(grey, "gaussian_noise", 1, "study") / 255 - 128 / 255
    assert noise.std() == pytest.approx(0.08, rel=0.03)
    assert abs(noise.mean()) < 0.005


def test_contrast_shrinks_towards_the_mean_of_the_channel(photographs):
    corrupted = corrupt(photographs, "contrast", 1, "study")
    np.testing.assert_allclose(corrupted.std(axis=(1, 2)), 0.4 * photographs.std(axis=(1, 2)), atol=0.6)
    np.testing.assert_allclose(corrupted.mean(axis=(1, 2)), photographs.mean(axis=(1, 2)), atol=0.5)


def test_blur_keeps_brightness_and_removes_detail(photographs):
    corrupted = corrupt(photographs, "blur", 5, "study")
    np.testing.assert_allclose(corrupted.mean(axis=(1, 2, 3)), photographs.mean(axis=(1, 2, 3)), atol=0.5)
    assert (
        np.abs(np.diff(corrupted.astype(float), axis=1)).mean()
        < np.abs(np.diff(photographs.astype(float), axis=1)).mean()
    )


def test_rotation_turns_a_bar_by_the_stated_angle_to_either_side():
    bars = np.zeros((40, 33, 33, 3), np.uint8)
    bars[:, 4:29, 15:18] = 255
    angles = []
    for image in corrupt(bars, "rotation", 3, "study"):
        y, x = np.nonzero(image[..., 0] > 128)
        angles.append(np.degrees(np.arctan(np.polyfit(y - y.mean(), x - x.mean(), 1)[0])))
    np.testing.assert_allclose(np.abs(angles), 30, atol=3)
    assert 8 < np.sum(np.array(angles) > 0) < 32


def test_occlusion_covers_one_grey_square_inside_the_image(photographs):
    corrupted = corrupt(photographs, "occlusion", 5, "study")
    for image in corrupted:
        y, x = np.nonzero((image == 128).all(axis=2))
        assert len(y) >= 13 * 13
        assert (image[y.min() : y.min() + 13, x.min() : x.min() + 13] == 128).all()


def test_corrupted_images_are_a_stratified_draw_that_grows(mnist):
    labels = mnist.labels[::5]
    drawn = draw_for_corruption(labels, 100, "digits")
    assert np.bincount(labels[drawn]).tolist() == [10] * 10
    assert len(set(drawn)) == 100
    np.testing.assert_array_equal(draw_for_corruption(labels, 30, "digits"), drawn[:30])
