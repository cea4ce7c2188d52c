"""Label smoothing."""

from typing import Annotated, Literal

import numpy as np

from weightscape.section import Range
from weightscape.training.intervention import Intervention


class LabelSmoothing(Intervention):
    """A share of every label is spread evenly over all classes (Szegedy et al., arXiv 1512.00567)."""

    family: Literal["label_smoothing"]
    dose: Annotated[float, Range(0, 1, low_open=True, high_open=True)]
    """share of the label that is spread"""

    def mix(self, images: np.ndarray, targets: np.ndarray, *stream_name: str | int) -> tuple[np.ndarray, np.ndarray]:  # noqa: ARG002
        """Return the images as they are, and (1 − ε)y + ε/K."""
        return images, (1 - np.float32(self.dose)) * targets + np.float32(self.dose / targets.shape[1])

    @classmethod
    def changes_data(cls) -> bool:
        """Return that the images are those of the baseline."""
        return False
