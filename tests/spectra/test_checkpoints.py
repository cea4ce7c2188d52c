"""Reading anyone's checkpoint, and the command that analyses it."""

import json
import struct
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matrices_for_tests import matrix
from safetensors.numpy import save_file

from weightscape.__main__ import main
from weightscape.spectra import analyze
from weightscape.spectra.checkpoints import SafetensorsFile, guess_layers, read_checkpoint

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


def test_safetensors_are_read_one_by_one(safetensors):
    file = SafetensorsFile(safetensors)
    assert set(file) == set(WEIGHTS)
    for name, value in WEIGHTS.items():
        np.testing.assert_array_equal(file[name], value)


def test_every_float_type_is_read_exactly(tmp_path):
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file as save

    kinds = (torch.float64, torch.float32, torch.float16, torch.bfloat16)
    tensors = {f"{kind}.weight": torch.randn(12, 9, dtype=torch.float64).to(kind) for kind in kinds}
    save(tensors, tmp_path / "m.safetensors")
    file = SafetensorsFile(tmp_path / "m.safetensors")
    for name, tensor in tensors.items():
        np.testing.assert_array_equal(file[name].astype(float), tensor.double().numpy())
    save({"w.weight": torch.ones(4, 4).to(torch.float8_e4m3fn)}, tmp_path / "f8.safetensors")
    with pytest.raises(ValueError, match=r"w\.weight is of type F8_E4M3"):
        read_checkpoint(str(tmp_path / "f8.safetensors"))


def test_shards_are_one_model(tmp_path):
    parts = {"a.safetensors": "stem.weight", "b.safetensors": "fc.weight"}
    for file, name in parts.items():
        save_file({name: WEIGHTS[name]}, tmp_path / file)
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {name: file for file, name in parts.items()}}))
    assert set(read_checkpoint(str(index)).weights) == set(parts.values())


def test_torch_files_with_and_without_wrapping(tmp_path, safetensors):
    torch = pytest.importorskip("torch")
    state = {name: torch.tensor(value) for name, value in WEIGHTS.items()} | {"fc.bias": torch.ones(40)}
    torch.save(state, tmp_path / "plain.pt")
    torch.save({"epoch": 3, "state_dict": state}, tmp_path / "wrapped.pth")
    expected = analyze(read_checkpoint(str(safetensors)).weights).set_index("longname").sort_index()
    for file in ("plain.pt", "wrapped.pth"):
        table = analyze(read_checkpoint(str(tmp_path / file)).weights).set_index("longname").sort_index()
        pd.testing.assert_frame_equal(table.drop(columns="layer_id"), expected.drop(columns="layer_id"))


def test_code_in_a_torch_file_is_not_run(tmp_path):
    torch = pytest.importorskip("torch")
    torch.save({"fc.weight": torch.nn.Linear(3, 3)}, tmp_path / "module.pt")
    with pytest.raises(Exception, match="weights_only"):
        read_checkpoint(str(tmp_path / "module.pt"))


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


def test_shapes_tell_depthwise_kernels_but_not_a_grey_stem():
    shapes = {name: value.shape for name, value in WEIGHTS.items()}
    assert guess_layers(shapes) == {"dw.weight": {"groups": 32}}
    coloured = shapes | {"stem.weight": (16, 3, 3, 3)}
    assert guess_layers(coloured) == guess_layers(shapes)
    assert guess_layers({"only.weight": (16, 1, 3, 3)}) == {}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing.safetensors", None, "no such file"),
        ("broken.safetensors", b"\xff" * 40, "not a safetensors file"),
        ("index.json", b"{}", "no weight_map"),
        ("empty.safetensors", struct.pack("<Q", 2) + b"{}", "no weight matrix"),
        ("no-such-architecture", None, "neither a timm model nor a file"),
    ],
)
def test_what_can_not_be_read_is_named(tmp_path, capsys, name, content, message):
    source = tmp_path / name if "." in name else Path(name)
    if content is not None:
        source.write_bytes(content)
    assert main(["spectra", str(source)]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error


def test_the_command_writes_table_pictures_and_page(tmp_path, safetensors, capsys):
    after = tmp_path / "after.safetensors"
    save_file({name: value + 0.01 * matrix(value.shape, 9) for name, value in WEIGHTS.items()}, after)
    table = tmp_path / "table.csv"
    folder = tmp_path / "plots"
    arguments = ["spectra", str(after), "--before", str(safetensors), "-o", str(table), "--plots", str(folder)]
    assert main(arguments) == 0
    written = pd.read_csv(table)
    assert written["longname"].tolist() == ["dw", "fc", "stem"]
    assert written.set_index("longname").loc["dw", "layer_type"] == "depthwise"
    assert written["relative_change"].between(0.001, 0.1).all()
    page = (folder / "index.html").read_text()
    pictures = sorted(path.name for path in folder.glob("*.png"))
    assert len(pictures) == 4
    assert all(f'src="{name}"' in page for name in pictures)
    assert "3/3" in capsys.readouterr().err


def test_the_command_prints_a_table_and_refuses_other_files(safetensors, capsys):
    assert main(["spectra", str(safetensors), "--metrics", "norms", "power_law"]) == 0
    printed = capsys.readouterr().out
    assert "stable_rank" in printed
    assert "fc" in printed
    assert main(["spectra", str(safetensors), "-o", "table.xlsx"]) == 2
    assert "ends in .csv or .parquet" in capsys.readouterr().err
