"""What is known of layers beside their weights: guessed from shapes, or described by a timm model."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from weightscape.spectra.matrices import LayerDescription, Layers

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Architecture:
    """What a timm model says of its tensors.

    Attributes
    ----------
    name
        The model's name.
    shapes
        Tensor name → shape, in the model's order.
    layers
        Weight name → kind, groups and depth.
    ends
        Names of the weights whose shape depends on the images and classes: the first convolution and the classifier.
    """

    name: str
    shapes: Mapping[str, Shape]
    layers: "Layers"
    ends: frozenset[str]


def guess_layers(shapes: Mapping[str, Shape]) -> "dict[str, LayerDescription]":
    """Return the groups that shapes alone suggest: kernels with one input channel are depthwise.

    The first kernel of a model may be a stem for grey images or for sound instead. It is taken for one unless another
    kernel has three input channels (colours), or the same shape and, apart from numbers, the same name (blocks).
    Other grouped kernels can't be told from ungrouped ones by their shape.

    Parameters
    ----------
    shapes
        Weight name → shape, in the order of the model.
    """
    kernels = {name: shape for name, shape in shapes.items() if len(shape) > 2}
    stem = None if any(shape[1] == 3 for shape in kernels.values()) else next(iter(kernels), None)
    return {
        name: {"groups": shape[0]}
        for name, shape in kernels.items()
        if shape[1] == 1 and math.prod(shape[2:]) > 1 and (name != stem or _is_repeated(name, kernels))
    }


def timm_architecture(name: str) -> Architecture:
    """Return what a timm model says of its tensors.

    Raises
    ------
    ValueError
        If timm has no such model.
    """
    import timm

    if not timm.is_model(name.split(".")[0]):
        raise ValueError(f"architecture: {name} found, a name of timm.list_models() is allowed")
    try:
        return describe(name, timm.create_model(name, pretrained=False))
    except RuntimeError as error:  # a tag after the dot that the model doesn't have
        raise ValueError(f"architecture: {error}") from error


def describe(name: str, model: Any) -> Architecture:
    """Return what `model`, timm's model called `name`, says of its tensors."""
    ends = [model.pretrained_cfg.get(end) or () for end in ("first_conv", "classifier")]
    modules = [module for end in ends for module in ((end,) if isinstance(end, str) else end)]
    return Architecture(
        name,
        {key: tuple(value.shape) for key, value in model.state_dict().items()},
        describe_layers(model),
        frozenset(f"{module}.weight" for module in modules),
    )


def describe_layers(model: Any) -> "dict[str, LayerDescription]":
    """Return kind, groups and depth of every weight matrix, by its name in the state dict, in order of depth.

    Parameters
    ----------
    model
        A torch module.
    """
    from torch import nn

    layers: dict[str, LayerDescription] = {}
    for name, module in model.named_modules():
        if isinstance(module, nn.Conv2d):
            layers[f"{name}.weight"] = {"kind": "conv", "groups": module.groups}
        elif isinstance(module, nn.MultiheadAttention) and module.in_proj_weight is not None:
            layers[f"{name}.in_proj_weight"] = {"kind": "attention_in_proj", "groups": 1}
        elif isinstance(module, nn.Linear):
            fused = name.endswith("qkv")
            layers[f"{name}.weight"] = {"kind": "attention_in_proj" if fused else "dense", "groups": 1}
    return {name: {**layer, "depth": depth} for depth, (name, layer) in enumerate(layers.items())}


def check_fits(source: str, shapes: Mapping[str, Shape], architecture: Architecture) -> None:
    """Refuse an architecture that is not that of the weights.

    Raises
    ------
    ValueError
        If none of its layers is among them, or one has another shape. The first convolution and the classifier may.
    """
    common = [name for name in architecture.layers if name in shapes]
    if not common:
        theirs, ours = (", ".join([*names][:3]) for names in (architecture.layers, shapes))
        raise ValueError(
            f"{source}: no layer of {architecture.name} is in it; found {ours} …, {architecture.name} has {theirs} …"
        )
    for name in common:
        if shapes[name] != architecture.shapes[name] and name not in architecture.ends:
            raise ValueError(
                f"{source}: {name} of shape {shapes[name]} found, {architecture.name} has {architecture.shapes[name]}"
            )


def _is_repeated(name: str, kernels: Mapping[str, Shape]) -> bool:
    """Return whether another kernel has the same shape and, apart from numbers, the same name."""
    alike = [(re.sub(r"\d+", "", other), shape) for other, shape in kernels.items()]
    return alike.count((re.sub(r"\d+", "", name), kernels[name])) > 1
