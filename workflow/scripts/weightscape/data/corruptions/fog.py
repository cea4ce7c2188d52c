"""Fog."""

from typing import ClassVar, Literal

import numpy as np

from weightscape.data.corruption import Corruption
from weightscape.data.corruption_tools import plasma

DECAY = 1.5


class Fog(Corruption):
    """Fog: a cloudy texture is added, and the contrast falls.

    The densities of severities 1 to 3 are ImageNet-C's, where then the clouds become finer; here they have one texture.
    """

    strengths: ClassVar[tuple[float, float, float, float, float]] = (1.5, 2.0, 2.5, 3.0, 4.0)

    name: Literal["fog"]

    def apply(self, image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
        """Add fog of the density `strength`; the brightest pixel may stay as bright as it is."""
        brightest = image.max()
        clouds = plasma(len(image), DECAY, rng)[..., None]
        return (image + strength * clouds) * brightest / (brightest + strength)
