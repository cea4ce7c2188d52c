"""The state of an unfinished training of a generator in one safetensors file."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import torch
from diffusers.training_utils import EMAModel
from safetensors import safe_open
from safetensors.torch import save_file

from weightscape.files import atomic_path

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Checkpoint:
    """Where the state of a training is kept, and which training it belongs to.

    Attributes
    ----------
    path
        The file; it is replaced as a whole.
    identity
        Text that names everything that decides the result: settings, data, seed, versions, threads. A file with
        another identity is left aside, since going on from it would mix two trainings.
    """

    path: Path
    identity: str

    def save(
        self, losses: list[float], unet: torch.nn.Module, average: EMAModel, optimizer: torch.optim.Optimizer
    ) -> None:
        """Write the state after ``len(losses)`` steps."""
        state = chain(_weights(unet, average), _moments(optimizer))
        tensors = {name: tensor.cpu().clone() for name, tensor in state}
        tensors["losses"] = torch.tensor(losses, dtype=torch.float64)
        with atomic_path(self.path) as temporary:
            save_file(tensors, temporary, metadata={"identity": self.identity})

    def load(self, unet: torch.nn.Module, average: EMAModel, optimizer: torch.optim.Optimizer) -> list[float]:
        """Put a saved state into the objects and return the losses so far; none if there is no state to go on from."""
        if not self.path.exists():
            return []
        with safe_open(self.path, "pt") as file:
            if file.metadata() != {"identity": self.identity}:
                log.info("the checkpoint %s belongs to another training, starting afresh", self.path)
                return []
            saved: Mapping[str, torch.Tensor] = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        with torch.no_grad():
            for name, tensor in _weights(unet, average):
                tensor.copy_(saved[name])
        _restore_moments(optimizer, saved)
        losses: list[float] = saved["losses"].tolist()
        average.optimization_step = len(losses)
        return losses


def _weights(unet: torch.nn.Module, average: EMAModel) -> Iterator[tuple[str, torch.Tensor]]:
    for name, tensor in unet.state_dict().items():
        yield f"unet/{name}", tensor
    for index, tensor in enumerate(average.shadow_params):
        yield f"average/{index}", tensor


def _moments(optimizer: torch.optim.Optimizer) -> Iterator[tuple[str, torch.Tensor]]:
    for index, moments in optimizer.state_dict()["state"].items():
        for name, tensor in moments.items():
            yield f"optimizer/{index}/{name}", tensor


def _restore_moments(optimizer: torch.optim.Optimizer, saved: Mapping[str, torch.Tensor]) -> None:
    state: dict[int, dict[str, torch.Tensor]] = {}
    for key, tensor in saved.items():
        if key.startswith("optimizer/"):
            _, index, name = key.split("/")
            state.setdefault(int(index), {})[name] = tensor
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
