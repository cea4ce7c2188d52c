"""Colour jitter: Chen et al., *A Simple Framework for Contrastive Learning* (SimCLR), arXiv 2002.05709, appendix A."""

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal

from weightscape.section import Range
from weightscape.training.intervention import Augmentation


class ColorJitter(Augmentation):
    """Brightness, contrast and saturation within 80 % and hue within 72°, each times the dose; every image."""

    corruptions_seen: ClassVar[frozenset[str]] = frozenset({"brightness", "contrast", "saturate"})

    family: Literal["augment"]
    policy: Literal["color_jitter"]
    dose: Annotated[float, Range(0, 1, low_open=True)]
    """strength"""

    def transform(self) -> Callable[[Any], Any]:
        """Return torchvision's transform."""
        from torchvision.transforms import v2

        wide, hue = 0.8 * self.dose, 0.2 * self.dose
        return v2.ColorJitter(brightness=wide, contrast=wide, saturation=wide, hue=hue)
