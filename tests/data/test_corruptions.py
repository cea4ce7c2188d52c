import colorsys
import io
import itertools

import numpy as np
import pictures_for_tests
import pytest
from PIL import Image
from scipy import stats
from sklearn.linear_model import RidgeClassifier

from weightscape.data.corruption import CORRUPTIONS, SEVERITIES, corrupt, draw_for_corruption
from weightscape.files import array_sha256

KINDS = CORRUPTIONS.names()


STANDARD = {
    "gaussian_noise", "shot_noise", "impulse_noise", "defocus_blur", "glass_blur", "motion_blur", "zoom_blur", "snow",
    "frost", "fog", "brightness", "contrast", "elastic_transform", "pixelate", "jpeg_compression",
}  # fmt: skip
"""The 15 of Hendrycks & Dietterich."""
FIXED = {"brightness", "blur", "contrast", "defocus_blur", "zoom_blur", "pixelate", "jpeg_compression"}
"""Those without random numbers."""
BYTES = {
    "gaussian_noise": "63a4fcfff5603391", "blur": "8a314f5405178267", "contrast": "fc327eb3ae7f1797",
    "rotation": "245437168e2e9159", "occlusion": "dfe2dcca383b47b3",
}  # fmt: skip


@pytest.fixture(scope="module")
def photographs() -> np.ndarray:
    """Return parts of real colour photographs, 32 pixels wide."""
    return pictures_for_tests.photographs(24)


def distance(images: np.ndarray, clean: np.ndarray) -> np.ndarray:
    """Return the root mean squared difference of each image from its clean one."""
    difference = images.astype(float) - clean
    return np.sqrt((difference**2).mean(axis=(1, 2, 3)))


def test_the_standard_kinds_and_three_of_our_own_are_there():
    assert set(KINDS) == STANDARD | {"blur", "rotation", "occlusion"}


@pytest.mark.parametrize("size", [16, 30, 64])
def test_every_kind_works_at_any_size(size):
    images = pictures_for_tests.photographs(6, size)
    for kind in KINDS:
        assert (corrupt(images, kind, 5, "study") != images).any(axis=(1, 2, 3)).all(), kind


@pytest.mark.parametrize("kind", ["defocus_blur", "motion_blur", "zoom_blur", "glass_blur", "elastic_transform"])
def test_lengths_are_shares_of_the_side(kind):
    """The same scene with twice the pixels changes as much, seen from so far that both have the same pixels."""

    def change(size: int) -> float:
        images = pictures_for_tests.photographs(16, size)
        change = corrupt(images, kind, 5, "study").astype(float) - images
        return float(np.sqrt((change.reshape(16, 24, size // 24, 24, size // 24, 3).mean(axis=(2, 4)) ** 2).mean()))

    assert change(96) == pytest.approx(change(48), rel=0.3)


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
    if kind not in FIXED:
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


def test_shot_noise_is_poisson():
    grey = np.full((8, 32, 32, 3), 102, np.uint8)
    counts = np.rint(corrupt(grey, "shot_noise", 3, "study") / 255 * 12).astype(int)
    expected = np.append(stats.poisson.pmf(np.arange(12), 0.4 * 12), stats.poisson.sf(11, 0.4 * 12))
    found = np.bincount(counts.ravel(), minlength=13) / counts.size  # 12 and more are white
    np.testing.assert_allclose(found, expected, atol=0.01)
    assert (corrupt(np.zeros((1, 8, 8, 3), np.uint8), "shot_noise", 5, "study") == 0).all()


def test_impulse_noise_makes_the_stated_share_black_or_white():
    grey = np.full((8, 32, 32, 3), 100, np.uint8)
    noisy = corrupt(grey, "impulse_noise", 4, "study")
    assert (noisy != 100).mean() == pytest.approx(0.17, abs=0.01)
    assert (noisy == 255).mean() == pytest.approx(0.085, abs=0.01)
    assert set(np.unique(noisy)) == {0, 100, 255}


def test_a_point_out_of_focus_is_a_disk():
    point = np.zeros((1, 224, 224, 3), np.uint8)
    point[:, 110:115, 110:115] = 255
    disk = corrupt(point, "defocus_blur", 5, "study")[0, ..., 0]
    y, x = np.nonzero(disk)
    distance = np.hypot(y - 112, x - 112)
    assert 10 < distance.max() < 14
    inner = disk[np.hypot(*np.indices(disk.shape) - 112) < 6]
    assert inner.min() > 0.9 * 255 * 25 / (np.pi * 100)
    assert inner.max() < 1.1 * 255 * 25 / (np.pi * 100)


def test_a_moving_point_is_a_line_of_the_stated_slopes():
    points = np.zeros((30, 224, 224, 3), np.uint8)
    points[:, 111:114, 111:114] = 255
    for image in corrupt(points, "motion_blur", 5, "study")[..., 0].astype(float):
        y, x = np.indices(image.shape) - 112
        covariance = np.cov(np.stack([y.ravel(), x.ravel()]), aweights=image.ravel())
        values, vectors = np.linalg.eigh(covariance)
        assert values[1] > 20 * values[0]
        assert abs(vectors[0, 1]) < np.sin(np.pi / 4) + 0.03  # within 45° of level


@pytest.mark.parametrize("kind", ["defocus_blur", "motion_blur", "zoom_blur", "glass_blur", "elastic_transform"])
def test_blurs_and_shifts_keep_a_plain_image(kind):
    plain = np.full((2, 32, 32, 3), (10, 100, 200), np.uint8)
    assert (corrupt(plain, kind, 5, "study") == plain).all()


def test_zoom_blur_keeps_the_centre_and_shifts_the_edge():
    image = np.zeros((1, 65, 65, 3), np.uint8)
    image[:, 30:35, 30:35] = image[:, 30:35, 55:60] = 255
    blurred = corrupt(image, "zoom_blur", 5, "study")[0, ..., 0].astype(float)
    assert blurred[32, 32] == 255
    centre, edge = (
        np.average(np.arange(65), weights=blurred[32] * part) for part in (np.arange(65) < 45, np.arange(65) >= 45)
    )
    assert centre == pytest.approx(32, abs=0.1)
    assert edge > 58


def test_brightness_adds_to_the_value_and_keeps_the_hue(photographs):
    expected = np.empty(photographs.shape)
    for place in np.ndindex(photographs.shape[:3]):
        hue, saturation, value = colorsys.rgb_to_hsv(*(photographs[place] / 255))
        expected[place] = colorsys.hsv_to_rgb(hue, saturation, min(value + 0.3, 1))
    np.testing.assert_allclose(corrupt(photographs, "brightness", 3, "study"), 255 * expected, atol=0.51)


def test_jpeg_and_pixelate_are_those_of_pillow(photographs):
    file = io.BytesIO()
    Image.fromarray(photographs[0]).save(file, "JPEG", quality=15)
    assert (corrupt(photographs[:1], "jpeg_compression", 3, "study")[0] == np.asarray(Image.open(file))).all()
    blocks = corrupt(photographs, "pixelate", 2, "study").reshape(-1, 16, 2, 16, 2, 3)
    assert (blocks == blocks[:, :, :1, :, :1]).all()
    means = photographs.reshape(-1, 16, 2, 16, 2, 3).mean(axis=(2, 4))
    np.testing.assert_allclose(blocks[:, :, 0, :, 0], means, atol=1)  # Pillow rounds once per axis


def test_elastic_shifts_are_the_stated_share_of_the_side():
    ramp = np.ascontiguousarray(np.broadcast_to(2 * np.arange(100, dtype=np.uint8)[:, None], (20, 100, 100, 3)))
    change = corrupt(ramp, "elastic_transform", 5, "study").astype(float) - ramp
    assert np.sqrt((change[:, 10:-10] ** 2).mean()) / 2 / 100 == pytest.approx(0.024, rel=0.1)


@pytest.mark.parametrize("kind", ["snow", "frost", "fog"])
def test_weather_is_brighter_than_the_night_and_has_a_texture(kind):
    black = np.zeros((6, 64, 64, 3), np.uint8)
    if kind == "fog":
        black[:, 0, 0] = 255  # fog is no brighter than the brightest pixel
    weather = corrupt(black, kind, 5, "study")[..., 0].astype(float)
    assert weather.mean() > 40
    assert (weather.std(axis=(1, 2)) > 15).all()
    assert np.corrcoef(weather.reshape(6, -1))[np.triu_indices(6, 1)].max() < 0.9


def test_the_first_five_kinds_have_kept_their_bytes(photographs):
    """Sums from before the others were added."""
    for kind, expected in BYTES.items():
        assert array_sha256(corrupt(photographs[:4], kind, 3, "study"))[:16] == expected, kind


@pytest.mark.slow
def test_a_classifier_loses_accuracy_with_severity(mnist):
    """A linear classifier of digits: for no kind does accuracy rise beyond chance, and noise and weather cost much."""
    images, labels = mnist.images, mnist.labels
    train = np.arange(len(labels)) % 5 > 0
    model = RidgeClassifier().fit(images[train, ..., 0].reshape(train.sum(), -1) / 255, labels[train])
    test, truth = images[~train][::2], labels[~train][::2]

    def accuracy(shown: np.ndarray) -> float:
        return float((model.predict(shown.mean(axis=3).reshape(len(shown), -1) / 255) == truth).mean())

    clean, last = accuracy(test), {}
    for kind in KINDS:
        found = [clean, *(accuracy(corrupt(test, kind, severity, "study")) for severity in SEVERITIES)]
        assert (np.diff(found) < 2 * np.sqrt(0.25 / len(test))).all(), (kind, found)
        last[kind] = found[-1]
    harmless = {"defocus_blur", "glass_blur", "jpeg_compression", "shot_noise"}  # for a linear map of large digits
    assert {kind for kind, found in last.items() if found > clean - 0.05} <= harmless


def test_corrupted_images_are_a_stratified_draw_that_grows(mnist):
    labels = mnist.labels[::5]
    drawn = draw_for_corruption(labels, 100, "digits")
    assert np.bincount(labels[drawn]).tolist() == [10] * 10
    assert len(set(drawn)) == 100
    np.testing.assert_array_equal(draw_for_corruption(labels, 30, "digits"), drawn[:30])
