"""Any image classifier of timm with timm's pre-trained weights, which timm downloads at first use."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from weightscape.backbone_source import Backbone
from weightscape.timm_names import check_architecture

if TYPE_CHECKING:
    import torch


class Timm(Backbone):
    """An image classifier of timm with its pre-trained weights; timm downloads them."""

    name: Literal["timm"]
    architecture: Annotated[str, Field(min_length=1)]
    """a timm model name, such as `resnet18.a1_in1k`"""

    def check(self) -> str | None:
        """Return whether timm lacks the architecture."""
        return check_architecture(self.architecture)

    def weights(self) -> "tuple[str, dict[str, torch.Tensor]]":
        """Return timm's weights, from the hub or from what was downloaded before.

        Raises
        ------
        ValueError
            If they can't be had here; the message says how to bring them.
        """
        import timm

        from weightscape.hub import use_cache_without_network

        online = use_cache_without_network()
        try:
            return self.architecture, timm.create_model(self.architecture, pretrained=True, num_classes=0).state_dict()
        except (OSError, RuntimeError, ValueError) as error:
            where = f"{' '.join(str(error).split())[:200]}" if online else "the hub cannot be reached from here"
            raise ValueError(
                f"backbone timm: no weights of {self.architecture}: {where}. Where there is a network, run "
                f"python -c \"import timm, torch; torch.save(timm.create_model('{self.architecture}', "
                "pretrained=True, num_classes=0).state_dict(), 'weights.pt')\", copy the file, and name it: "
                f"backbone: {{name: file, architecture: {self.architecture}, path: weights.pt}}"
            ) from error
