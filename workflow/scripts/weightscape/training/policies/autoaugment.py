"""AutoAugment: Cubuk et al., arXiv 1805.09501."""

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal

from weightscape.section import Range
from weightscape.training.intervention import Augmentation
from weightscape.training.operations import CORRUPTIONS_SEEN


class AutoAugment(Augmentation):
    """AutoAugment on a share of the images; it has no strength of its own."""

    corruptions_seen: ClassVar[frozenset[str]] = CORRUPTIONS_SEEN

    family: Literal["augment"]
    policy: Literal["autoaugment"]
    learned_on: Literal["imagenet", "cifar10", "svhn"]
    """data set on which its 25 pairs of operations were learned: `imagenet`, `cifar10` or `svhn`"""
    dose: Annotated[float, Range(0, 1, low_open=True)]
    """probability per image"""

    def transform(self) -> Callable[[Any], Any]:
        """Return torchvision's transform."""
        from torchvision.transforms import v2

        return v2.RandomApply([v2.AutoAugment(v2.AutoAugmentPolicy(self.learned_on))], p=self.dose)
