"""The frozen encoder that synthetic images are judged with."""

from functools import partial
from pathlib import Path

from safetensors.torch import load_file

from weightscape.backbone import load_backbone_state
from weightscape.backbone_description import read_description
from weightscape.diversity.embedding import embed
from weightscape.generator.classifier import Embed


def load_encoder(weights: str | Path, description: str | Path, device: str) -> Embed:
    """Return the function from images to their features in the network of these files.

    Parameters
    ----------
    weights, description
        ``model.safetensors`` and ``backbone.json`` of a frozen network of the study.
    device
        Where torch runs.
    """
    described = read_description(description)
    network = load_backbone_state(described, load_file(weights)).to(device)
    mean, std, input_size = described.normalisation
    return partial(embed, network, mean=mean, std=std, input_size=input_size)
