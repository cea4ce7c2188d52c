"""Independent Gaussian noise on every pixel and channel."""

from typing import ClassVar, Literal

import numpy as np

from weightscape.data.corruption import Corruption


class GaussianNoise(Corruption):
    """Independent Gaussian noise on every pixel and channel."""

    strengths: ClassVar[tuple[float, float, float, float, float]] = (0.08, 0.12, 0.18, 0.26, 0.38)

    name: Literal["gaussian_noise"]

    def apply(self, image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
        """Add noise with the standard deviation `strength`."""
        return image + strength * rng.standard_normal(image.shape)
