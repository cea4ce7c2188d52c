"""Checkpoints that can't be read: one line says which file, what was found and what is allowed."""

import argparse
import json
import struct
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from weightscape.__main__ import main
from weightscape.checkpoints.read import read_checkpoint

PLACED = {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}


def _header(value: object) -> bytes:
    text = json.dumps(value).encode()
    return struct.pack("<Q", len(text)) + text + bytes(16)


def _refused(source: Path | str, capsys: pytest.CaptureFixture[str]) -> str:
    """Return the line with which the command refuses a model."""
    assert main(["spectra", str(source)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("weightscape: ")
    assert error.count("\n") == 1
    return error


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing.safetensors", None, "no such file"),
        ("m.safetensors", b"", "not a safetensors file"),
        ("m.safetensors", b"\xff" * 40, "not a safetensors file"),
        ("m.safetensors", struct.pack("<Q", 20) + b"no JSON" * 9, "its header is not JSON"),
        ("m.safetensors", struct.pack("<Q", 20) + b"\xff" * 40, "its header is not JSON"),
        ("m.safetensors", _header([]), "its header is a JSON list, an object is allowed"),
        ("m.safetensors", _header({"w": {"dtype": "F32"}}), "w: {'dtype': 'F32'} found, an object with dtype"),
        ("m.safetensors", _header({"w": PLACED | {"shape": ["2"]}}), "shape and data_offsets is allowed"),
        ("m.safetensors", _header({"w": PLACED | {"data_offsets": [0, 99]}}), "the file has 16 bytes of data"),
        ("m.safetensors", _header({"w": PLACED | {"shape": [2, 3]}}), "w: 16 bytes found, which is not the size of"),
        ("m.safetensors", _header({}), "no weight matrix in it; found no tensor of two dimensions"),
        ("m.safetensors", _header({"w.weight": PLACED | {"dtype": "I32"}}), "found w.weight (int32 values)"),
        ("m.index.json", b"", "it is not JSON"),
        ("m.index.json", b"[]", "it is a JSON list"),
        ("m.index.json", b"{}", "no weight_map"),
        ("m.index.json", b'{"weight_map": [1, 2]}', "no weight_map from names to safetensors files"),
        ("m.index.json", b'{"weight_map": {"w": "gone.safetensors"}}', "gone.safetensors: no such file"),
        ("m.pt", b"", "not a state dict that torch.save wrote, or cut short"),
        ("m.pt", b"hello world" * 9, "not a state dict that torch.save wrote, or cut short"),
        ("m.onnx", b"hello world" * 9, "not an ONNX file"),
        ("m.onnx", b"", "no weight matrix in it; found no node"),
        ("no-such-architecture", None, "neither a timm model nor a file"),
    ],
)
def test_what_can_not_be_read_is_named(tmp_path, capsys, name, content, message):
    if name.endswith(".onnx"):
        pytest.importorskip("onnx")
    source = tmp_path / name if "." in name else Path(name)
    if content is not None:
        source.write_bytes(content)
    error = _refused(source, capsys)
    assert message in error
    assert name.split(".")[0] in error or "gone" in error


def test_an_index_that_names_tensors_its_files_lack_is_refused(tmp_path, capsys):
    save_file({"a.weight": np.ones((2, 2))}, tmp_path / "a.safetensors")
    index = tmp_path / "m.index.json"
    index.write_text(json.dumps({"weight_map": {"a.weight": "a.safetensors", "b.weight": "a.safetensors"}}))
    assert "a.safetensors: b.weight is not in it, but m.index.json says so" in _refused(index, capsys)


def test_files_that_are_cut_short_are_refused(tmp_path, capsys):
    torch = pytest.importorskip("torch")
    save_file({"a.weight": np.ones((40, 20))}, tmp_path / "m.safetensors")
    for name, zipped in (("zip.pt", True), ("old.pt", False)):
        torch.save({"a.weight": torch.ones(40, 20)}, tmp_path / name, _use_new_zipfile_serialization=zipped)
    for name in ("m.safetensors", "zip.pt", "old.pt"):
        whole = (tmp_path / name).read_bytes()
        for length in range(0, len(whole), len(whole) // 20):
            (tmp_path / name).write_bytes(whole[:length])
            assert f"{name}: " in _refused(tmp_path / name, capsys)


class Opened:
    """An object that a pickle makes by calling `open`."""

    def __init__(self, path: Path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_code_in_a_torch_file_is_not_run(tmp_path):
    torch = pytest.importorskip("torch")
    torch.save({"fc.weight": torch.ones(3, 3), "x": Opened(tmp_path / "written")}, tmp_path / "m.pt")
    with pytest.raises(ValueError, match=r"m\.pt: holds Python objects \(\S*open\), which are not loaded"):
        read_checkpoint(str(tmp_path / "m.pt"))
    assert not (tmp_path / "written").exists()


@pytest.mark.parametrize("kind", ["arguments", "numpy", "module"])
def test_python_objects_in_a_torch_file_are_named(tmp_path, capsys, kind):
    torch = pytest.importorskip("torch")
    layer = torch.nn.Linear(3, 3)
    content, name = {
        "arguments": ({"state_dict": layer.state_dict(), "args": argparse.Namespace(lr=1)}, "argparse.Namespace"),
        "numpy": ({"state_dict": layer.state_dict(), "best": np.float64(3)}, "multiarray.scalar"),
        "module": (layer, "torch.nn.modules.linear.Linear"),
    }[kind]
    torch.save(content, tmp_path / "m.pt")
    error = _refused(tmp_path / "m.pt", capsys)
    assert name in error
    assert "torch.save(model.state_dict(), …)" in error


def test_a_torch_file_without_weights_says_what_it_has(tmp_path, capsys):
    torch = pytest.importorskip("torch")
    path = tmp_path / "m.pt"
    torch.save({"net": torch.nn.Linear(3, 3).state_dict(), "epoch": 3}, path)
    error = _refused(path, capsys)
    assert "no weight matrix in it; found 'net' (OrderedDict), 'epoch' (int) at its top level" in error
    assert "'state_dict', 'model_state_dict'" in error
    torch.save({"a.weight": torch.ones(3, 3).to(torch.int8)}, path)
    assert "no weight matrix in it; found a.weight (int8 values)" in _refused(path, capsys)
    torch.save([torch.ones(3, 3)], path)
    assert "m.pt: list found, a state dict is allowed" in _refused(path, capsys)


@pytest.mark.parametrize("name", ["folder", "folder.safetensors"])
def test_a_folder_is_refused(tmp_path, capsys, name):
    (tmp_path / name).mkdir()
    assert f"{name}: a folder found, a file that ends in one of .safetensors" in _refused(tmp_path / name, capsys)


def test_errors_of_the_system_are_one_line_with_the_file(tmp_path, capsys, monkeypatch):
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "weights.safetensors")

    monkeypatch.setattr("weightscape.commands.spectra.read_checkpoint", refuse)
    assert _refused(tmp_path, capsys) == "weightscape: weights.safetensors: Permission denied\n"


def test_weights_that_are_not_finite_are_named_with_their_file(tmp_path, capsys):
    save_file({"a.weight": np.array([[1, np.nan], [2, np.inf]])}, tmp_path / "m.safetensors")
    assert "m.safetensors: a.weight: 2 of 4 weights are NaN or infinite" in _refused(tmp_path / "m.safetensors", capsys)


def test_pretrained_weights_that_timm_can_not_get_are_one_line(capsys, monkeypatch):
    timm = pytest.importorskip("timm")

    def offline(*_: object, **__: object) -> None:
        raise FileNotFoundError("no connection\nand no cache")

    monkeypatch.setattr(timm, "create_model", offline)
    assert "resnet18: timm has no pre-trained weights of it here (no connection and no cache)" in _refused(
        "resnet18", capsys
    )
