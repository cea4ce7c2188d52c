import numpy as np
import pytest
import torch
from torch import nn

from weightscape.evaluation.predict import predict_logits
from weightscape.images import to_batch

MEAN, STD = (0.4, 0.5, 0.6), (0.2, 0.25, 0.3)


@pytest.fixture
def images() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (7, 12, 12, 3), dtype=np.uint8)


@pytest.fixture
def model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Dropout(0.5), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 4)
    )


def test_a_batch_is_normalised_by_channel_and_channels_last(images):
    batch = to_batch(images, MEAN, STD, 12)
    expected = (images / 255 - np.array(MEAN)) / np.array(STD)
    np.testing.assert_allclose(batch.permute(0, 2, 3, 1).numpy(), expected, atol=1e-5)
    assert batch.dtype == torch.float32
    assert batch.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("size", [6, 20])
def test_another_input_size_is_reached_by_antialiased_scaling(images, size):
    from torchvision.transforms.functional import normalize, resize

    batch = to_batch(images, MEAN, STD, size)
    pixels = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255
    torch.testing.assert_close(batch, normalize(resize(pixels, [size, size], antialias=True), MEAN, STD))
    assert batch.is_contiguous(memory_format=torch.channels_last)


def test_images_are_not_changed_and_wrong_ones_refused(images):
    before = images.copy()
    to_batch(images, MEAN, STD, 12)
    np.testing.assert_array_equal(images, before)
    for wrong in (images.astype(np.float32), images[:, :, :6], images[..., :1], images[0]):
        with pytest.raises(ValueError, match="images must be uint8"):
            to_batch(wrong, MEAN, STD, 12)


def test_logits_are_those_of_the_network_in_evaluation_mode(images, model):
    model.train()
    logits = predict_logits(model, images, MEAN, STD, 12, batch_size=3)
    assert model.training
    assert logits.dtype == np.float32
    model.eval()
    with torch.no_grad():
        expected = model(to_batch(images, MEAN, STD, 12)).numpy()
    np.testing.assert_allclose(logits, expected, atol=1e-6)
    np.testing.assert_array_equal(logits, predict_logits(model, images, MEAN, STD, 12, batch_size=3))


def test_a_diverged_network_and_an_empty_set_are_refused(images, model):
    with pytest.raises(ValueError, match="no images"):
        predict_logits(model, images[:0], MEAN, STD, 12)
    with torch.no_grad():
        model[-1].bias[0] = torch.nan
    with pytest.raises(FloatingPointError, match="NaN or infinite logits for 7 of 7 images"):
        predict_logits(model, images, MEAN, STD, 12)
