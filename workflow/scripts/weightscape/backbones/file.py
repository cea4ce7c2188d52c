"""Weights of a timm architecture from a local file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from weightscape.backbone_source import Backbone
from weightscape.timm_names import check_architecture

if TYPE_CHECKING:
    import torch


class File(Backbone):
    """A local state dict of a timm architecture: `.safetensors`, or PyTorch's `.pt`, `.pth`, `.bin` and `.ckpt`."""

    name: Literal["file"]
    architecture: Annotated[str, Field(min_length=1)]
    """a timm model name, such as `resnet18`"""
    path: str
    """the file"""

    def check(self) -> str | None:
        """Return whether there is no such file, it cannot be one of weights, or timm lacks the architecture."""
        from weightscape.checkpoints.read import STATE_SUFFIXES

        try:
            exists = Path(self.path).is_file()
        except (OSError, ValueError):  # a name that no file system takes
            exists = False
        if not exists:
            return f"path = {self.path!r}: no such file"
        if Path(self.path).suffix not in STATE_SUFFIXES:
            return f"path = {self.path!r}; allowed: a file that ends in {', '.join(STATE_SUFFIXES)}"
        return check_architecture(self.architecture)

    @property
    def file(self) -> str:
        """The file."""
        return self.path

    def weights(self) -> "tuple[str, dict[str, torch.Tensor]]":
        """Return the weights, as `weightscape.checkpoints.read.read_state` reads them."""
        import torch

        from weightscape.checkpoints.read import read_state

        return self.architecture, {name: torch.from_numpy(value) for name, value in read_state(self.path).items()}
