"""No pre-trained weights: every seed starts from its own initialisation of a timm architecture."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from weightscape.backbone_source import Backbone
from weightscape.timm_names import check_architecture, timm_file


class Scratch(Backbone):
    """An architecture of timm without pre-trained weights: each seed starts from an initialisation of its own."""

    from_scratch: ClassVar[bool] = True

    name: Literal["scratch"]
    architecture: Annotated[str, Field(min_length=1)]
    """a timm model name without a tag, such as `resnet18`"""
    stem: Literal["default", "cifar"] = "default"
    """`default`: as timm builds it; `cifar`: a ResNet's first convolution is 3×3 with stride 1 and nothing is pooled
    behind it, for images of 32 pixels"""

    def check(self) -> str | None:
        """Return whether timm lacks the architecture, it names weights, or it has no stem to replace."""
        given = f"architecture = {self.architecture[:60]!r}"
        if "." in self.architecture or ":" in self.architecture:
            return f"{given}; allowed from scratch: a name without weights, here {self.architecture.split('.')[0][:60]}"
        if problem := check_architecture(self.architecture):
            return problem
        if self.cifar_stem and timm_file(self.architecture) not in ("resnet", None):
            return f"stem = 'cifar': allowed for ResNets of timm such as resnet18, not {self.architecture}"
        return None

    @property
    def cifar_stem(self) -> bool:
        """Whether the stem is that of networks for small images."""
        return self.stem == "cifar"

    def weights(self) -> tuple[str, None]:
        """Return the architecture; there are no weights."""
        return self.architecture, None
