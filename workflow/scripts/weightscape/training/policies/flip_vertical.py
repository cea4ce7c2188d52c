"""Images mirrored from top to bottom."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from weightscape.section import Range
from weightscape.training.intervention import Augmentation


class FlipVertical(Augmentation):
    """A share of the images mirrored from top to bottom; few objects look so."""

    family: Literal["augment"]
    policy: Literal["flip_vertical"]
    dose: Annotated[float, Range(0, 0.5, low_open=True)]
    """probability per image"""

    def transform(self) -> Callable[[Any], Any]:
        """Return torchvision's transform."""
        from torchvision.transforms import v2

        return v2.RandomVerticalFlip(p=self.dose)
