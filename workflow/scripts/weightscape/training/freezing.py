"""Layers that training leaves as they are: the first ones of the network.

The classifier is always trained. Frozen layers also keep the statistics of their batch norms, so that what they compute
in training is what they compute afterwards (as in timm, `timm.utils.model.freeze_batch_norm_2d`).
"""

from collections.abc import Callable
from typing import cast

from torch import nn

from weightscape.checkpoints.layers import describe_layers


def backbone_layers(model: nn.Module) -> list[str]:
    """Return the names of the weight matrices of a timm model without those of its classifier, in order of depth."""
    ends = classifier_parameters(model)
    return [name for name in describe_layers(model) if id(model.get_parameter(name)) not in ends]


def freeze(model: nn.Module, count: int) -> None:
    """Freeze the first layers of a timm model, in place.

    Parameters
    ----------
    model
        A timm model with a classifier.
    count
        Number of weight matrices. Everything that the model defines before the first matrix that is trained is frozen
        too: biases, norms, embeddings of positions. With all matrices frozen, only the classifier is trained.

    Raises
    ------
    ValueError
        If the model has fewer layers.
    """
    layers = backbone_layers(model)
    if count > len(layers):
        raise ValueError(f"{count} layers to freeze, but {type(model).__name__} has {len(layers)}")
    first_trained = layers[count] if count < len(layers) else None
    ends = classifier_parameters(model)
    for name, parameter in model.named_parameters() if count else ():
        if name == first_trained:
            return
        if id(parameter) not in ends:
            parameter.requires_grad = False


def train_mode(model: nn.Module) -> None:
    """Put a model into training mode, but not the batch norms of its frozen layers."""
    model.train()
    for module in model.modules():
        own = [*module.parameters(recurse=False)]
        if getattr(module, "running_mean", None) is not None and own and not any(p.requires_grad for p in own):
            module.eval()


def classifier_parameters(model: nn.Module) -> set[int]:
    """Return the ids of the parameters of a timm model's classifier."""
    classifier = cast(Callable[[], nn.Module], model.get_classifier)()
    return {id(parameter) for parameter in classifier.parameters()}
