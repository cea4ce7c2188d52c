"""More brightness."""

from typing import ClassVar, Literal

import numpy as np

from weightscape.data.corruption import Corruption


class Brightness(Corruption):
    """More brightness; ImageNet-C's strengths."""

    strengths: ClassVar[tuple[float, float, float, float, float]] = (0.1, 0.2, 0.3, 0.4, 0.5)

    name: Literal["brightness"]

    def apply(self, image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:  # noqa: ARG002
        """Add `strength` to each pixel's value in the colour space HSV, its largest channel; black becomes grey."""
        value = image.max(axis=2, keepdims=True)
        brighter = np.minimum(value + strength, 1)
        return np.where(value > 0, image * brighter / np.where(value > 0, value, 1), brighter)
