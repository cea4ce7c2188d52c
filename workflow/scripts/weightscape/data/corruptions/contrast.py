"""Less contrast."""

from typing import ClassVar, Literal

import numpy as np

from weightscape.data.corruption import Corruption


class Contrast(Corruption):
    """Less contrast."""

    strengths: ClassVar[tuple[float, float, float, float, float]] = (0.4, 0.3, 0.2, 0.1, 0.05)

    name: Literal["contrast"]

    def apply(self, image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:  # noqa: ARG002
        """Shrink the distances of all pixels from their channel's mean to the share `strength`."""
        mean = image.mean(axis=(0, 1))
        return mean + strength * (image - mean)
