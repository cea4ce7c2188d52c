"""Reading anyone's checkpoint, and the command that analyses it."""

import json
import tracemalloc
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matrices_for_tests import matrix
from safetensors.numpy import save_file

from weightscape.checkpoints.read import read_checkpoint
from weightscape.spectra import analyze

WEIGHTS = {
    "stem.weight": matrix((16, 1, 3, 3)),
    "dw.weight": matrix((32, 1, 3, 3), 1),
    "fc.weight": matrix((40, 16), 2),
}


@pytest.fixture
def safetensors(tmp_path: Path) -> Path:
    path = tmp_path / "model.safetensors"
    others = {"fc.bias": np.ones(40, np.float32), "steps": np.array([[3]]), "pos_embed": np.ones((1, 4, 5), np.float32)}
    save_file(WEIGHTS | others, path)
    return path


def _saved(tensors: Mapping[str, Any], path: Path) -> Path:
    """Save PyTorch's tensors in the format of the path's suffix."""
    import torch
    from safetensors.torch import save_file as save

    (save if path.suffix == ".safetensors" else torch.save)(tensors, path)
    return path


def test_safetensors_are_read_one_by_one(tmp_path):
    layers = {f"layers.{index}.weight": matrix((300, 200), index) for index in range(20)}
    save_file(layers, tmp_path / "m.safetensors")
    tracemalloc.start()
    weights = read_checkpoint(str(tmp_path / "m.safetensors")).weights
    assert len([name for name in layers if name in weights]) == 20
    opened = tracemalloc.get_traced_memory()[1]
    for name, value in layers.items():
        np.testing.assert_array_equal(weights[name], value)
    read = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    size = layers["layers.0.weight"].nbytes
    assert opened < 0.5 * size
    assert size < read < 6 * size


@pytest.mark.parametrize("suffix", [".safetensors", ".pt"])
def test_every_float_type_is_read_exactly(tmp_path, suffix):
    torch = pytest.importorskip("torch")
    kinds = ("float64", "float32", "float16", "bfloat16", "float8_e4m3fn", "float8_e5m2")
    tensors = {
        f"{kind}.weight": torch.randn(12, 9, dtype=torch.float64).to(getattr(torch, kind)).clone() for kind in kinds
    }
    weights = read_checkpoint(str(_saved(tensors, tmp_path / f"m{suffix}"))).weights
    assert set(weights) == set(tensors)
    for name, tensor in tensors.items():
        np.testing.assert_array_equal(weights[name].astype(float), tensor.double().numpy())


@pytest.mark.parametrize("kind", ["float8_e4m3fn", "float8_e5m2"])
def test_every_float8_is_decoded_as_torch_does(tmp_path, kind):
    torch = pytest.importorskip("torch")
    every = torch.arange(256, dtype=torch.uint8).view(getattr(torch, kind))
    finite = every[torch.isfinite(every.float())].reshape(2, -1).clone()
    weights = read_checkpoint(str(_saved({"w.weight": finite}, tmp_path / "m.safetensors"))).weights
    np.testing.assert_array_equal(weights["w.weight"], finite.float().numpy())


@pytest.mark.parametrize("suffix", [".safetensors", ".pt"])
def test_what_is_skipped_is_told_with_the_reason(tmp_path, suffix):
    torch = pytest.importorskip("torch")
    ones = torch.ones(4, 6)
    tensors = {
        "fc.weight": ones.clone(),
        "fc.bias": ones[0].clone(),
        "int.weight": ones.to(torch.int8),
        "mask.weight": ones > 0,
        "complex.weight": ones.to(torch.complex64),
        "scaled.weight": ones.to(torch.float8_e4m3fn),
        "scaled.weight_scale_inv": ones[:1, :1].clone(),
        "pos_embed": ones.clone(),
        "wn.parametrizations.weight.original1": ones.clone(),
        "old_wn.weight_v": ones.clone(),
        "empty.weight": torch.ones(0, 3),
        "q.kernel": torch.ones(4, 2, 3),
        "deep.weight": torch.ones(2, 2, 2, 2, 2, 2),
    }
    model = read_checkpoint(str(_saved(tensors, tmp_path / f"m{suffix}")))
    assert list(model.weights) == ["fc.weight"]
    assert dict(model.skipped) == {
        "int.weight": "int8 values",
        "mask.weight": "bool values",
        "complex.weight": "complex64 values",
        "scaled.weight": "float8_e4m3fn values whose scale is another tensor",
        "scaled.weight_scale_inv": "not named as a weight",
        "pos_embed": "not named as a weight",
        "wn.parametrizations.weight.original1": "a part of a parametrised weight",
        "old_wn.weight_v": "a part of a parametrised weight",
        "empty.weight": "no elements",
        "q.kernel": "a convolution or an attention projection of Flax, which its shape doesn't tell",
        "deep.weight": "6 dimensions",
    }


def test_recurrent_and_low_rank_weights_are_dense_layers(tmp_path):
    shape = (12, 4)
    names = ["gru.weight_ih_l0", "gru.weight_hh_l0_reverse", "cell.weight_hh", "q.lora_A.weight", "q.lora_B.weight"]
    save_file({name: matrix(shape, seed) for seed, name in enumerate(names)}, tmp_path / "m.safetensors")
    table = analyze(read_checkpoint(str(tmp_path / "m.safetensors")).weights, metrics=("norms",))
    assert len(table) == len(names)
    assert set(table["layer_type"]) == {"dense"}


def test_kernels_of_flax_are_turned_to_out_by_in(tmp_path):
    dense, kernel = matrix((5, 7)), matrix((3, 2, 4, 6))
    save_file({"dense.kernel": dense, "conv.kernel": kernel, "torch.weight": dense}, tmp_path / "m.safetensors")
    weights = read_checkpoint(str(tmp_path / "m.safetensors")).weights
    np.testing.assert_array_equal(weights["dense.kernel"], dense.T)
    np.testing.assert_array_equal(weights["torch.weight"], dense)
    assert weights["conv.kernel"].shape == (6, 4, 3, 2)
    np.testing.assert_array_equal(weights["conv.kernel"][:, :, 2, 1], kernel[2, 1].T)


def test_shards_are_one_model(tmp_path):
    parts = {"a.safetensors": "stem.weight", "b.safetensors": "fc.weight"}
    for file, name in parts.items():
        save_file({name: WEIGHTS[name]}, tmp_path / file)
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {name: file for file, name in reversed(parts.items())}}))
    assert list(read_checkpoint(str(index)).weights) == list(parts.values())


def test_torch_files_with_and_without_wrapping(tmp_path, safetensors):
    torch = pytest.importorskip("torch")
    state = {name: torch.tensor(value) for name, value in WEIGHTS.items()} | {"fc.bias": torch.ones(40)}
    torch.save(state, tmp_path / "plain.pt")
    torch.save({"epoch": 3, "state_dict": state}, tmp_path / "wrapped.pth")
    expected = analyze(read_checkpoint(str(safetensors)).weights).set_index("longname").sort_index()
    for file in ("plain.pt", "wrapped.pth"):
        table = analyze(read_checkpoint(str(tmp_path / file)).weights).set_index("longname").sort_index()
        pd.testing.assert_frame_equal(table.drop(columns="layer_id"), expected.drop(columns="layer_id"))


def test_named_parameters_are_read_like_a_state_dict(tmp_path):
    torch = pytest.importorskip("torch")
    layer = torch.nn.Linear(5, 4)
    torch.save(dict(layer.named_parameters()), tmp_path / "m.pt")
    weights = read_checkpoint(str(tmp_path / "m.pt")).weights
    np.testing.assert_array_equal(weights["weight"], layer.weight.detach().numpy())


def test_timm_names_come_with_their_groups(monkeypatch):
    timm = pytest.importorskip("timm")
    build = timm.create_model
    monkeypatch.setattr(timm, "create_model", lambda name, pretrained: build(name, pretrained=pretrained and False))
    model = read_checkpoint("resnext26ts")
    grouped = [name for name, layer in model.layers.items() if layer["groups"] > 1]
    assert grouped
    assert set(model.weights) == set(model.layers)


def test_onnx_weights_are_out_by_in(tmp_path):
    onnx = pytest.importorskip("onnx")
    constants = {
        "conv": matrix((8, 2, 3, 3)),
        "matmul": matrix((5, 7)),
        "gemm": matrix((4, 5)),
    }
    nodes = [
        onnx.helper.make_node("Conv", ["x", "conv"], ["a"], group=4),
        onnx.helper.make_node("MatMul", ["a", "matmul"], ["b"]),
        onnx.helper.make_node("Gemm", ["b", "gemm"], ["y"], transB=1),
    ]
    values = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in ("x", "y")]
    initializers = [onnx.numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = onnx.helper.make_graph(nodes, "g", values[:1], values[1:], initializers)
    onnx.save(onnx.helper.make_model(graph), tmp_path / "m.onnx")
    model = read_checkpoint(str(tmp_path / "m.onnx"))
    np.testing.assert_array_equal(model.weights["matmul"], constants["matmul"].T)
    np.testing.assert_array_equal(model.weights["gemm"], constants["gemm"])
    assert model.layers == {"conv": {"groups": 4}}
