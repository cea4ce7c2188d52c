"""Impulse noise: single values become black or white."""

from typing import ClassVar, Literal

import numpy as np

from weightscape.data.corruption import Corruption


class ImpulseNoise(Corruption):
    """Impulse noise, or salt and pepper: single values become 0 or 1; ImageNet-C's strengths."""

    strengths: ClassVar[tuple[float, float, float, float, float]] = (0.03, 0.06, 0.09, 0.17, 0.27)

    name: Literal["impulse_noise"]

    def apply(self, image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
        """Replace the share `strength` of the values of pixels and channels."""
        chance, value = rng.random(image.shape), rng.integers(0, 2, image.shape)
        return np.where(chance < strength, value, image)
