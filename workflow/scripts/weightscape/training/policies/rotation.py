"""Random rotations."""

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal

from weightscape.section import Range
from weightscape.training.intervention import Augmentation


class Rotation(Augmentation):
    """A rotation by any angle up to the dose, to either side; corners become black."""

    corruptions_seen: ClassVar[frozenset[str]] = frozenset({"rotation"})

    family: Literal["augment"]
    policy: Literal["rotation"]
    dose: Annotated[float, Range(0, 180, low_open=True)]
    """largest angle in degrees"""

    def transform(self) -> Callable[[Any], Any]:
        """Return torchvision's transform."""
        from torchvision.transforms import v2

        return v2.RandomRotation(self.dose, interpolation=v2.InterpolationMode.BILINEAR)
