"""Where pre-trained weights come from: ``backbone`` of a study's config names an entry of `BACKBONES`.

An entry is one class in a module of `weightscape.backbones`. This module needs no torch.
"""

from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated

from weightscape.registry import Registry
from weightscape.section import Range, Section

if TYPE_CHECKING:
    import torch


class Backbone(Section):
    """A source of pre-trained weights of a timm architecture."""

    name: str
    input_size: Annotated[int, Range(8, 1024, integer=True)] | None = None
    """side of the network's square input in pixels; the architecture's own if left out"""

    def check(self) -> str | None:
        """Return what is wrong with the source as far as it can be told without reading weights, None if nothing is."""
        return None

    @property
    def file(self) -> str | None:
        """The user's file that the weights are read from, None if there is none."""
        return None

    @abstractmethod
    def weights(self) -> "tuple[str, dict[str, torch.Tensor] | None]":
        """Return the name of the timm architecture and its state dict, None where timm itself has the weights."""


BACKBONES = Registry("weightscape.backbones", Backbone)  # type: ignore[type-abstract]
