"""The standard augmentation of CIFAR: He et al., *Deep Residual Learning*, arXiv 1512.03385, section 4.2."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from weightscape.section import Range
from weightscape.training.intervention import Augmentation


class FlipCrop(Augmentation):
    """Padding with black, a random crop, and half of the images mirrored; for CIFAR the padding is 0.125 (4 of 32)."""

    family: Literal["augment"]
    policy: Literal["flip_crop"]
    dose: Annotated[float, Range(0, 0.5, low_open=True)]
    """padding, share of the width"""

    def transform(self) -> Callable[[Any], Any]:
        """Return torchvision's transforms, one after the other."""
        from torchvision.transforms import v2

        flip = v2.RandomHorizontalFlip(p=0.5)

        def flip_and_crop(image: Any) -> Any:
            height, width = image.shape[-2:]
            return flip(v2.RandomCrop((height, width), padding=max(1, round(self.dose * width)))(image))

        return flip_and_crop
