"""A square covered with mid-grey."""

from typing import ClassVar, Literal

import numpy as np

from weightscape.data.corruption import Corruption


class Occlusion(Corruption):
    """A square covered with mid-grey."""

    strengths: ClassVar[tuple[float, float, float, float, float]] = (0.15, 0.25, 0.35, 0.45, 0.55)

    name: Literal["occlusion"]

    def apply(self, image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
        """Cover a square whose side is the share `strength` of the image's; the largest lies inside the image."""
        size = image.shape[0]
        widest = self.strengths[-1]
        centre = size * rng.uniform(widest / 2, 1 - widest / 2, size=2)
        length = max(1, round(strength * size))
        top, left = np.clip(np.rint(centre - length / 2).astype(int), 0, size - length)
        covered = image.copy()
        covered[top : top + length, left : left + length] = 0.5
        return covered
