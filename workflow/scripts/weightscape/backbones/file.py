"""Weights of a timm architecture from a local file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from weightscape.backbone_source import Backbone

if TYPE_CHECKING:
    import torch

SUFFIXES = (".safetensors", ".pt", ".pth")


class File(Backbone):
    """A local `.safetensors`, `.pt` or `.pth` state dict of a timm architecture."""

    name: Literal["file"]
    architecture: Annotated[str, Field(min_length=1)]
    """a timm model name, such as `resnet18`"""
    path: str
    """the file"""

    def check(self) -> str | None:
        """Return whether there is no such file, or it cannot be one of weights."""
        try:
            exists = Path(self.path).is_file()
        except (OSError, ValueError):  # a name that no file system takes
            exists = False
        if not exists:
            return f"backbone.path = {self.path!r}: no such file"
        if Path(self.path).suffix not in SUFFIXES:
            return f"backbone.path = {self.path!r}; allowed: a file that ends in {', '.join(SUFFIXES)}"
        return None

    @property
    def file(self) -> str:
        """The file."""
        return self.path

    def weights(self) -> "tuple[str, dict[str, torch.Tensor]]":
        """Return the weights.

        A file in PyTorch's format is read with ``weights_only=True``, so it cannot run code. The wrappings that
        training frameworks leave around a state dict (``state_dict``, ``model``, ``module.``) are taken off.
        """
        import torch
        from safetensors.torch import load_file

        from weightscape.state_dicts import without_framework_prefixes

        if self.path.endswith(".safetensors"):
            state = load_file(self.path)
        else:
            state = torch.load(self.path, map_location="cpu", weights_only=True)
            for key in ("state_dict", "model"):
                if isinstance(state.get(key), dict):
                    state = state[key]
        return self.architecture, without_framework_prefixes(state)
