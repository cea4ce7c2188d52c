"""AugMix: Hendrycks et al., arXiv 1912.02781."""

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal

from weightscape.section import Range
from weightscape.training.intervention import Augmentation
from weightscape.training.operations import CORRUPTIONS_SEEN


class AugMix(Augmentation):
    """AugMix of three chains."""

    corruptions_seen: ClassVar[frozenset[str]] = CORRUPTIONS_SEEN

    family: Literal["augment"]
    policy: Literal["augmix"]
    dose: Annotated[int, Range(1, 10, integer=True)]
    """severity of 10"""

    def transform(self) -> Callable[[Any], Any]:
        """Return torchvision's transform."""
        from torchvision.transforms import v2

        return v2.AugMix(severity=self.dose)
