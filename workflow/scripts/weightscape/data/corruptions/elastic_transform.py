"""An elastic deformation."""

from typing import ClassVar, Literal

import numpy as np

from weightscape.data.corruption import Corruption
from weightscape.data.corruption_tools import shift_pixels

SMOOTHNESS = 0.03
"""Standard deviation of the Gaussian that smooths the shifts, share of the side."""


class ElasticTransform(Corruption):
    """An elastic deformation (Simard et al., ICDAR 2003) whose strength grows evenly.

    ImageNet-C's first two settings stretch large parts of the image, the others small ones and less; these five do what
    its last ones do.
    """

    strengths: ClassVar[tuple[float, float, float, float, float]] = (0.006, 0.01, 0.014, 0.018, 0.024)

    name: Literal["elastic_transform"]

    def apply(self, image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
        """Shift pixels by smooth random fields whose root mean square is the share `strength` of the side."""
        from scipy import ndimage

        side = len(image)
        fields = ndimage.gaussian_filter(
            rng.uniform(-1, 1, (2, side, side)), sigma=(0, SMOOTHNESS * side, SMOOTHNESS * side)
        )
        return shift_pixels(image, fields * strength * side / np.sqrt((fields**2).mean()))
