"""Where networks and their weights come from: ``backbone`` and ``encoder`` of a config name entries of `BACKBONES`.

An entry is one class in a module of `weightscape.backbones`. This module needs no torch.
"""

from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated, ClassVar

from weightscape.registry import Registry
from weightscape.section import Range, Section

if TYPE_CHECKING:
    import torch


class Backbone(Section):
    """A source of weights of a timm architecture."""

    from_scratch: ClassVar[bool] = False
    """Whether every seed starts from its own initialisation instead of pre-trained weights."""

    name: str
    input_size: Annotated[int, Range(8, 1024, integer=True)] | None = None
    """side of the network's square input in pixels; the architecture's own if left out"""

    def check(self) -> str | None:
        """Return a key and what is wrong with it, as far as that can be told without reading weights, else None."""
        return None

    @property
    def file(self) -> str | None:
        """The user's file that the weights are read from, None if there is none."""
        return None

    @property
    def cifar_stem(self) -> bool:
        """Whether the first convolution is that of networks for small images."""
        return False

    @property
    def network(self) -> str:
        """Name of the timm architecture."""
        return str(getattr(self, "architecture"))  # noqa: B009  (a field of those that have one)

    @abstractmethod
    def weights(self) -> "tuple[str, dict[str, torch.Tensor] | None]":
        """Return the name of the timm architecture and its pre-trained state dict, None if it is `from_scratch`."""


BACKBONES = Registry("weightscape.backbones", Backbone)  # type: ignore[type-abstract]
