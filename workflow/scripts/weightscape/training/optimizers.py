"""Optimisers, by the names that a config gives them; a new one is one entry of `OPTIMIZERS`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import torch
    from torch import nn

    from weightscape.training.settings import TrainingSettings

PEAK = "peak"
"""Key of a group of parameters: the highest learning rate of its schedule."""


@dataclass(frozen=True)
class OptimizerKind:
    """One kind of optimiser.

    Attributes
    ----------
    build
        From groups of parameters, and whether weight decay is decoupled from the gradient, to the optimiser. The groups
        have a ``weight_decay`` and an ``lr``.
    modes
        Modes of weight decay that it can have: the first is its own, that of ``training.weight_decay``.
    """

    build: "Callable[[list[dict[str, Any]], bool], torch.optim.Optimizer]"
    modes: tuple[str, ...]


def build_optimizer(
    model: "nn.Module", settings: "TrainingSettings", decay: tuple[float, bool] | None
) -> "torch.optim.Optimizer":
    """Return the optimiser of a run.

    Decay acts on weight matrices and kernels only, never on biases and normalisation gains, as is common use.

    Parameters
    ----------
    model
        A timm model with a classifier.
    settings
        What all runs share.
    decay
        Strength of a condition's weight decay, and whether it is decoupled from the gradient. It takes the place of
        the settings' own; None for a condition without.
    """
    kind = OPTIMIZERS[settings.optimizer]
    strength, decoupled = decay or (settings.weight_decay, kind.modes[0] == "decoupled")
    head = {id(parameter) for parameter in cast("Callable[[], nn.Module]", model.get_classifier)().parameters()}
    peaks = (settings.learning_rate, settings.head_learning_rate or settings.learning_rate)
    groups = [
        {
            "params": [p for p in model.parameters() if (id(p) in head, p.ndim > 1) == (in_head, decays)],
            "weight_decay": strength if decays else 0.0,
            "lr": peaks[in_head],
            PEAK: peaks[in_head],
        }
        for in_head in (False, True)
        for decays in (True, False)
    ]
    return kind.build(groups, decoupled)


def _adam(groups: list[dict[str, Any]], decoupled: bool) -> "torch.optim.Optimizer":
    """Return Adam (Kingma & Ba, arXiv 1412.6980), with decoupled decay AdamW (Loshchilov & Hutter, 1711.05101)."""
    import torch

    return torch.optim.Adam(groups, decoupled_weight_decay=decoupled, fused=True)


def _sgd(groups: list[dict[str, Any]], _decoupled: bool) -> "torch.optim.Optimizer":
    """Return gradient descent with Nesterov's momentum (Sutskever et al., ICML 2013)."""
    import torch

    return torch.optim.SGD(groups, momentum=0.9, nesterov=True)


OPTIMIZERS = {
    "adam": OptimizerKind(_adam, ("l2", "decoupled")),
    "adamw": OptimizerKind(_adam, ("decoupled",)),
    "sgd": OptimizerKind(_sgd, ("l2",)),
}
