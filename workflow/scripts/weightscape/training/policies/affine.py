"""Random affine maps."""

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal

from weightscape.section import Range
from weightscape.training.intervention import Augmentation


class Affine(Augmentation):
    """Rotation up to 30°, shift up to 20 % and scale within 30 %, each times the dose."""

    corruptions_seen: ClassVar[frozenset[str]] = frozenset({"rotation"})

    family: Literal["augment"]
    policy: Literal["affine"]
    dose: Annotated[float, Range(0, 1, low_open=True)]
    """strength"""

    def transform(self) -> Callable[[Any], Any]:
        """Return torchvision's transform."""
        from torchvision.transforms import v2

        return v2.RandomAffine(
            degrees=30 * self.dose,
            translate=(0.2 * self.dose, 0.2 * self.dose),
            scale=(1 - 0.3 * self.dose, 1 + 0.3 * self.dose),
            interpolation=v2.InterpolationMode.BILINEAR,
        )
