"""Augmentations of training images, by name and strength.

Each policy is one function from a strength to a transform of one uint8 image tensor of shape (3, height, width).
Strengths and their ranges are declared in `weightscape.conditions.AUGMENTATIONS`. The transforms are torchvision's:
RandAugment (Cubuk et al., arXiv 1909.13719), TrivialAugmentWide (Müller & Hutter, arXiv 2103.10158), AugMix (Hendrycks
et al., arXiv 1912.02781), random erasing (Zhong et al., arXiv 1708.04896).
"""

from collections.abc import Callable

import numpy as np
import torch
from torchvision.transforms import v2

from weightscape.streams import stream_seed
from weightscape.training.treatment import Treatment

Transform = Callable[[torch.Tensor], torch.Tensor]


def randaugment(strength: float) -> Transform:
    """RandAugment: two random operations at a magnitude of 30."""
    return v2.RandAugment(num_ops=2, magnitude=int(strength))


def trivialaugment(strength: float) -> Transform:
    """TrivialAugmentWide on a share of the images."""
    return v2.RandomApply([v2.TrivialAugmentWide()], p=strength)


def augmix(strength: float) -> Transform:
    """AugMix of three chains at a severity of 10."""
    return v2.AugMix(severity=int(strength))


def crop(strength: float) -> Transform:
    """Pad with the edge's pixels, then crop at random: a shift of up to `strength` of the width."""

    def shift(image: torch.Tensor) -> torch.Tensor:
        height, width = image.shape[-2:]
        padding = max(1, round(strength * width))
        return v2.RandomCrop((height, width), padding=padding, padding_mode="edge")(image)

    return shift


def erasing(strength: float) -> Transform:
    """Random erasing of a rectangle on a share of the images."""
    return v2.RandomErasing(p=strength)


def affine(strength: float) -> Transform:
    """Rotation up to 30°, shift up to 20 % and scale within 30 %, each times `strength`."""
    return v2.RandomAffine(
        degrees=30 * strength,
        translate=(0.2 * strength, 0.2 * strength),
        scale=(1 - 0.3 * strength, 1 + 0.3 * strength),
        interpolation=v2.InterpolationMode.BILINEAR,
    )


POLICIES: dict[str, Callable[[float], Transform]] = {
    "randaugment": randaugment,
    "trivialaugment": trivialaugment,
    "augmix": augmix,
    "crop": crop,
    "erasing": erasing,
    "affine": affine,
}


def augment_batch(images: np.ndarray, treatment: Treatment, *stream_name: str | int) -> np.ndarray:
    """Return a batch as training sees it under `treatment`: augmented, then with noise.

    Parameters
    ----------
    images
        uint8, shape (n, height, width, 3).
    treatment
        Gives the policy, its strength and the noise's standard deviation.
    *stream_name
        Name of the batch's random stream.

    Returns
    -------
    numpy.ndarray
        uint8, same shape. Noise is rounded to the 8 bits that a stored image has, and clipped to [0, 255].
    """
    if treatment.augmentation is not None:
        assert treatment.augmentation_strength is not None
        transform = POLICIES[treatment.augmentation](treatment.augmentation_strength)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(stream_seed(*stream_name, "augmentation"))
            batch = torch.from_numpy(images).permute(0, 3, 1, 2).contiguous()
            augmented = torch.stack([transform(image) for image in batch])
        images = augmented.permute(0, 2, 3, 1).contiguous().numpy()
    if treatment.noise:
        generator = torch.Generator().manual_seed(stream_seed(*stream_name, "noise"))
        noise = torch.randn(images.shape, generator=generator).numpy() * (treatment.noise * 255)
        images = np.clip(np.rint(images + noise), 0, 255).astype(np.uint8)
    return images
