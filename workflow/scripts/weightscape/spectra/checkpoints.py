"""Weights from anyone's checkpoint, one array at a time.

Nothing is unpickled: torch files are read with ``weights_only``. A safetensors file is never read whole.
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

SUFFIXES = (".safetensors", ".json", ".pt", ".pth", ".bin", ".ckpt", ".onnx")
_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}
_WRAPPERS = ("state_dict", "model_state_dict", "model", "module")


@dataclass(frozen=True)
class Checkpoint:
    """The matrices and kernels of a model.

    Attributes
    ----------
    weights
        Weight name → array; may load on access.
    layers
        What is known of the layers: weight name → ``{"kind", "groups"}``.
    """

    weights: Mapping[str, np.ndarray]
    layers: Mapping[str, Mapping[str, Any]]


class SafetensorsFile(Mapping[str, np.ndarray]):
    """The weight matrices of a safetensors file; each is read when asked for, bfloat16 as float32."""

    def __init__(self, path: Path):
        self._path = path
        with open(path, "rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if not 2 <= length <= path.stat().st_size:
                raise ValueError(f"{path}: not a safetensors file")
            header = json.loads(file.read(length))
        self._start = 8 + length
        self._entries = {
            name: entry
            for name, entry in header.items()
            if name != "__metadata__" and is_matrix(name, entry["shape"]) and not entry["dtype"].startswith(("I", "U"))
        }
        for name, entry in self._entries.items():
            if entry["dtype"] not in _DTYPES:
                raise ValueError(f"{path}: {name} is of type {entry['dtype']}; allowed are {', '.join(_DTYPES)}")

    def __getitem__(self, name: str) -> np.ndarray:
        """Read one array."""
        entry = self._entries[name]
        first, end = entry["data_offsets"]
        dtype = np.dtype(_DTYPES[entry["dtype"]])
        values = np.fromfile(self._path, dtype, (end - first) // dtype.itemsize, offset=self._start + first)
        if entry["dtype"] == "BF16":  # the upper half of a float32
            values = (values.astype(np.uint32) << 16).view(np.float32)
        return values.reshape(entry["shape"])

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of each array, without reading it."""
        return {name: tuple(entry["shape"]) for name, entry in self._entries.items()}


class _Shards(Mapping[str, np.ndarray]):
    """Several safetensors files as one."""

    def __init__(self, files: list[SafetensorsFile]):
        self._files = {name: file for file in files for name in file}

    def __getitem__(self, name: str) -> np.ndarray:
        return self._files[name][name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def read_checkpoint(source: str, architecture: str | None = None) -> Checkpoint:
    """Read a model's weight matrices.

    Parameters
    ----------
    source
        A safetensors file or the ``.index.json`` of several, a torch state dict, an ONNX file (needs the package
        ``onnx``), or the name of a timm model with pre-trained weights.
    architecture
        timm model that says how the layers of a file are grouped. Without it, see
        `guess_layers`.

    Raises
    ------
    ValueError
        If the source is none of these, or a file isn't what its suffix says.
    FileNotFoundError
        If a path with a known suffix doesn't exist.
    """
    path = Path(source)
    if path.suffix not in SUFFIXES:
        return _timm(source)
    if not path.is_file():
        raise FileNotFoundError(f"{source}: no such file")
    layers: Mapping[str, Mapping[str, Any]] = {}
    if path.suffix == ".safetensors":
        file = SafetensorsFile(path)
        weights: Mapping[str, np.ndarray] = file
        layers = guess_layers(file.shapes())
    elif path.suffix == ".json":
        files = [SafetensorsFile(path.parent / name) for name in sorted(set(_index(path).values()))]
        weights = _Shards(files)
        layers = guess_layers({name: shape for file in files for name, shape in file.shapes().items()})
    elif path.suffix == ".onnx":
        weights, layers = _onnx(path)
    else:
        weights = _torch(path)
        layers = guess_layers({name: value.shape for name, value in weights.items()})
    if not weights:
        raise ValueError(f"{source}: no weight matrix in it")
    return Checkpoint(weights, _timm_layers(architecture) if architecture else layers)


def is_matrix(name: str, shape: tuple[int, ...] | list[int]) -> bool:
    """Return whether a tensor is a layer's weight: two dimensions or more, and named so."""
    return len(shape) >= 2 and math.prod(shape) > 0 and name.endswith(("weight", "kernel"))


def guess_layers(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, dict[str, Any]]:
    """Return the groups that shapes alone suggest: kernels with one input channel are depthwise.

    In a model without a kernel for three colours, the one of them with the fewest channels is taken for the stem of a
    model for grey images. Other grouped kernels can't be told from ungrouped ones by their shape.
    """
    kernels = {name: shape for name, shape in shapes.items() if len(shape) > 2}
    single = [name for name, shape in kernels.items() if shape[1] == 1 and math.prod(shape[2:]) > 1]
    if single and not any(shape[1] == 3 for shape in kernels.values()):
        single.remove(min(single, key=lambda name: kernels[name][0]))
    return {name: {"groups": kernels[name][0]} for name in single}


def _index(path: Path) -> dict[str, str]:
    index = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(index, dict) or "weight_map" not in index:
        raise ValueError(f"{path}: no weight_map in it, so not the index of safetensors files")
    return dict(index["weight_map"])


def _torch(path: Path) -> dict[str, np.ndarray]:
    import torch

    state = torch.load(path, map_location="cpu", weights_only=True)
    for wrapper in _WRAPPERS:
        if isinstance(state, dict) and isinstance(state.get(wrapper), dict):
            state = state[wrapper]
    if not isinstance(state, dict):
        raise ValueError(f"{path}: {type(state).__name__} found, a state dict is allowed")
    tensors = {name: value for name, value in state.items() if isinstance(value, torch.Tensor)}
    return {
        name: (value if value.dtype in (torch.float64, torch.float16) else value.float()).numpy()
        for name, value in tensors.items()
        if is_matrix(name, value.shape) and value.is_floating_point()
    }


def _timm(name: str) -> Checkpoint:
    import timm

    if not timm.is_model(name.split(".")[0]):
        raise ValueError(f"{name}: neither a timm model nor a file with one of the suffixes {', '.join(SUFFIXES)}")
    from weightscape.backbone import describe_layers

    model = timm.create_model(name, pretrained=True)
    layers = describe_layers(model)
    return Checkpoint({key: value.numpy() for key, value in model.state_dict().items() if key in layers}, layers)


def _timm_layers(architecture: str) -> Mapping[str, Mapping[str, Any]]:
    import timm

    from weightscape.backbone import describe_layers

    return describe_layers(timm.create_model(architecture, pretrained=False))


def _onnx(path: Path) -> tuple[dict[str, np.ndarray], dict[str, dict[str, Any]]]:
    """Return the constants that matrix products and convolutions of an ONNX graph use, out × in.

    ``MatMul`` and ``Gemm`` without ``transB`` hold their weight as in × out; it is transposed. Exporters may give
    constants names of their own.
    """
    try:
        import onnx
        from onnx import numpy_helper
    except ImportError as error:
        raise ValueError(f"{path}: reading ONNX needs the package onnx (pip install onnx)") from error

    graph = onnx.load(path).graph
    constants = {tensor.name: tensor for tensor in graph.initializer}
    weights: dict[str, np.ndarray] = {}
    layers: dict[str, dict[str, Any]] = {}
    for node in graph.node:
        if node.op_type not in ("Conv", "MatMul", "Gemm") or len(node.input) < 2 or node.input[1] not in constants:
            continue
        name = node.input[1]
        attributes = {attribute.name: attribute.i for attribute in node.attribute}
        value = np.asarray(numpy_helper.to_array(constants[name]))
        if node.op_type == "Conv":
            layers[name] = {"groups": attributes.get("group", 1)}
        elif node.op_type == "MatMul" or not attributes.get("transB", 0):
            value = value.T
        if value.ndim >= 2:
            weights[name] = value
    return weights, layers
