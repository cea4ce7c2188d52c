"""Elastic deformation: Simard, Steinkraus & Platt, *Best Practices for Convolutional Neural Networks*, ICDAR 2003."""

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal

from weightscape.section import Range
from weightscape.training.intervention import Augmentation


class Elastic(Augmentation):
    """Pixels moved by random fields that are smooth over some distance; Simard's digits: 0.05 at smoothness 0.14."""

    corruptions_seen: ClassVar[frozenset[str]] = frozenset({"elastic_transform"})

    family: Literal["augment"]
    policy: Literal["elastic"]
    smoothness: Annotated[float, Range(0, 0.15, low_open=True)] = 0.1
    """standard deviation of the Gaussian that smooths the fields, share of the width"""
    dose: Annotated[float, Range(0, 0.2, low_open=True)]
    """root mean square shift of pixels along each axis, share of the width"""

    def transform(self) -> Callable[[Any], Any]:
        """Return torchvision's transform.

        It shifts a pixel by alpha/2 times noise that is uniform on [−1, 1], of variance 1/3, and smoothed along both
        axes with a Gaussian kernel g, which multiplies the variance by (Σg²)².
        """
        import torch
        from torchvision.transforms import v2

        def deform(image: Any) -> Any:
            width = image.shape[-1]
            sigma = self.smoothness * width
            # The kernel of torchvision's ElasticTransform: int(8σ + 1) taps, made odd.
            taps = int(8 * sigma + 1) // 2
            kernel = torch.exp(-0.5 * (torch.arange(-taps, taps + 1) / sigma) ** 2)
            smoothed = ((kernel / kernel.sum()) ** 2).sum().item() / 3**0.5
            alpha = 2 * self.dose * width / smoothed
            return v2.ElasticTransform(alpha=alpha, sigma=sigma)(image)

        return deform
