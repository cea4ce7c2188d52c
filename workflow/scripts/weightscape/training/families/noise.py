"""Gaussian noise on the pixels of training images."""

from typing import Annotated, ClassVar, Literal

import numpy as np

from weightscape.section import Range
from weightscape.streams import stream_seed
from weightscape.training.intervention import Intervention


class Noise(Intervention):
    """Gaussian noise on pixels in [0, 1], rounded to the 8 bits that a stored image has."""

    roles: ClassVar[frozenset[str]] = frozenset({"diversity", "augmentation"})

    family: Literal["noise"]
    dose: Annotated[float, Range(0, 1, low_open=True)]
    """noise standard deviation"""

    def augment(self, images: np.ndarray, *stream_name: str | int) -> np.ndarray:
        """Return the images with noise, rounded and clipped to [0, 255]."""
        import torch

        generator = torch.Generator().manual_seed(stream_seed(*stream_name, "noise"))
        noise = torch.randn(images.shape, generator=generator).numpy() * (self.dose * 255)
        return np.clip(np.rint(images + noise), 0, 255).astype(np.uint8)
