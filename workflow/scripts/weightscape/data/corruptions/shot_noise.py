"""Shot noise: the light that a pixel counts is a Poisson number."""

from typing import ClassVar, Literal

import numpy as np

from weightscape.data.corruption import Corruption


class ShotNoise(Corruption):
    """Shot noise: the light that a pixel counts is a Poisson number; ImageNet-C's strengths."""

    strengths: ClassVar[tuple[float, float, float, float, float]] = (60.0, 25.0, 12.0, 5.0, 3.0)

    name: Literal["shot_noise"]

    def apply(self, image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
        """Count Poisson numbers, `strength` of them where the image is white."""
        from scipy.special import pdtrik

        # By the inverse of the distribution, so that an image has the same random numbers at all strengths.
        quantiles = rng.random(image.shape)
        light = strength * image
        counted = np.ceil(pdtrik(quantiles, np.maximum(light, 1e-12)))
        return np.where(quantiles <= np.exp(-light), 0, counted) / strength
