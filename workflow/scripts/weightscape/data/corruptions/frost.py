"""Frost on the lens."""

from typing import ClassVar, Literal

import numpy as np

from weightscape.data.corruption import Corruption
from weightscape.data.corruption_tools import plasma

COLOUR = (0.82, 0.9, 0.98)


class Frost(Corruption):
    """Frost on the lens, from a texture that is made, where ImageNet-C takes parts of six photographs.

    Its crystals are the ridges of two cloudy textures. As the frost gets denser the scene fades below it.
    """

    strengths: ClassVar[tuple[float, float, float, float, float]] = (0.4, 0.55, 0.7, 0.8, 0.9)

    name: Literal["frost"]

    def apply(self, image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
        """Cover the image with frost of the density `strength`."""
        textures = [plasma(len(image), 1.25, rng) for _ in range(2)]
        ridges = [1 - np.abs(2 * texture - 1) for texture in textures]
        crystals = (np.maximum(*ridges) ** 3)[..., None]
        density = strength * (0.25 + 0.75 * crystals)
        return (1 - density) * image + density * np.array(COLOUR)
