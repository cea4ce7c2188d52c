"""PyTorch's files, read with ``weights_only``, so that no Python in them is run; TorchScript has none."""

import pickle
import re
import struct
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from weightscape.checkpoints.state_dicts import WRAPPERS, without_wrappers
from weightscape.checkpoints.tensors import Tensor

_NOT_TORCH = (
    *(RuntimeError, ValueError, EOFError, LookupError, AssertionError, TypeError, AttributeError),
    *(OSError, struct.error, pickle.UnpicklingError),
)
"""What `torch.load` raises for files that are damaged or of another kind."""


def read_torch(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a state dict, or of a TorchScript archive, which is what OpenAI's files of CLIP are.

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
        if _is_torchscript(file):
            return _torchscript(path)
        try:
            return torch.load(file, map_location="cpu", weights_only=True)
        except _NOT_TORCH as error:
            if refused := re.search(r"Unsupported global: GLOBAL (\S+)", str(error)):
                raise ValueError(
                    f"{path}: holds Python objects ({refused[1]}), which are not loaded because they can run code; "
                    "save the weights alone, with torch.save(model.state_dict(), …)"
                ) from error
            raise ValueError(f"{path}: not a state dict that torch.save wrote, or cut short") from error


def _is_torchscript(file: BinaryIO) -> bool:
    """Return whether a file is an archive with code, and leave it at its start."""
    try:
        with zipfile.ZipFile(file) as archive:
            return any(name.endswith("/constants.pkl") for name in archive.namelist())
    except zipfile.BadZipFile:
        return False
    finally:
        file.seek(0)


def _torchscript(path: Path) -> Mapping[str, Any]:
    import torch

    try:
        with warnings.catch_warnings():  # that archives are not made any more
            warnings.simplefilter("ignore", FutureWarning)
            return torch.jit.load(path, map_location="cpu").state_dict()
    except _NOT_TORCH as error:
        raise ValueError(f"{path}: a TorchScript archive that can't be read") from error


def _dtype(value: Any) -> str:
    import torch

    return str(value.dtype if value.layout == torch.strided else value.layout).removeprefix("torch.")


def _array(value: Any) -> np.ndarray:
    import torch

    value = value.detach()
    exact = not value.is_floating_point() or value.dtype in (torch.float64, torch.float32, torch.float16)
    return np.asarray((value if exact else value.float()).numpy())
