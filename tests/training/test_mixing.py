"""Families that mix images or labels: what training sees and what it aims at."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch.nn import functional

from weightscape.data.imageset import NO_CLASS
from weightscape.training.datasets import LabelledImages, TrainingSet
from weightscape.training.effective import effective_training_set
from weightscape.training.intervention import mix_batch, parse_treatment
from weightscape.training.targets import likeliest_labels, soft_targets

PIXELS = SimpleNamespace(mean=[0.5] * 3, std=[0.5] * 3)


def treatment(**values):
    return parse_treatment([values])


@pytest.fixture(scope="module")
def batch():
    random = np.random.default_rng(0)
    return random.integers(0, 256, (16, 12, 10, 3), dtype=np.uint8), np.arange(16) % 4


def mixed(batch, *parts, step=0):
    return mix_batch(*batch, 4, [part for some in parts for part in some], "study", 0, "batch", step)


def test_without_mixing_labels_stay_labels(batch):
    images, targets = mixed(batch, treatment(family="noise", dose=0.1))
    assert images is batch[0]
    assert targets is batch[1]


def test_an_image_of_no_class_aims_at_all_classes_alike(batch):
    labels = np.array([1, NO_CLASS, 3])
    _, targets = mix_batch(batch[0][:3], labels, 4, ())
    assert targets.tolist() == [[0, 1, 0, 0], [0.25] * 4, [0, 0, 0, 1]]
    assert likeliest_labels(targets).tolist() == labels.tolist()


@pytest.mark.parametrize("family", ["mixup", "cutmix"])
def test_mixing_is_reproducible_and_differs_from_batch_to_batch(batch, family):
    part = treatment(family=family, dose=1.0)
    (images, targets), (again, targets_again), (other, _) = (mixed(batch, part, step=step) for step in (3, 3, 4))
    assert images.dtype == np.uint8
    assert targets.dtype == np.float32
    assert np.array_equal(images, again)
    assert np.array_equal(targets, targets_again)
    assert not np.array_equal(images, other)
    assert not np.array_equal(images, batch[0])
    assert targets.sum(axis=1) == pytest.approx(1)


def test_mixup_weighs_images_as_their_labels():
    """Every image is a constant grey of its own, so the weight can be read from the pixels."""
    greys = np.arange(0, 256, 16, dtype=np.uint8)
    images, targets = mix_batch(
        np.broadcast_to(greys[:, None, None, None], (16, 4, 4, 3)),
        np.arange(16),
        16,
        treatment(family="mixup", dose=1.0),
        0,
    )
    assert images[:, 0, 0, 0] == pytest.approx(targets @ greys, abs=0.51)
    assert (targets > 0).sum(axis=1).max() == 2
    assert (images == images[:, :1, :1, :1]).all()


def test_cutmix_shares_labels_by_the_pixels_that_are_there():
    """Every image has a grey of its own, so pixels tell which image they come from."""
    greys = np.arange(16, dtype=np.uint8)
    shares = []
    for step in range(50):
        images, targets = mix_batch(
            np.broadcast_to(greys[:, None, None, None], (16, 9, 7, 3)),
            np.arange(16), 16, treatment(family="cutmix", dose=1.0), step,
        )  # fmt: skip
        counted = np.stack([np.bincount(image[..., 0].ravel(), minlength=16) / 63 for image in images])
        assert targets == pytest.approx(counted, abs=1e-6)
        shares.append(1 - targets[np.arange(16), np.arange(16)].min())
        where = images[..., 0] != greys[:, None, None]
        rows, columns = where.any(axis=(0, 2)), where.any(axis=(0, 1))
        assert where.any(axis=0).sum() == rows.sum() * columns.sum()  # one rectangle
    assert min(shares) < 0.1 < 0.5 < max(shares)


def test_label_smoothing_is_torchs(batch):
    images, targets = mixed(batch, treatment(family="label_smoothing", dose=0.2))
    assert images is batch[0]
    logits = torch.randn(16, 4, generator=torch.Generator().manual_seed(0))
    expected = functional.cross_entropy(logits, torch.from_numpy(batch[1]), label_smoothing=0.2)
    assert functional.cross_entropy(logits, torch.from_numpy(targets)).item() == pytest.approx(expected.item())


def test_mixing_and_smoothing_in_either_order_aim_at_the_same(batch):
    parts = treatment(family="mixup", dose=1.0), treatment(family="label_smoothing", dose=0.2)
    assert mixed(batch, *parts)[1] == pytest.approx(mixed(batch, *parts[::-1])[1], abs=1e-6)


@pytest.mark.parametrize("dose", [0.01, 0.1])
def test_noise_on_normalised_pixels_has_the_standard_deviation_asked_for(dose):
    (part,) = treatment(family="noise", space="normalised", dose=dose)
    inputs = torch.zeros(8, 3, 32, 32)
    noisy = part.perturb(inputs, "study", 0)
    assert (noisy - inputs).std().item() == pytest.approx(dose, rel=0.02)
    assert torch.equal(noisy, part.perturb(inputs, "study", 0))
    assert not torch.equal(noisy, part.perturb(inputs, "study", 1))
    grey = np.full((2, 8, 8, 3), 128, np.uint8)
    assert np.array_equal(part.augment(grey, "study"), grey)


def test_the_effective_training_set_shows_mixed_and_noisy_images():
    random = np.random.default_rng(0)
    images, labels = random.integers(60, 200, (40, 8, 8, 3), dtype=np.uint8), np.arange(40) % 4
    real = LabelledImages(images, labels)
    training = TrainingSet(images, labels, real, 40, 0)

    def seen(**values):
        part = treatment(**values) if values else []
        return effective_training_set(training, part, 40, 20, "study", 0, PIXELS, 4)

    plain = seen()
    assert sorted(plain.labels) == sorted(labels)
    mixed_set = seen(family="mixup", dose=1.0)
    assert mixed_set.images.var() < 0.9 * plain.images.var()
    assert ((mixed_set.labels >= 0) & (mixed_set.labels < 4)).all()
    noise = seen(family="noise", space="normalised", dose=0.05).images.astype(float) - plain.images
    assert noise.std() / 127.5 == pytest.approx(0.05, rel=0.02)
    assert np.array_equal(seen(family="label_smoothing", dose=0.5).images, plain.images)


def test_likeliest_labels_of_mixed_images():
    targets = 0.7 * soft_targets(np.array([2, 0]), 3) + 0.3 * soft_targets(np.array([1, NO_CLASS]), 3)
    assert likeliest_labels(targets).tolist() == [2, 0]
