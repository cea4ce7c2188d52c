"""PyTorch's files, read with ``weights_only``, so that nothing in them is run."""

import pickle
import re
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from weightscape.checkpoints.state_dicts import WRAPPERS, without_wrappers
from weightscape.checkpoints.tensors import Tensor

_NOT_TORCH = (
    *(RuntimeError, ValueError, EOFError, LookupError, AssertionError, TypeError, AttributeError),
    *(OSError, struct.error, pickle.UnpicklingError),
)
"""What `torch.load` raises for files that are damaged or of another kind."""


def read_torch(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a state dict.

    Raises
    ------
    ValueError
        If the file is not one of PyTorch's, or holds Python objects or no state dict.
    """
    state = without_wrappers(_load(path))
    if not isinstance(state, dict):
        raise ValueError(f"{path}: {type(state).__name__} found, a state dict is allowed")
    tensors = state_tensors(state)
    if not tensors:
        keys = ", ".join(f"{key!r} ({type(value).__name__})" for key, value in [*state.items()][:5])
        raise ValueError(
            f"{path}: no weight matrix in it; found {keys or 'nothing'} at its top level, "
            f"a state dict, or one under {', '.join(map(repr, WRAPPERS))}, is allowed"
        )
    return tensors


def state_tensors(state: Mapping[Any, Any]) -> dict[str, Tensor]:
    """Return the tensors of a state dict, in its order."""
    import torch

    return {
        name: Tensor(tuple(value.shape), _dtype(value), lambda value=value: _array(value))  # type: ignore[misc]
        for name, value in state.items()
        if isinstance(name, str) and isinstance(value, torch.Tensor)
    }


def _load(path: Path) -> Any:
    import torch

    with open(path, "rb") as file:
        try:
            return torch.load(file, map_location="cpu", weights_only=True)
        except _NOT_TORCH as error:
            if refused := re.search(r"Unsupported global: GLOBAL (\S+)", str(error)):
                raise ValueError(
                    f"{path}: holds Python objects ({refused[1]}), which are not loaded because they can run code; "
                    "save the weights alone, with torch.save(model.state_dict(), …)"
                ) from error
            raise ValueError(f"{path}: not a state dict that torch.save wrote, or cut short") from error


def _dtype(value: Any) -> str:
    import torch

    return str(value.dtype if value.layout == torch.strided else value.layout).removeprefix("torch.")


def _array(value: Any) -> np.ndarray:
    import torch

    value = value.detach()
    exact = not value.is_floating_point() or value.dtype in (torch.float64, torch.float32, torch.float16)
    return np.asarray((value if exact else value.float()).numpy())
