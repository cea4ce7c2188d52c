"""Augmentations and noise: named, bounded, reproducible."""

import itertools

import numpy as np
import pytest
import torch
from pictures_for_tests import digits, photographs

from weightscape.section import Range
from weightscape.training.intervention import FAMILIES, POLICIES, Augmentation, augment_batch

OPTIONS = {"autoaugment": {"learned_on": "imagenet"}}


def at(policy: str, dose: float, **options: object) -> Augmentation:
    return POLICIES[policy](family="augment", policy=policy, dose=dose, **(options or OPTIONS.get(policy, {})))


def doses(policy: str) -> Range:
    (allowed,) = (rule for rule in POLICIES[policy].model_fields["dose"].metadata if isinstance(rule, Range))
    return allowed


def noise(dose: float):
    return FAMILIES["noise"](family="noise", dose=dose)


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (16, 32, 32, 3), dtype=np.uint8)


@pytest.mark.parametrize("policy", POLICIES.names())
def test_policy_changes_images_reproducibly_at_both_ends_of_its_range(images, policy):
    allowed = doses(policy)
    lowest = allowed.low + 0.05 if allowed.low_open else allowed.low
    for strength in (lowest, allowed.high):
        treatment = [at(policy, strength)]
        first = augment_batch(images, treatment, "study", 0, "batch", 0)
        assert first.dtype == np.uint8
        assert first.shape == images.shape
        assert np.array_equal(first, augment_batch(images, treatment, "study", 0, "batch", 0))
    assert not np.array_equal(first, images)
    assert not np.array_equal(first, augment_batch(images, treatment, "study", 0, "batch", 1))


@pytest.mark.parametrize("policy", POLICIES.names())
def test_a_higher_strength_moves_images_further(policy):
    """On photographs at each of four doses; on digits too, until a shifted or turned digit overlaps with nothing more.

    There the distance stays as it is: no step falls by a tenth.
    """
    allowed = doses(policy)
    strengths = [share * allowed.high for share in (0.1, 0.4, 0.7, 1.0)]
    strengths = [max(1, round(strength)) for strength in strengths] if allowed.integer else strengths

    def distances(images: np.ndarray) -> np.ndarray:
        changed = [augment_batch(images, [at(policy, strength)], "study", 0, "batch", 0) for strength in strengths]
        return np.abs(np.array(changed, dtype=float) - images).mean(axis=(2, 3, 4))

    assert (np.diff(distances(photographs(200)).mean(axis=1)) > 0).all()
    on_digits = distances(digits(200)).mean(axis=1)
    assert (np.diff(on_digits) > -0.1 * on_digits.max()).all()
    assert on_digits[-1] > 2 * on_digits[0]


def test_autoaugment_differs_by_what_it_was_learned_on():
    images = photographs(40)
    names = ("imagenet", "cifar10", "svhn")
    changed = [augment_batch(images, [at("autoaugment", 1.0, learned_on=name)], "study", 0) for name in names]
    assert all((one != other).any() for one, other in itertools.combinations(changed, 2))
    half = augment_batch(images, [at("autoaugment", 0.3, learned_on="svhn")], "study", 0)
    assert 0.5 < (half == images).all(axis=(1, 2, 3)).mean() < 0.95


@pytest.mark.parametrize("policy", ["flip", "flip_vertical"])
def test_a_flip_mirrors_the_share_of_the_images_that_its_dose_says(policy):
    images = photographs(200)
    flipped = augment_batch(images, [at(policy, 0.25)], "study", 0)
    mirrored = images[:, :, ::-1] if policy == "flip" else images[:, ::-1]
    turned = (flipped == mirrored).all(axis=(1, 2, 3))
    assert (turned | (flipped == images).all(axis=(1, 2, 3))).all()
    assert 0.15 < turned.mean() < 0.35


def test_flip_and_crop_shifts_by_up_to_the_padding_and_mirrors_half_of_the_images():
    marked = np.zeros((300, 32, 32, 3), np.uint8)
    marked[:, 15, 11] = 255
    places = [np.argwhere(image[..., 0])[0] for image in augment_batch(marked, [at("flip_crop", 0.125)], "study", 0)]
    rows, columns = zip(*places, strict=True)
    assert set(rows) == set(range(11, 20))
    left, right = set(range(7, 16)), set(range(16, 25))
    assert set(columns) == left | right
    assert 0.4 < np.isin(columns, list(left)).mean() < 0.6


def test_colour_jitter_changes_colours_and_no_places():
    grey = np.zeros((50, 8, 8, 3), np.uint8)
    grey[:, :4] = (60, 120, 180)
    changed = augment_batch(grey, [at("color_jitter", 0.5)], "study", 0)
    assert (changed[:, :4] == changed[:, :1, :1]).all()
    assert (changed[:, 4:] == changed[:, 7:, 7:]).all()
    assert (changed[:, 0, 0] != (60, 120, 180)).any(axis=1).mean() > 0.9


def test_a_rotation_goes_to_both_sides_and_not_beyond_its_dose():
    bars = np.zeros((200, 33, 33, 3), np.uint8)
    bars[:, 4:29, 15:18] = 255
    angles = []
    for image in augment_batch(bars, [at("rotation", 30.0)], "study", 0):
        y, x = np.nonzero(image[..., 0] > 128)
        angles.append(np.degrees(np.arctan(np.polyfit(y - y.mean(), x - x.mean(), 1)[0])))
    assert 25 < np.max(angles) < 33
    assert -33 < np.min(angles) < -25


@pytest.mark.parametrize("smoothness", [0.027, 0.1, 0.14])
def test_an_elastic_deformation_shifts_pixels_by_its_dose(smoothness):
    """On a ramp from left to right a pixel's change is its shift to the side."""
    ramp = np.broadcast_to(4 * np.arange(64, dtype=np.uint8)[None, None, :, None], (40, 64, 64, 3))
    changed = augment_batch(np.ascontiguousarray(ramp), [at("elastic", 0.03, smoothness=smoothness)], "study", 0)
    inner = (changed.astype(float) - ramp)[:, 12:-12, 12:-12] / 4 / 64
    assert np.sqrt((inner**2).mean()) == pytest.approx(0.03, rel=0.15)


def test_jpeg_has_qualities_between_100_and_100_minus_the_dose():
    image = photographs(1)
    few = augment_batch(np.repeat(image, 100, axis=0), [at("jpeg", 3)], "study", 0)
    assert len(np.unique(few, axis=0)) == 4
    assert np.abs(few.astype(float) - image).mean() < 4


def test_noise_has_the_standard_deviation_asked_for():
    grey = np.full((64, 32, 32, 3), 128, np.uint8)
    noisy = augment_batch(grey, [noise(0.1)], "study", 0, "batch", 0)
    assert (noisy.astype(float) / 255).std() == pytest.approx(0.1, rel=0.02)
    assert noisy.astype(float).mean() == pytest.approx(128, abs=0.5)


def test_baseline_images_pass_untouched_and_global_state_is_left_alone(images):
    assert np.array_equal(augment_batch(images, (), "study", 0, "batch", 0), images)
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    augment_batch(images, [at("randaugment", 9)], "study", 0, "batch", 0)
    assert torch.equal(torch.rand(2), expected)
