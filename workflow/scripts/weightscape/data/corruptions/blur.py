"""A Gaussian blur."""

from typing import ClassVar, Literal

import numpy as np

from weightscape.data.corruption import Corruption


class Blur(Corruption):
    """A Gaussian blur."""

    strengths: ClassVar[tuple[float, float, float, float, float]] = (0.0125, 0.025, 0.0375, 0.05, 0.075)

    name: Literal["blur"]

    def apply(self, image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:  # noqa: ARG002
        """Blur with a Gaussian whose standard deviation is the share `strength` of the side."""
        from scipy import ndimage

        sigma = strength * image.shape[0]
        return ndimage.gaussian_filter(image, sigma=(sigma, sigma, 0), mode="reflect")
