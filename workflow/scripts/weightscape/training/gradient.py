"""The gradient of one batch: in parts, in bfloat16 or compiled, as the settings say."""

from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional

from weightscape.training.settings import TrainingSettings

Gradient = Callable[[torch.Tensor, torch.Tensor], tuple[float, torch.Tensor]]
"""From inputs and targets to the mean loss and the logits; it adds the gradient to that of the parameters."""


def batch_gradient(model: nn.Module, settings: TrainingSettings, device: str) -> Gradient:
    """Return the function that adds the gradient of a batch's mean cross-entropy to the parameters of a network.

    With ``precision: bfloat16`` the network computes under `torch.autocast`, which keeps what needs it in float32;
    weights, loss, gradients and optimiser are float32.

    Parameters
    ----------
    model
        The network, on its device.
    settings
        What all runs share.
    device
        ``"cpu"`` or ``"cuda"``.
    """
    network = torch.compile(model) if settings.compile else model
    low = settings.precision == "bfloat16"

    def gradient(inputs: torch.Tensor, targets: torch.Tensor) -> tuple[float, torch.Tensor]:
        loss, logits = 0.0, []
        parts = zip(inputs.chunk(settings.micro_batches), targets.chunk(settings.micro_batches), strict=True)
        for part, target in parts:
            with torch.autocast(device, torch.bfloat16, enabled=low):
                logits.append(network(part).float())
            of_part = functional.cross_entropy(logits[-1], target) / settings.micro_batches
            of_part.backward()
            loss += of_part.item()
        return loss, torch.cat(logits).detach()

    return gradient
