"""TrivialAugmentWide: Müller & Hutter, arXiv 2103.10158."""

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal

from weightscape.section import Range
from weightscape.training.intervention import Augmentation
from weightscape.training.operations import CORRUPTIONS_SEEN


class TrivialAugment(Augmentation):
    """TrivialAugmentWide on a share of the images."""

    corruptions_seen: ClassVar[frozenset[str]] = CORRUPTIONS_SEEN

    family: Literal["augment"]
    policy: Literal["trivialaugment"]
    dose: Annotated[float, Range(0, 1, low_open=True)]
    """probability per image"""

    def transform(self) -> Callable[[Any], Any]:
        """Return torchvision's transform."""
        from torchvision.transforms import v2

        return v2.RandomApply([v2.TrivialAugmentWide()], p=self.dose)
