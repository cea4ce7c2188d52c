"""Gaussian noise on training images."""

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np

from weightscape.section import Range
from weightscape.streams import stream_seed
from weightscape.training.intervention import Intervention

if TYPE_CHECKING:
    import torch


class Noise(Intervention):
    """Gaussian noise on images, of a standard deviation in units of the pixels' range or of their spread."""

    roles: ClassVar[frozenset[str]] = frozenset({"diversity", "augmentation"})
    corruptions_seen: ClassVar[frozenset[str]] = frozenset({"gaussian_noise", "shot_noise", "speckle_noise"})

    family: Literal["noise"]
    space: Literal["pixels", "normalised"] = "pixels"
    """`pixels`: on pixels in [0, 1], rounded to the 8 bits that a stored image has, as the code of Ba et al. (arXiv
    2410.14602) does with 0.01, 0.03 and 0.05; `normalised`: on what the network takes in, less the mean and divided by
    the standard deviation of its pre-training's pixels, without rounding"""
    dose: Annotated[float, Range(0, 1, low_open=True)]
    """noise standard deviation"""

    def augment(self, images: np.ndarray, *stream_name: str | int) -> np.ndarray:
        """Return the images with noise on their pixels, rounded and clipped to [0, 255]."""
        if self.space != "pixels":
            return images
        noise = self._noise(images.shape, *stream_name).numpy() * (self.dose * 255)
        return np.clip(np.rint(images + noise), 0, 255).astype(np.uint8)

    def perturb(self, inputs: "torch.Tensor", *stream_name: str | int) -> "torch.Tensor":
        """Return the network's inputs with noise on them."""
        if self.space != "normalised":
            return inputs
        return inputs + self.dose * self._noise(inputs.shape, *stream_name)

    @staticmethod
    def _noise(shape: tuple[int, ...], *stream_name: str | int) -> "torch.Tensor":
        import torch

        generator = torch.Generator().manual_seed(stream_seed(*stream_name, "noise"))
        return torch.randn(shape, generator=generator)
