"""The blur of frosted glass."""

from typing import ClassVar, Literal

import numpy as np

from weightscape.data.corruption import Corruption
from weightscape.data.corruption_tools import REFERENCE_SIDE, shift_pixels

MOST = 3
"""Rounds of shifts that random numbers are drawn for."""


class GlassBlur(Corruption):
    """The blur of frosted glass: pixels are shifted at random; ImageNet-C's strengths, as shares of the side.

    ImageNet-C swaps whole pixels; here each is taken from up to that far away, so that parts of a pixel count.
    """

    strengths: ClassVar[tuple[tuple[float, float, int], ...]] = (
        (0.7, 1.0, 2), (0.9, 2.0, 1), (1.0, 2.0, 3), (1.1, 3.0, 2), (1.5, 4.0, 2),
    )  # fmt: skip

    name: Literal["glass_blur"]

    def apply(self, image: np.ndarray, strength: tuple[float, float, int], rng: np.random.Generator) -> np.ndarray:
        """Blur, shift and blur: σ and the largest shift in pixels of an image of 224, and the rounds of shifts."""
        from scipy import ndimage

        scale = len(image) / REFERENCE_SIDE
        sigma, farthest, rounds = scale * strength[0], scale * strength[1], strength[2]
        shifts = rng.uniform(-farthest, farthest, (MOST, 2, *image.shape[:2]))
        image = ndimage.gaussian_filter(image, sigma=(sigma, sigma, 0))
        for shift in shifts[:rounds]:
            image = shift_pixels(image, shift)
        return ndimage.gaussian_filter(image, sigma=(sigma, sigma, 0))
