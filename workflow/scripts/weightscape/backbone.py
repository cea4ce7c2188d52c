"""The backbone as a network: it gets a classifier, or comes back from its weights.

It is a timm model without classifier, whatever its weights come from (`weightscape.pretrained`). timm: Wightman,
PyTorch Image Models, doi:10.5281/zenodo.4414861.
"""

from collections.abc import Callable, Mapping
from typing import Any, cast

import timm
import torch
from torch import nn

from weightscape.batch_norm import fold_batch_norm
from weightscape.few_pixels import speed_up_few_pixels

State = dict[str, torch.Tensor]


def build_classifier(description: Mapping[str, Any], state: State, num_classes: int, head_seed: int) -> nn.Module:
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


def load_backbone_state(description: Mapping[str, Any], state: State) -> nn.Module:
    """Rebuild the backbone without classifier from its state dict, in evaluation mode."""
    return load_finetuned(description, state, num_classes=0)


def load_finetuned(description: Mapping[str, Any], state: State, num_classes: int) -> nn.Module:
    """Rebuild a fine-tuned model from its state dict, in evaluation mode."""
    model = timm.create_model(description["architecture"], num_classes=num_classes)
    model.load_state_dict(state)
    return model.eval()


def load_for_prediction(description: Mapping[str, Any], state: State, num_classes: int) -> nn.Module:
    """Rebuild a network that predicts or embeds as fast as it can, and cannot be trained.

    Its outputs are those of `load_finetuned` up to rounding; `num_classes` is 0 for the backbone without classifier.
    """
    model = load_finetuned(description, state, num_classes)
    fold_batch_norm(model)
    speed_up_few_pixels(model)
    return model
