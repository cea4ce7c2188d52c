"""safetensors files: the header is read and checked at once, each tensor when it is asked for.

Format: https://huggingface.co/docs/safetensors
"""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from weightscape.checkpoints.names import in_depth_order
from weightscape.checkpoints.tensors import COUNTS, Tensor

_NAMES = {
    "F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16",
    "F8_E4M3": "float8_e4m3fn", "F8_E5M2": "float8_e5m2",
    "I64": "int64", "I32": "int32", "I16": "int16", "I8": "int8",
    "U64": "uint64", "U32": "uint32", "U16": "uint16", "U8": "uint8",
    "BOOL": "bool", "C64": "complex64",
}  # fmt: skip
_STORED = {
    "float64": "<f8",
    "float32": "<f4",
    "float16": "<f2",
    "bfloat16": "<u2",
    "float8_e4m3fn": "u1",
    "float8_e5m2": "u1",
    **{name: np.dtype(name).newbyteorder("<").str for name in COUNTS},
}


def read_safetensors(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a safetensors file, in the order of depth that their names tell.

    Raises
    ------
    ValueError
        If the header is not that of a safetensors file, or a tensor lies beyond the end of the file.
    """
    size = path.stat().st_size
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 2 <= length <= size - 8:
            raise ValueError(f"{path}: not a safetensors file, or cut short in its header")
        header = _json(path, file.read(length), "not a safetensors file: its header")
    start = 8 + length
    tensors = {
        name: _tensor(path, name, entry, start, size) for name, entry in header.items() if name != "__metadata__"
    }
    return {name: tensors[name] for name in in_depth_order(tensors)}


def read_index(path: Path) -> dict[str, Tensor]:
    """Return the tensors of the safetensors files that an ``.index.json`` names.

    Raises
    ------
    ValueError
        If it is no such index, or one of its files is no safetensors file or lacks a tensor.
    FileNotFoundError
        If one of its files doesn't exist.
    """
    files = _json(path, path.read_bytes(), "not an index of safetensors files: it").get("weight_map")
    if not isinstance(files, dict) or not all(isinstance(file, str) for file in files.values()):
        raise ValueError(f"{path}: no weight_map from names to safetensors files in it")
    tensors: dict[str, Tensor] = {}
    for file in sorted(set(files.values())):
        if not (path.parent / file).is_file():
            raise FileNotFoundError(f"{path.parent / file}: no such file, but {path.name} names it")
        tensors |= read_safetensors(path.parent / file)
    for name, file in files.items():
        if name not in tensors:
            raise ValueError(f"{path.parent / file}: {name} is not in it, but {path.name} says so")
    return {name: tensors[name] for name in in_depth_order(tensors)}


def _json(path: Path, content: bytes, problem: str) -> dict[str, Any]:
    try:
        value = json.loads(content)
    except ValueError as error:
        raise ValueError(f"{path}: {problem} is not JSON ({error})") from error
    if not isinstance(value, dict):
        raise ValueError(f"{path}: {problem} is a JSON {type(value).__name__}, an object is allowed")
    return value


def _tensor(path: Path, name: str, entry: Any, start: int, size: int) -> Tensor:
    match entry:
        case {"dtype": str(code), "shape": [*shape], "data_offsets": [int(first), int(end)]} if all(
            isinstance(length, int) and length >= 0 for length in shape
        ):
            pass
        case _:
            raise ValueError(
                f"{path}: {name}: {entry!r} found, an object with dtype, shape and data_offsets is allowed"
            )
    if not 0 <= first <= end <= size - start:
        raise ValueError(
            f"{path}: {name}: data_offsets {[first, end]} found, but the file has {size - start} bytes of data"
            " (is it cut short?)"
        )
    dtype = _NAMES.get(code, code)
    if dtype in _STORED and (end - first) != math.prod(shape) * np.dtype(_STORED[dtype]).itemsize:
        raise ValueError(f"{path}: {name}: {end - first} bytes found, which is not the size of {shape} {code} values")
    return Tensor(tuple(shape), dtype, lambda: _read(path, dtype, start + first, tuple(shape)))


def _read(path: Path, dtype: str, offset: int, shape: tuple[int, ...]) -> np.ndarray:
    stored = np.fromfile(path, _STORED[dtype], math.prod(shape), offset=offset).reshape(shape)
    return _DECODERS[dtype](stored) if dtype in _DECODERS else stored


def _bfloat16(stored: np.ndarray) -> np.ndarray:
    """Decode the upper half of a float32."""
    return (stored.astype(np.uint32) << 16).view(np.float32)


def _float8_e5m2(stored: np.ndarray) -> np.ndarray:
    """Decode the upper half of a float16."""
    return (stored.astype(np.uint16) << 8).view(np.float16).astype(np.float32)


def _float8_e4m3fn(stored: np.ndarray) -> np.ndarray:
    """Decode 1 + 4 + 3 bits with bias 7: a float16 (bias 15) times 2⁸, except that all ones are NaN.

    Micikevicius et al. 2022, FP8 formats for deep learning, arXiv:2209.05433.
    """
    bits = stored.astype(np.uint16)
    half = ((bits & 0x80) << 8 | (bits & 0x7F) << 7).view(np.float16)
    return np.where(bits & 0x7F == 0x7F, np.float32(np.nan), half.astype(np.float32) * 256)


_DECODERS = {"bfloat16": _bfloat16, "float8_e5m2": _float8_e5m2, "float8_e4m3fn": _float8_e4m3fn}
