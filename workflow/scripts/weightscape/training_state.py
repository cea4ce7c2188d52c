"""The state of an unfinished training in one safetensors file, from which it resumes."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from weightscape.files import atomic_path

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainingState:
    """Where the state of a training is kept, and which training it belongs to.

    Attributes
    ----------
    path
        The file; it is replaced as a whole.
    identity
        Text that names everything that decides the result: settings, data, seed, code, versions, threads. A file with
        another identity is ignored, since resuming from it would mix two trainings.
    """

    path: Path
    identity: str

    def save(self, state: Iterable[tuple[str, torch.Tensor]]) -> None:
        """Write named tensors of any shape and device."""
        tensors = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in state}
        with atomic_path(self.path) as temporary:
            save_file(tensors, temporary, metadata={"identity": self.identity})

    def load(self) -> dict[str, torch.Tensor] | None:
        """Return the saved tensors, None if there is no state of this training to resume from."""
        if not self.path.exists():
            return None
        try:
            with safe_open(self.path, "pt") as file:
                if file.metadata() != {"identity": self.identity}:
                    log.info("the training state %s belongs to another training, starting afresh", self.path)
                    return None
                return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        except SafetensorError as error:
            log.warning("the training state %s is damaged (%s), starting afresh", self.path, error)
            return None


def moments(optimizer: torch.optim.Optimizer) -> Iterator[tuple[str, torch.Tensor]]:
    """Yield the optimizer's state tensors by name."""
    for index, state in optimizer.state_dict()["state"].items():
        for name, tensor in state.items():
            yield f"optimizer/{index}/{name}", tensor


def restore_moments(optimizer: torch.optim.Optimizer, saved: Mapping[str, torch.Tensor]) -> None:
    """Put saved state tensors into the optimizer, each in the memory order of its parameter, as the optimizer would."""
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    state: dict[int, dict[str, torch.Tensor]] = {}
    for key, tensor in saved.items():
        if key.startswith("optimizer/"):
            _, index, name = key.split("/")
            parameter = parameters[int(index)]
            if tensor.shape == parameter.shape:
                tensor = torch.empty_like(parameter, requires_grad=False).copy_(tensor)
            state.setdefault(int(index), {})[name] = tensor
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
