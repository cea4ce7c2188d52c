"""The blur of a lens that is out of focus."""

from typing import ClassVar, Literal

import numpy as np

from weightscape.data.corruption import Corruption
from weightscape.data.corruption_tools import REFERENCE_SIDE, convolve, disk_kernel


class DefocusBlur(Corruption):
    """The blur of a lens that is out of focus; ImageNet-C's radii, as shares of the side."""

    strengths: ClassVar[tuple[float, float, float, float, float]] = (3.0, 4.0, 6.0, 8.0, 10.0)

    name: Literal["defocus_blur"]

    def apply(self, image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:  # noqa: ARG002
        """Blur with a disk whose radius is `strength` pixels of an image of 224."""
        return convolve(image, disk_kernel(strength * len(image) / REFERENCE_SIDE))
