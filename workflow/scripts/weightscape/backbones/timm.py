"""Any image classifier of timm with timm's pre-trained weights, which timm downloads at first use."""

from typing import Annotated, Literal

from pydantic import Field

from weightscape.backbone_source import Backbone
from weightscape.timm_names import check_architecture


class Timm(Backbone):
    """An image classifier of timm with its pre-trained weights; timm downloads them."""

    name: Literal["timm"]
    architecture: Annotated[str, Field(min_length=1)]
    """a timm model name, such as `resnet18.a1_in1k`"""

    def check(self) -> str | None:
        """Return whether timm lacks the architecture."""
        return check_architecture(self.architecture)

    def weights(self) -> tuple[str, None]:
        """Return the architecture; timm has the weights."""
        return self.architecture, None
