"""The blur of a camera that moves."""

from typing import ClassVar, Literal

import numpy as np

from weightscape.data.corruption import Corruption
from weightscape.data.corruption_tools import REFERENCE_SIDE, convolve, line_kernel


class MotionBlur(Corruption):
    """The blur of a camera that moves, within 45° of level; ImageNet-C's strengths, as shares of the side."""

    strengths: ClassVar[tuple[tuple[float, float], ...]] = (
        (10.0, 3.0), (15.0, 5.0), (15.0, 8.0), (15.0, 12.0), (20.0, 15.0),
    )  # fmt: skip

    name: Literal["motion_blur"]

    def apply(self, image: np.ndarray, strength: tuple[float, float], rng: np.random.Generator) -> np.ndarray:
        """Blur along a line: half its length and the σ of its Gaussian are pixels of an image of 224."""
        radius, sigma = np.array(strength) * len(image) / REFERENCE_SIDE
        return convolve(image, line_kernel(2 * radius, sigma, rng.uniform(-np.pi / 4, np.pi / 4)))
