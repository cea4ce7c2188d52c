"""Backbones as a study names them: weights, from wherever they come, in a timm model, and its description."""

import sys
from collections.abc import Callable, Mapping
from typing import Any, cast

import timm
import torch
from torch import nn

from weightscape.backbone import State, create_network
from weightscape.backbone_description import BackboneDescription
from weightscape.backbone_source import Backbone
from weightscape.checkpoints.layers import describe_layers


def load_backbone(source: Backbone) -> tuple[nn.Module, BackboneDescription]:
    """Load a backbone without classifier.

    A model that is built for one input size is built for the size that is asked for, and timm resamples what depends on
    it, such as the embedding of positions. Weights under other names, such as OpenAI's and open_clip's files of CLIP,
    are converted where timm does so.

    Parameters
    ----------
    source
        Where its weights come from.

    Returns
    -------
    model
        timm model with ``num_classes=0``, in evaluation mode. Its weights are random where the source has none.
    description
        What jobs need to know of it.

    Raises
    ------
    ValueError
        If the weights can't be read, are not finite, or are not those of the architecture, or if the architecture does
        not take images of the input size.
    """
    return _built(source, *source.weights())


def untrained_backbone(source: Backbone) -> tuple[nn.Module, BackboneDescription]:
    """Return what `load_backbone` does, with random weights: nothing is read or downloaded."""
    return _built(source, source.network, None)


def _built(source: Backbone, architecture: str, state: State | None) -> tuple[nn.Module, BackboneDescription]:
    def build(img_size: int | None) -> nn.Module:
        model = create_network(architecture, 0, img_size, source.cifar_stem)
        if state is not None:
            _load_without_classifier(model, state, f"{source.file or source.name}: weights do not fit {architecture}")
        return model.eval()

    model = build(None)
    data = timm.data.resolve_model_data_config(model)
    input_size = source.input_size or int(data["input_size"][-1])
    model, img_size = _for_input_size(model, build, architecture, input_size)
    description = BackboneDescription(
        architecture=architecture,
        source=source.given(),
        num_features=int(cast(int, model.num_features)),
        mean=[float(value) for value in data["mean"]],
        std=[float(value) for value in data["std"]],
        input_size=input_size,
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        layers=describe_layers(model),
        sha256="",
        img_size=img_size,
        cifar_stem=source.cifar_stem,
    )
    return model, description


def _for_input_size(
    model: nn.Module, build: Callable[[int | None], nn.Module], architecture: str, side: int
) -> tuple[nn.Module, int | None]:
    """Return a model that takes images of this side, and the ``img_size`` it is built with if it needs to be told."""
    problem = _problem_with(model, side)
    if problem is None:
        return model, None
    patch = getattr(getattr(model, "patch_embed", None), "patch_size", (1, 1))[0]
    if side % patch:  # timm would leave the last pixels out
        raise ValueError(f"{architecture} takes images in patches of {patch} pixels, which do not cover {side}")
    try:
        resized = build(side)
        problem = _problem_with(resized, side)
    except (AssertionError, RuntimeError, TypeError):  # it has no such argument, or can't be built that small
        pass
    else:
        if problem is None:
            return resized, side
    raise ValueError(f"{architecture} does not take images of {side} × {side} × 3: {problem}")


def _problem_with(model: nn.Module, side: int) -> str | None:
    """Return why the model can't compute anything of images of this side, which only the model itself can tell."""
    try:
        with torch.inference_mode():
            model(torch.zeros(1, 3, side, side))
    except (AssertionError, RuntimeError, ValueError) as error:
        return " ".join(str(error).split())[:200]
    return None


def _load_without_classifier(model: nn.Module, state: State, problem: str) -> None:
    """Load `state` into a model that has no classifier; only the classifier's tensors may be left over."""
    found = _mismatch(model, state)
    if found and (converted := _converted(model, state)):
        state, found = converted, _mismatch(model, converted)
    if found:
        raise ValueError(f"{problem}: {found}")
    wanted = model.state_dict()
    model.load_state_dict(wanted | {name: tensor for name, tensor in state.items() if name in wanted})


def _mismatch(model: nn.Module, state: State) -> str | None:
    """Return how the tensors differ from those of the model, None if they are the same apart from the classifier's."""
    names = cast(Mapping[str, Any], model.pretrained_cfg)["classifier"]
    classifiers = (names,) if isinstance(names, str) else tuple(names or ())
    wanted = model.state_dict()
    missing = [name for name in wanted if name not in state and not name.endswith("num_batches_tracked")]
    surplus = [name for name in state if name not in wanted and name.rpartition(".")[0] not in classifiers]
    if missing or surplus:
        hint = "" if len(missing) < len(wanted) else "; names of timm are allowed, and those that timm converts"
        return f"missing {missing[:5] or 'none'}, not in the model {surplus[:5] or 'none'}{hint}"
    for name, tensor in state.items():
        if name in wanted and tensor.shape != wanted[name].shape:
            return f"{name} of shape {tuple(tensor.shape)}, not {tuple(wanted[name].shape)}"
    return None


def _converted(model: nn.Module, state: State) -> State | None:
    """Return the tensors as timm converts those of other files for this model, None where it does not.

    timm has a converter beside the models that need one, which also resamples what depends on the input size.
    """
    module = sys.modules[type(model).__module__]
    if convert := getattr(module, "checkpoint_filter_fn", None):
        arguments: tuple[Any, ...] = (dict(state), model)
    elif convert := getattr(module, "_filter_fn", None):  # of models that need no more than other names
        arguments = (dict(state),)
    else:
        return None
    try:
        return dict(convert(*arguments))
    except (KeyError, RuntimeError, ValueError, AttributeError, IndexError):  # of another family than it is made for
        return None
