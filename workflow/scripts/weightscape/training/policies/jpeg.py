"""JPEG compression."""

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal

from weightscape.section import Range
from weightscape.training.intervention import Augmentation


class Jpeg(Augmentation):
    """JPEG compression with a quality between 100 and 100 minus the dose."""

    corruptions_seen: ClassVar[frozenset[str]] = frozenset({"jpeg_compression"})

    family: Literal["augment"]
    policy: Literal["jpeg"]
    dose: Annotated[int, Range(1, 99, integer=True)]
    """largest loss of quality, of 100"""

    def transform(self) -> Callable[[Any], Any]:
        """Return torchvision's transform."""
        from torchvision.transforms import v2

        return v2.JPEG((100 - self.dose, 100))
