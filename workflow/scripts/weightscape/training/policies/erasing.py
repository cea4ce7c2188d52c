"""Random erasing: Zhong et al., arXiv 1708.04896."""

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal

from weightscape.section import Range
from weightscape.training.intervention import Augmentation


class Erasing(Augmentation):
    """Random erasing of a rectangle on a share of the images."""

    corruptions_seen: ClassVar[frozenset[str]] = frozenset({"occlusion"})

    family: Literal["augment"]
    policy: Literal["erasing"]
    dose: Annotated[float, Range(0, 1, low_open=True)]
    """probability per image"""

    def transform(self) -> Callable[[Any], Any]:
        """Return torchvision's transform."""
        from torchvision.transforms import v2

        return v2.RandomErasing(p=self.dose)
