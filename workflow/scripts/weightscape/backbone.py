"""The backbone as a network: it gets a classifier, or comes back from its weights.

It is a timm model without classifier, whatever its weights come from (`weightscape.pretrained`). timm: Wightman,
PyTorch Image Models, doi:10.5281/zenodo.4414861.
"""

from collections.abc import Callable
from typing import Any, cast

import timm
import torch
from torch import nn

from weightscape.backbone_description import BackboneDescription
from weightscape.batch_norm import fold_batch_norm
from weightscape.few_pixels import speed_up_few_pixels

State = dict[str, torch.Tensor]


def create_network(
    architecture: str, num_classes: int, img_size: int | None = None, cifar_stem: bool = False
) -> nn.Module:
    """Build a timm model with freshly drawn weights, from torch's global random state.

    Parameters
    ----------
    architecture, img_size, cifar_stem
        See `BackboneDescription`.
    num_classes
        Number of outputs; 0 leaves the classifier out.
    """
    arguments: dict[str, Any] = {"img_size": img_size} if img_size else {}
    model = timm.create_model(architecture, num_classes=num_classes, **arguments)
    if cifar_stem:
        use_cifar_stem(model, architecture)
    return model


def use_cifar_stem(model: nn.Module, architecture: str) -> None:
    """Give a ResNet the stem of networks for small images: 3×3, stride 1, no pooling.

    He et al., arXiv 1512.03385, section 4.2. The kernel is drawn like the others of a ResNet (He et al., arXiv
    1502.01852, over outputs, as timm does).

    Raises
    ------
    ValueError
        If the model has no first convolution of a ResNet with pooling behind it.
    """
    stem = getattr(model, "conv1", None)
    if not isinstance(stem, nn.Conv2d) or not hasattr(model, "maxpool"):
        raise ValueError(
            f"backbone.stem = 'cifar': {architecture} has no stem of one convolution and pooling to replace; "
            "allowed: ResNets of timm that have, such as resnet18, resnet50 or wide_resnet50_2"
        )
    kernel = nn.Conv2d(stem.in_channels, stem.out_channels, kernel_size=3, stride=1, padding=1, bias=False)
    nn.init.kaiming_normal_(kernel.weight, mode="fan_out", nonlinearity="relu")
    model.conv1, model.maxpool = kernel, nn.Identity()


def initial_state(description: BackboneDescription, seed: int) -> State:
    """Draw the weights of a backbone that is trained from scratch (timm's own scheme for the architecture).

    Parameters
    ----------
    description
        Describes the network.
    seed
        Seed of the draw; torch's global random state is left as it was.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        state = _network(description, num_classes=0).state_dict()
    return {name: tensor.contiguous() for name, tensor in state.items()}


def build_classifier(description: BackboneDescription, state: State, num_classes: int, head_seed: int) -> nn.Module:
    """Put a freshly initialised linear classifier on the backbone.

    Parameters
    ----------
    description, state
        What `weightscape.pretrained.load_backbone` described, and the model's state dict.
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


def load_backbone_state(description: BackboneDescription, state: State) -> nn.Module:
    """Rebuild the backbone without classifier from its state dict, in evaluation mode."""
    return load_finetuned(description, state, num_classes=0)


def load_finetuned(description: BackboneDescription, state: State, num_classes: int) -> nn.Module:
    """Rebuild a fine-tuned model from its state dict, in evaluation mode."""
    model = _network(description, num_classes)
    model.load_state_dict(state)
    return model.eval()


def load_for_prediction(description: BackboneDescription, state: State, num_classes: int) -> nn.Module:
    """Rebuild a network that predicts or embeds as fast as it can, and cannot be trained.

    Its outputs are those of `load_finetuned` up to rounding; `num_classes` is 0 for the backbone without classifier.
    """
    model = load_finetuned(description, state, num_classes)
    fold_batch_norm(model)
    speed_up_few_pixels(model)
    return model


def _network(description: BackboneDescription, num_classes: int) -> nn.Module:
    return create_network(description.architecture, num_classes, description.img_size, description.cifar_stem)
