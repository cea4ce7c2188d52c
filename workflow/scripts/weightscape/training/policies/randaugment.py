"""RandAugment: Cubuk et al., arXiv 1909.13719."""

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal

from weightscape.section import Range
from weightscape.training.intervention import Augmentation
from weightscape.training.operations import CORRUPTIONS_SEEN


class RandAugment(Augmentation):
    """RandAugment: two random operations."""

    corruptions_seen: ClassVar[frozenset[str]] = CORRUPTIONS_SEEN

    family: Literal["augment"]
    policy: Literal["randaugment"]
    dose: Annotated[int, Range(1, 30, integer=True)]
    """magnitude of 30"""

    def transform(self) -> Callable[[Any], Any]:
        """Return torchvision's transform."""
        from torchvision.transforms import v2

        return v2.RandAugment(num_ops=2, magnitude=self.dose)
