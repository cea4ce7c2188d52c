"""Falling snow."""

from typing import ClassVar, Literal

import numpy as np

from weightscape.data.corruption import Corruption
from weightscape.data.corruption_tools import REFERENCE_SIDE, convolve, enlarge, line_kernel

FLAKE = 3.0
"""Size of a flake in pixels of an image of 224; at least one pixel."""


class Snow(Corruption):
    """Streaks of snow, and a scene that they whiten.

    The strengths are ImageNet-C's but for flakes of one size, and for severity 2, which there changes images as much as
    severity 3.
    """

    strengths: ClassVar[tuple[tuple[float, float, float, float, float], ...]] = (
        (0.1, 0.5, 10.0, 4.0, 0.8),
        (0.15, 0.5, 12.0, 4.0, 0.75),
        (0.55, 0.9, 12.0, 8.0, 0.7),
        (0.55, 0.85, 12.0, 8.0, 0.65),
        (0.55, 0.85, 12.0, 12.0, 0.55),
    )

    name: Literal["snow"]

    def apply(self, image: np.ndarray, strength: tuple[float, ...], rng: np.random.Generator) -> np.ndarray:
        """Add the snow: mean and threshold of the flakes, radius and σ of their streaks, and what is left of the scene.

        Flakes are normal numbers with a standard deviation of 0.3 that exceed the threshold, blurred along a line
        within 45° of upright. They are laid over the image as they are and turned by 180°.
        """
        mean, threshold, radius, sigma, left = strength
        side = len(image)
        scale = side / REFERENCE_SIDE
        grid = rng.normal(0, 0.3, (int(side / max(1, FLAKE * scale)) + 1,) * 2)
        angle = rng.uniform(np.pi / 4, 3 * np.pi / 4)
        flakes = enlarge(grid, side) + mean
        flakes = np.where(flakes < threshold, 0, np.clip(flakes, 0, 1))[..., None]
        streaks = convolve(flakes, line_kernel(2 * radius * scale, sigma * scale, angle))
        grey = (image @ [0.299, 0.587, 0.114])[..., None]
        whitened = left * image + (1 - left) * np.maximum(image, 1.5 * grey + 0.5)
        return whitened + streaks + np.rot90(streaks, 2)
