"""CutMix: a rectangle of every image is that of another, and the label is shared by area."""

from typing import Annotated, ClassVar, Literal

import numpy as np

from weightscape.section import Range
from weightscape.streams import stream
from weightscape.training.intervention import Intervention


class CutMix(Intervention):
    """A rectangle of another image, with labels mixed by its area (Yun et al., arXiv 1905.04899)."""

    roles: ClassVar[frozenset[str]] = frozenset({"diversity", "augmentation"})
    corruptions_seen: ClassVar[frozenset[str]] = frozenset({"occlusion"})

    family: Literal["cutmix"]
    dose: Annotated[float, Range(0, 10, low_open=True)]
    """α of the Beta(α, α) that the share of the rectangle comes from"""

    def mix(self, images: np.ndarray, targets: np.ndarray, *stream_name: str | int) -> tuple[np.ndarray, np.ndarray]:
        """Return the images with the rectangle of their partner, by a random permutation, and the mixed targets.

        One rectangle per batch, as in the authors' code: its sides are √(1 − λ) of the image's with λ ~ Beta(α, α), its
        centre is anywhere, and what lies outside the image is cut off; the labels' weights are the areas that are left.
        """
        random = stream(*stream_name, "cutmix")
        height, width = images.shape[1:3]
        side = np.sqrt(1 - random.beta(self.dose, self.dose))
        rows, columns = (_span(size, side, int(random.integers(size))) for size in (height, width))
        partner = random.permutation(len(images))
        mixed = images.copy()
        mixed[:, rows, columns] = images[partner, rows, columns]
        share = np.float32((rows.stop - rows.start) * (columns.stop - columns.start) / (height * width))
        return mixed, (1 - share) * targets + share * targets[partner]


def _span(size: int, share: float, centre: int) -> slice:
    """Return the pixels of one side of a rectangle."""
    length = int(size * share)
    return slice(max(0, centre - length // 2), min(size, centre + length // 2))
