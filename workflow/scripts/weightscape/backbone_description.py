"""What is known of a study's backbone beside its weights: ``backbone/backbone.json`` as an object; no torch."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from weightscape.files import read_json

if TYPE_CHECKING:
    from weightscape.spectra.matrices import Layers

Normalisation = tuple[list[float], list[float], int]
"""Mean and standard deviation of each channel, for pixels in [0, 1], and side of the input in pixels: what turns images
into a network's input (`weightscape.images.to_batch`)."""


@dataclass(frozen=True)
class BackboneDescription:
    """A timm network without classifier, and how its input is made of images.

    Attributes
    ----------
    architecture
        timm's name.
    source
        The section ``backbone`` of the config, as it was given.
    num_features
        Width of the features.
    mean, std, input_size
        See `Normalisation`.
    parameters
        Number of parameters.
    layers
        Kind, groups and depth of each layer that has a weight matrix, by the weight's name.
    sha256
        Of the file of its weights; empty where every seed starts from its own.
    img_size
        The argument of that name with which timm builds the network; None where it takes the input size as it is.
    cifar_stem
        Whether its first convolution is that of networks for small images (`weightscape.backbone.use_cifar_stem`).
    """

    architecture: str
    source: Mapping[str, Any]
    num_features: int
    mean: list[float]
    std: list[float]
    input_size: int
    parameters: int
    layers: "Layers"
    sha256: str
    img_size: int | None = None
    cifar_stem: bool = False

    @property
    def normalisation(self) -> Normalisation:
        """How images become the network's input."""
        return self.mean, self.std, self.input_size

    @property
    def from_scratch(self) -> bool:
        """Whether every seed starts from its own initialisation."""
        return not self.sha256

    def to_json(self) -> dict[str, Any]:
        """Return plain values; fields at their defaults are left out."""
        return {
            field.name: value
            for field in fields(self)
            if (value := getattr(self, field.name)) != field.default or field.default is MISSING
        }


def read_description(path: str | Path) -> BackboneDescription:
    """Read what `BackboneDescription.to_json` gave."""
    return BackboneDescription(**read_json(path))
