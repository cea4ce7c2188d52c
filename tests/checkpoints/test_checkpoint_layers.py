"""What names, shapes and a timm model tell of a checkpoint's layers: their order and their groups."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matrices_for_tests import matrix
from safetensors.numpy import save_file

from weightscape.checkpoints.layers import guess_layers
from weightscape.checkpoints.names import in_depth_order
from weightscape.checkpoints.read import read_checkpoint
from weightscape.checkpoints.state_dicts import without_framework_prefixes

ORDERS = {
    "resnet": ["conv1.weight", "layer1.0.conv1.weight", "layer1.1.conv1.weight", "layer4.1.se.fc.weight", "fc.weight"],
    "vit": [
        "patch_embed.proj.weight",
        "blocks.0.attn.qkv.weight",
        "blocks.2.mlp.fc1.weight",
        "blocks.10.mlp.fc1.weight",
    ],
    "vit's head": ["blocks.11.mlp.fc2.weight", "head.weight"],
    "efficientnet": ["conv_stem.weight", "blocks.0.0.conv_pw.weight", "conv_head.weight", "classifier.weight"],
    "torchvision": ["features.0.0.weight", "features.8.0.weight", "classifier.1.weight"],
    "llama": ["model.embed_tokens.weight", "model.layers.9.mlp.up_proj.weight", "model.layers.10.mlp.up_proj.weight"],
    "llama's head": ["model.layers.31.mlp.up_proj.weight", "lm_head.weight"],
    "gpt-neox": ["gpt_neox.embed_in.weight", "gpt_neox.layers.3.mlp.dense.weight", "embed_out.weight"],
    "unet": ["conv_in.weight", "down_blocks.1.conv1.weight", "mid_block.fc.weight", "up_blocks.0.w", "conv_out.weight"],
    "small": ["conv1.weight", "conv2.weight", "conv10.weight", "fc1.weight", "fc2.weight"],
}


@pytest.mark.parametrize("names", ORDERS.values(), ids=ORDERS)
def test_names_are_ordered_by_depth(names):
    assert in_depth_order(sorted(names)) == names


@given(st.lists(st.text("ab01.", max_size=8)))
def test_any_names_can_be_ordered(names):
    assert sorted(in_depth_order(names)) == sorted(names)


def test_files_come_in_the_order_of_depth(tmp_path):
    names = [*(f"blocks.{number}.weight" for number in range(12)), "head.weight"]
    save_file({name: matrix((6, 4)) for name in names}, tmp_path / "m.safetensors")
    assert list(read_checkpoint(str(tmp_path / "m.safetensors")).weights) == names


def test_state_dicts_keep_their_order(tmp_path):
    torch = pytest.importorskip("torch")
    names = ["z.weight", "head.weight", "blocks.1.weight", "blocks.0.weight"]
    torch.save({name: torch.ones(3, 2) for name in names}, tmp_path / "m.pt")
    assert list(read_checkpoint(str(tmp_path / "m.pt")).weights) == names


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "_orig_mod.module.", "module._orig_mod."])
def test_prefixes_of_frameworks_are_taken_off(prefix):
    names = {"fc.weight": 1, "module.weight": 2}
    assert without_framework_prefixes({prefix + name: value for name, value in names.items()}) == names


def test_a_prefix_that_only_some_names_have_stays():
    names = {"module.fc.weight": 1, "fc.weight": 2}
    assert without_framework_prefixes(names) == names


def test_parallel_and_plain_checkpoints_are_the_same_model(tmp_path):
    names = ["stem.weight", "fc.weight"]
    for file, prefix in (("plain", ""), ("parallel", "module.")):
        save_file({prefix + name: matrix((6, 4)) for name in names}, tmp_path / f"{file}.safetensors")
    plain, parallel = (read_checkpoint(str(tmp_path / f"{name}.safetensors")) for name in ("plain", "parallel"))
    assert list(plain.weights) == list(parallel.weights) == names


COLOUR, GREY = (16, 3, 3, 3), (16, 1, 3, 3)


@pytest.mark.parametrize(
    ("shapes", "depthwise"),
    [
        ({"stem": COLOUR, "dw": (16, 1, 3, 3), "pw": (32, 16, 1, 1)}, ["dw"]),
        ({"stem": GREY, "dw": (32, 1, 3, 3)}, ["dw"]),
        ({"stem": GREY}, []),
        ({"dw": GREY, "entry": COLOUR}, ["dw"]),  # a file's order need not be the model's
        ({"stem": (1024, 1, 10), "dw": (512, 1, 3)}, ["dw"]),  # sound
        ({"stem": (64, 12, 7, 7), "dw": (64, 1, 7, 7)}, ["dw"]),  # satellite images
        ({"layers.0.conv1d": (96, 1, 4), "layers.1.conv1d": (96, 1, 4)}, ["layers.0.conv1d", "layers.1.conv1d"]),
        ({"fc": (10, 1), "pointwise": (8, 1, 1, 1)}, []),
        ({}, []),
    ],
)
def test_kernels_with_one_input_channel_are_depthwise_but_for_the_stem(shapes, depthwise):
    assert guess_layers(shapes) == {name: {"groups": shapes[name][0]} for name in depthwise}


def _resnext(path: Path, prefix: str = "", **others: np.ndarray) -> Path:
    """Save layers of timm's ``resnext26ts`` and others; the classifier has three classes."""
    timm = pytest.importorskip("timm")
    state = {name: value.numpy() for name, value in timm.create_model("resnext26ts").state_dict().items()}
    state["head.fc.weight"] = state["head.fc.weight"][:3].copy()
    save_file({prefix + name: value for name, value in (state | others).items() if value.ndim}, path)
    return path


def test_an_architecture_gives_order_and_groups(tmp_path):
    extra = {"extra.dw.weight": matrix((8, 1, 3, 3)), "adapter.weight": matrix((8, 4))}
    model = read_checkpoint(str(_resnext(tmp_path / "m.safetensors", "module.", **extra)), "resnext26ts")
    names = list(model.weights)
    assert names[0] == "stem.conv1.conv.weight"
    assert names[-3:] == ["head.fc.weight", "adapter.weight", "extra.dw.weight"]
    assert [model.layers[name]["depth"] for name in names[:-2]] == list(range(len(names) - 2))
    assert any(layer["groups"] > 1 for layer in model.layers.values() if "depth" in layer)
    assert model.layers["extra.dw.weight"] == {"groups": 8}


@pytest.mark.parametrize(
    ("architecture", "message"),
    [
        ("vit_tiny_patch16_224", r"m\.safetensors: no layer of vit_tiny_patch16_224 is in it; found stem\.conv1"),
        ("nosuch", r"architecture: nosuch found, a name of timm\.list_models\(\) is allowed"),
        ("resnet18.nosuch", r"architecture: Invalid pretrained tag \(nosuch\) for resnet18"),
    ],
)
def test_another_architecture_is_refused(tmp_path, architecture, message):
    with pytest.raises(ValueError, match=message):
        read_checkpoint(str(_resnext(tmp_path / "m.safetensors")), architecture)


def test_a_layer_of_another_shape_than_the_architecture_has_is_refused(tmp_path):
    wrong = {"stem.conv2.conv.weight": matrix((9, 8, 3, 3))}
    message = r"stem\.conv2\.conv\.weight of shape \(9, 8, 3, 3\) found, resnext26ts has \(32, 24, 3, 3\)"
    with pytest.raises(ValueError, match=message):
        read_checkpoint(str(_resnext(tmp_path / "m.safetensors", **wrong)), "resnext26ts")
