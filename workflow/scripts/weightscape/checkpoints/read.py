"""Reading a checkpoint of any format."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from weightscape.checkpoints.layers import (
    Architecture,
    check_fits,
    describe,
    guess_layers,
    timm_architecture,
)
from weightscape.checkpoints.onnx_file import read_onnx
from weightscape.checkpoints.safetensors_file import read_index, read_safetensors
from weightscape.checkpoints.selection import out_by_in, select, why_no_layer, why_unusable
from weightscape.checkpoints.state_dicts import without_framework_prefixes
from weightscape.checkpoints.tensors import COUNTS, FLOATS, Tensor, Weights
from weightscape.checkpoints.torch_file import read_torch, state_tensors

if TYPE_CHECKING:
    from weightscape.spectra.matrices import Layers

READERS = {
    ".safetensors": read_safetensors,
    **dict.fromkeys((".pt", ".pth", ".bin", ".ckpt"), read_torch),
    ".json": read_index,
}
SUFFIXES = (*READERS, ".onnx")
STATE_SUFFIXES = tuple(suffix for suffix, read in READERS.items() if read is not read_index)
"""Of single files that hold a whole state dict."""


@dataclass(frozen=True)
class Checkpoint:
    """The matrices and kernels of a model.

    Attributes
    ----------
    weights
        Weight name → array, read on access; in the order of the model as far as the source tells it.
    layers
        What is known of the layers: weight name → ``{"kind", "groups"}``.
    skipped
        Other tensors of two dimensions or more: name → why it is no weight that can be analysed.
    """

    weights: Mapping[str, np.ndarray]
    layers: "Layers"
    skipped: Mapping[str, str]


def read_checkpoint(source: str, architecture: str | None = None) -> Checkpoint:
    """Read a model's weight matrices.

    Parameters
    ----------
    source
        A safetensors file or the ``.index.json`` of several, a torch state dict, an ONNX file (needs the package
        ``onnx``), or the name of a timm model with pre-trained weights.
    architecture
        timm model that says how the layers of a file are ordered and grouped. What it doesn't describe is guessed; see
        `guess_layers`.

    Raises
    ------
    ValueError
        If the source is none of these, a file isn't what its suffix says or has no weight, or the architecture is not
        that of the file.
    OSError
        If a path with a known suffix can't be read.
    """
    path = Path(source)
    if path.suffix not in SUFFIXES and not path.is_dir():
        return _timm(source)
    if not path.is_file():
        problem = f"a folder found, a file that ends in one of {', '.join(SUFFIXES)} is allowed"
        raise FileNotFoundError(f"{source}: {problem if path.is_dir() else 'no such file'}")
    known = timm_architecture(architecture) if architecture else None
    if path.suffix == ".onnx":
        tensors, groups = read_onnx(path)
        return _checkpoint(source, *select(tensors, why_unusable), known, groups)
    return _named(source, without_framework_prefixes(READERS[path.suffix](path)), known)


def read_state(path: str) -> dict[str, np.ndarray]:
    """Read all tensors of a state dict, whose file ends in one of `STATE_SUFFIXES`.

    Raises
    ------
    ValueError
        If the file isn't what its suffix says, or a tensor is not finite or of a type that is not read; the message
        starts with the file.
    OSError
        If it can't be read.
    """
    tensors = without_framework_prefixes(READERS[Path(path).suffix](Path(path)))
    for name, tensor in tensors.items():
        if tensor.dtype not in (*FLOATS, *COUNTS):
            raise ValueError(f"{path}: {name}: {tensor.dtype} values found; allowed: {', '.join((*FLOATS, *COUNTS))}")
    return dict(Weights(path, tensors))


def _timm(name: str) -> Checkpoint:
    import timm

    if not timm.is_model(name.split(".")[0]):
        raise ValueError(f"{name}: neither a timm model nor a file with one of the suffixes {', '.join(SUFFIXES)}")
    try:
        model = timm.create_model(name, pretrained=True)
    except (RuntimeError, OSError) as error:
        raise ValueError(f"{name}: timm has no pre-trained weights of it here ({error})") from error
    return _named(name, state_tensors(model.state_dict()), describe(name, model))


def _named(source: str, tensors: Mapping[str, Tensor], known: Architecture | None) -> Checkpoint:
    """Return the checkpoint of tensors whose names say which are weights."""
    weights, skipped = select(tensors, why_no_layer)
    return _checkpoint(source, {name: out_by_in(name, tensor) for name, tensor in weights.items()}, skipped, known)


def _checkpoint(
    source: str,
    weights: Mapping[str, Tensor],
    skipped: Mapping[str, str],
    known: Architecture | None,
    groups: "Layers | None" = None,
) -> Checkpoint:
    """Return the checkpoint, with the layers as the architecture or the file describes them, or else guessed."""
    if not weights:
        reasons = ", ".join(f"{name} ({reason})" for name, reason in [*skipped.items()][:3])
        raise ValueError(f"{source}: no weight matrix in it; found {reasons or 'no tensor of two dimensions or more'}")
    shapes = {name: tensor.shape for name, tensor in weights.items()}
    if known is None:
        return Checkpoint(Weights(source, weights), groups or guess_layers(shapes), skipped)
    check_fits(source, shapes, known)
    order = [name for name in known.shapes if name in weights]
    order += [name for name in weights if name not in known.shapes]
    guessed = groups or guess_layers({name: shapes[name] for name in order})
    described = {name: layer for name, layer in known.layers.items() if name in weights}
    return Checkpoint(Weights(source, {name: weights[name] for name in order}), {**guessed, **described}, skipped)
