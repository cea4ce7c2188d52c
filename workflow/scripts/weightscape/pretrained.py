"""Pre-trained backbones: their weights, from wherever they come, in a timm model, and its description."""

from collections.abc import Mapping
from typing import Any, cast

import timm
import torch
from torch import nn

from weightscape.backbone_source import Backbone
from weightscape.checkpoints.layers import describe_layers
from weightscape.residual_branches import residual_branches


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

    Raises
    ------
    ValueError
        If the weights can't be read, are not finite, or are not those of the architecture, or if the architecture does
        not take images of the input size or has no residual branch to place dropout in.
    """
    architecture, state = source.weights()
    model = timm.create_model(architecture, pretrained=state is None, num_classes=0)
    if state is not None:
        _load_without_classifier(model, state, f"{source.file or source.name}: weights do not fit {architecture}")
    data = timm.data.resolve_model_data_config(model)
    input_size = source.input_size or int(data["input_size"][-1])
    _check_input_size(model.eval(), architecture, input_size)
    if not any(residual_branches(model)):
        raise ValueError(
            f"{architecture} has no residual block with a drop_path, which the dropout of claim 1 needs: "
            "choose another architecture"
        )
    description = {
        "architecture": architecture,
        "source": source.given(),
        "num_features": int(cast(int, model.num_features)),
        "mean": [float(value) for value in data["mean"]],
        "std": [float(value) for value in data["std"]],
        "input_size": input_size,
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "layers": describe_layers(model),
    }
    return model, description


def _check_input_size(model: nn.Module, architecture: str, side: int) -> None:
    """Refuse an input size that the model can't compute anything of, which only the model itself can tell."""
    try:
        with torch.inference_mode():
            model(torch.zeros(1, 3, side, side))
    except (AssertionError, RuntimeError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ValueError(f"{architecture} does not take images of {side} × {side} × 3: {reason}") from error


def _load_without_classifier(model: nn.Module, state: Mapping[str, torch.Tensor], problem: str) -> None:
    """Load `state` into a model that has no classifier; only the classifier's tensors may be left over."""
    names = cast(Mapping[str, Any], model.pretrained_cfg)["classifier"]
    classifiers = (names,) if isinstance(names, str) else tuple(names or ())
    wanted = model.state_dict()
    missing = [name for name in wanted if name not in state and not name.endswith("num_batches_tracked")]
    surplus = [name for name in state if name not in wanted and name.rpartition(".")[0] not in classifiers]
    if missing or surplus:
        raise ValueError(f"{problem}: missing {missing[:5] or 'none'}, not in the model {surplus[:5] or 'none'}")
    kept = {name: tensor for name, tensor in state.items() if name in wanted}
    for name, tensor in kept.items():
        if tensor.shape != wanted[name].shape:
            raise ValueError(f"{problem}: {name} of shape {tuple(tensor.shape)}, not {tuple(wanted[name].shape)}")
    model.load_state_dict(wanted | kept)
