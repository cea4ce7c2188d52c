"""The blur of a camera that moves towards its object."""

from typing import ClassVar, Literal

import numpy as np

from weightscape.data.corruption import Corruption

STEPS = 12


class ZoomBlur(Corruption):
    """The blur of a camera that moves towards its object; ImageNet-C's zooms."""

    strengths: ClassVar[tuple[float, float, float, float, float]] = (0.1, 0.15, 0.2, 0.25, 0.3)

    name: Literal["zoom_blur"]

    def apply(self, image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:  # noqa: ARG002
        """Return the mean of the image and of images enlarged by up to `strength`."""
        from scipy import ndimage

        centre = (len(image) - 1) / 2
        total = image.copy()
        for zoom in np.linspace(1, 1 + strength, STEPS):
            shift = centre * (1 - 1 / zoom)
            total += ndimage.affine_transform(image, [1 / zoom, 1 / zoom, 1], offset=[shift, shift, 0], order=1)
        return total / (STEPS + 1)
