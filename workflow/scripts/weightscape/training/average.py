"""The exponential moving average of a network's weights (Polyak & Juditsky 1992; Tarvainen & Valpola, 1703.01780)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import nn


class MovingAverage:
    """The moving average of everything in a network's state dict.

    It starts as the network before training. Numbers that are no floats, such as counts of batches, are those of the
    network.

    Parameters
    ----------
    model
        The network before its first step.
    decay
        What of the average stays at each step; the rest is the network's.
    """

    def __init__(self, model: nn.Module, decay: float):
        self._model, self._decay = model, decay
        self.state = {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}

    @torch.no_grad()
    def update(self) -> None:
        """Take up the network after a step."""
        for name, tensor in self._model.state_dict().items():
            if tensor.is_floating_point():
                self.state[name].lerp_(tensor, 1 - self._decay)
            else:
                self.state[name].copy_(tensor)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Have the network hold the average for a while."""
        own = self._model.state_dict()  # of tensors that the network goes on to use
        kept = {name: tensor.detach().clone() for name, tensor in own.items()}
        _copy(self.state, own)
        try:
            yield
        finally:
            _copy(kept, own)


@torch.no_grad()
def _copy(source: Mapping[str, torch.Tensor], target: Mapping[str, torch.Tensor]) -> None:
    for name, tensor in target.items():
        tensor.copy_(source[name])
