"""Pre-trained backbones as networks: how they are built, described, and given a classifier.

All sources of weights (`weightscape.backbone_source`) end in a timm model without classifier, so that training,
evaluation and the spectra need not know where it came from. timm: Wightman, PyTorch Image Models,
doi:10.5281/zenodo.4414861.
"""

from collections.abc import Callable, Mapping
from typing import Any, cast

import timm
import torch
from torch import nn

from weightscape.backbone_source import Backbone

State = dict[str, torch.Tensor]


def load_backbone(source: Backbone) -> tuple[nn.Module, dict[str, Any]]:
    """Load a pre-trained backbone without classifier.

    Parameters
    ----------
    source
        Where its weights come from.

    Returns
    -------
    model
        timm model with ``num_classes=0``, in evaluation mode.
    description
        Architecture, source, number of features, pixel mean and standard deviation (of pixels in [0, 1]), input size,
        number of parameters, and the kind, groups and depth of each layer that has a weight matrix.
    """
    architecture, state = source.weights()
    model = timm.create_model(architecture, pretrained=state is None, num_classes=0)
    if state is not None:
        _load_without_classifier(model, state, architecture)
    data = timm.data.resolve_model_data_config(model)
    description = {
        "architecture": architecture,
        "source": source.given(),
        "num_features": int(cast(int, model.num_features)),
        "mean": [float(value) for value in data["mean"]],
        "std": [float(value) for value in data["std"]],
        "input_size": source.input_size or int(data["input_size"][-1]),
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "layers": describe_layers(model),
    }
    return model.eval(), description


def build_classifier(description: Mapping[str, Any], state: State, num_classes: int, head_seed: int) -> nn.Module:
    """Put a freshly initialised linear classifier on the backbone.

    Parameters
    ----------
    description, state
        What `load_backbone` described, and the model's state dict.
    num_classes
        Number of outputs.
    head_seed
        Seed of the classifier's initialisation (timm's own scheme for the architecture).
    """
    with torch.random.fork_rng(devices=[]):
        model = load_backbone_state(description, state)
        torch.manual_seed(head_seed)
        cast(Callable[[int], None], model.reset_classifier)(num_classes)
    return model


def load_backbone_state(description: Mapping[str, Any], state: State) -> nn.Module:
    """Rebuild the backbone without classifier from its state dict, in evaluation mode."""
    return load_finetuned(description, state, num_classes=0)


def load_finetuned(description: Mapping[str, Any], state: State, num_classes: int) -> nn.Module:
    """Rebuild a fine-tuned model from its state dict, in evaluation mode."""
    model = timm.create_model(description["architecture"], num_classes=num_classes)
    model.load_state_dict(state)
    return model.eval()


def describe_layers(model: nn.Module) -> dict[str, dict[str, Any]]:
    """Return kind, groups and depth of every weight matrix, by its name in the state dict, in order of depth."""
    layers: dict[str, dict[str, Any]] = {}
    for name, module in model.named_modules():
        if isinstance(module, nn.Conv2d):
            layers[f"{name}.weight"] = {"kind": "conv", "groups": module.groups}
        elif isinstance(module, nn.MultiheadAttention) and module.in_proj_weight is not None:
            layers[f"{name}.in_proj_weight"] = {"kind": "attention_in_proj", "groups": 1}
        elif isinstance(module, nn.Linear):
            fused = name.endswith("qkv")
            layers[f"{name}.weight"] = {"kind": "attention_in_proj" if fused else "dense", "groups": 1}
    return {name: {**layer, "depth": depth} for depth, (name, layer) in enumerate(layers.items())}


def _load_without_classifier(model: nn.Module, state: State, architecture: str) -> None:
    """Load `state` into a model that has no classifier; only the classifier's tensors may be left over."""
    names = cast(Mapping[str, Any], model.pretrained_cfg)["classifier"]
    classifiers = (names,) if isinstance(names, str) else tuple(names or ())
    wanted = model.state_dict()
    missing = [name for name in wanted if name not in state and not name.endswith("num_batches_tracked")]
    surplus = [name for name in state if name not in wanted and name.rpartition(".")[0] not in classifiers]
    if missing or surplus:
        raise ValueError(
            f"weights do not fit {architecture}: missing {missing[:5] or 'none'}, "
            f"not in the model {surplus[:5] or 'none'}"
        )
    kept = {name: tensor for name, tensor in state.items() if name in wanted}
    model.load_state_dict(wanted | kept)
