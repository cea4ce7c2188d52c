"""ONNX files; reading them needs the package ``onnx``."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from weightscape.checkpoints.tensors import Tensor

if TYPE_CHECKING:
    from weightscape.spectra.matrices import LayerDescription


def read_onnx(path: Path) -> "tuple[dict[str, Tensor], dict[str, LayerDescription]]":
    """Return the constants that matrix products and convolutions use, out × in, and the groups of the convolutions.

    ``MatMul`` and ``Gemm`` without ``transB`` hold their weight as in × out; it is transposed. Exporters may give
    constants names of their own.

    Raises
    ------
    ValueError
        If the package ``onnx`` is missing, or the file is not ONNX or uses no constant so.
    """
    graph = _graph(path)
    constants = {tensor.name: tensor for tensor in graph.initializer}
    tensors: dict[str, Tensor] = {}
    layers: dict[str, LayerDescription] = {}
    for node in graph.node:
        if node.op_type not in ("Conv", "MatMul", "Gemm") or len(node.input) < 2 or node.input[1] not in constants:
            continue
        name = node.input[1]
        attributes = {attribute.name: attribute.i for attribute in node.attribute}
        tensor = _tensor(constants[name])
        if node.op_type == "Conv":
            layers[name] = {"groups": attributes.get("group", 1)}
        elif node.op_type == "MatMul" or not attributes.get("transB", 0):
            tensor = tensor.transpose(tuple(reversed(range(len(tensor.shape)))))
        tensors[name] = tensor
    if not tensors:
        operators = ", ".join(sorted({node.op_type for node in graph.node})) or "no node"
        raise ValueError(
            f"{path}: no weight matrix in it; found {operators}; Conv, MatMul and Gemm with constants are allowed"
        )
    return tensors, layers


def _graph(path: Path) -> Any:
    try:
        import onnx
        from google.protobuf.message import DecodeError
    except ImportError as error:
        raise ValueError(f"{path}: reading ONNX needs the package onnx (pip install onnx)") from error
    try:
        return onnx.load(path).graph
    except (DecodeError, onnx.checker.ValidationError) as error:
        raise ValueError(f"{path}: not an ONNX file, or its external data is missing ({error})") from error


def _tensor(constant: Any) -> Tensor:
    import onnx

    dtype = str(onnx.helper.tensor_dtype_to_np_dtype(constant.data_type))

    def read() -> np.ndarray:
        array = onnx.numpy_helper.to_array(constant)
        return np.asarray(array if dtype in ("float64", "float16") else array.astype(np.float32))

    return Tensor(tuple(constant.dims), dtype, read)
