"""Mirrored images."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from weightscape.section import Range
from weightscape.training.intervention import Augmentation


class Flip(Augmentation):
    """A share of the images mirrored; a mirrored digit or letter may be no member of its class."""

    family: Literal["augment"]
    policy: Literal["flip"]
    axis: Literal["horizontal", "vertical"]
    """`horizontal`: left and right change places; `vertical`: top and bottom"""
    dose: Annotated[float, Range(0, 0.5, low_open=True)]
    """probability per image"""

    def transform(self) -> Callable[[Any], Any]:
        """Return torchvision's transform."""
        from torchvision.transforms import v2

        flip = v2.RandomHorizontalFlip if self.axis == "horizontal" else v2.RandomVerticalFlip
        return flip(p=self.dose)
