"""Fewer and larger pixels."""

from typing import ClassVar, Literal

import numpy as np

from weightscape.data.corruption import Corruption


class Pixelate(Corruption):
    """Fewer and larger pixels; ImageNet-C's strengths."""

    strengths: ClassVar[tuple[float, float, float, float, float]] = (0.6, 0.5, 0.4, 0.3, 0.25)

    name: Literal["pixelate"]

    def apply(self, image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:  # noqa: ARG002
        """Shrink the image to the share `strength` of its side and enlarge it, with a box filter."""
        from PIL import Image

        side = len(image)
        small = max(1, int(strength * side))
        pixels = Image.fromarray(np.rint(255 * image).astype(np.uint8))
        box = Image.Resampling.BOX
        return np.asarray(pixels.resize((small, small), box).resize((side, side), box)) / 255
