"""Augmentations and noise: named, bounded, reproducible."""

import numpy as np
import pytest
import torch

from weightscape.section import Range
from weightscape.training.intervention import FAMILIES, POLICIES, Augmentation, augment_batch


def at(policy: str, dose: float) -> Augmentation:
    return POLICIES[policy](family="augment", policy=policy, dose=dose)


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
    smooth = np.zeros((200, 32, 32, 3), np.uint8)
    smooth[:, 10:22, 12:20] = 200
    allowed = doses(policy)
    low = 1 if allowed.integer else 0.1 * allowed.high

    def distance(strength: float) -> float:
        changed = augment_batch(smooth, [at(policy, strength)], "study", 0, "batch", 0).astype(float)
        return float(np.abs(changed - smooth).mean())

    assert distance(allowed.high) > distance(low)


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
