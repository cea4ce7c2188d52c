"""Random shifts."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from weightscape.section import Range
from weightscape.training.intervention import Augmentation


class Crop(Augmentation):
    """Padding with the edge's pixels, then a random crop."""

    family: Literal["augment"]
    policy: Literal["crop"]
    dose: Annotated[float, Range(0, 0.5, low_open=True)]
    """shift, share of the width"""

    def transform(self) -> Callable[[Any], Any]:
        """Return torchvision's transform."""
        from torchvision.transforms import v2

        def shift(image: Any) -> Any:
            height, width = image.shape[-2:]
            padding = max(1, round(self.dose * width))
            return v2.RandomCrop((height, width), padding=padding, padding_mode="edge")(image)

        return shift
