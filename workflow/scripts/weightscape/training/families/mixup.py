"""Mixup: every image is a weighted mean of two, and so is its label."""

from typing import Annotated, ClassVar, Literal

import numpy as np

from weightscape.section import Range
from weightscape.streams import stream
from weightscape.training.intervention import Intervention


class Mixup(Intervention):
    """Weighted means of two images and of their labels (Zhang et al., arXiv 1710.09412)."""

    roles: ClassVar[frozenset[str]] = frozenset({"diversity", "augmentation"})

    family: Literal["mixup"]
    dose: Annotated[float, Range(0, 10, low_open=True)]
    """α of the Beta(α, α) that the weight comes from"""

    def mix(self, images: np.ndarray, targets: np.ndarray, *stream_name: str | int) -> tuple[np.ndarray, np.ndarray]:
        """Return λx + (1 − λ)x' and λy + (1 − λ)y', with one λ ~ Beta(α, α) per batch, as in the authors' code.

        The partner x' is another image of the batch, by a random permutation. Pixels are rounded to 8 bits.
        """
        random = stream(*stream_name, "mixup")
        weight = np.float32(random.beta(self.dose, self.dose))
        partner = random.permutation(len(images))
        mixed = np.rint(weight * images + (1 - weight) * images[partner].astype(np.float32))
        return mixed.astype(np.uint8), weight * targets + (1 - weight) * targets[partner]
