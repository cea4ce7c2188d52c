"""Images mirrored from left to right."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from weightscape.section import Range
from weightscape.training.intervention import Augmentation


class Flip(Augmentation):
    """A share of the images mirrored from left to right; a mirrored digit or letter may be no member of its class."""

    family: Literal["augment"]
    policy: Literal["flip"]
    dose: Annotated[float, Range(0, 0.5, low_open=True)]
    """probability per image"""

    def transform(self) -> Callable[[Any], Any]:
        """Return torchvision's transform."""
        from torchvision.transforms import v2

        return v2.RandomHorizontalFlip(p=self.dose)
