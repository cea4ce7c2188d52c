"""A rotation to a random side; corners are filled with the mirrored image."""

from typing import ClassVar, Literal

import numpy as np

from weightscape.data.corruption import Corruption


class Rotation(Corruption):
    """A rotation to a random side; corners are filled with the mirrored image."""

    strengths: ClassVar[tuple[float, float, float, float, float]] = (10.0, 20.0, 30.0, 40.0, 50.0)

    name: Literal["rotation"]

    def apply(self, image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
        """Rotate by `strength` degrees."""
        from scipy import ndimage

        side = 1 if rng.random() < 0.5 else -1
        return ndimage.rotate(image, side * strength, axes=(0, 1), reshape=False, order=1, mode="reflect")
