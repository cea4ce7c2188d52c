"""Backbones: right weights in the right places, and clear refusals."""

import numpy as np
import pytest
import torch

from weightscape import timm_names
from weightscape.backbone import build_classifier, load_finetuned
from weightscape.backbone_source import BACKBONES
from weightscape.checkpoints.layers import describe_layers
from weightscape.pretrained import load_backbone
from weightscape.timm_names import check_architecture

timm = pytest.importorskip("timm")


@pytest.fixture(scope="module")
def lite0():
    return load_backbone(BACKBONES.parse({"name": "efficientnet_lite0", "input_size": 32}))


def test_lite0_carries_imagenet_knowledge():
    """With the package's own classifier, a photo of the Summer Palace is a palace."""
    from PIL import Image
    from sklearn.datasets import load_sample_image

    from weightscape.images import to_batch

    architecture, state = BACKBONES.parse({"name": "efficientnet_lite0"}).weights()
    model = timm.create_model(architecture, num_classes=1000).eval()
    model.load_state_dict(state)
    photo = load_sample_image("china.jpg")
    side, left = photo.shape[0], (photo.shape[1] - photo.shape[0]) // 2
    square = Image.fromarray(photo[:, left : left + side]).resize((224, 224), Image.Resampling.BICUBIC)
    with torch.inference_mode():
        logits = model(to_batch(np.array(square)[None], [0.5] * 3, [0.5] * 3, 224))
    assert timm.data.ImageNetInfo().index_to_description(int(logits.argmax())) == "palace"


def test_lite0_description(lite0):
    _, description = lite0
    assert description.architecture == "tf_efficientnet_lite0"
    assert description.mean == description.std == [0.5, 0.5, 0.5]
    assert description.num_features == 1280
    assert description.input_size == 32
    layers = description.layers
    assert layers["conv_stem.weight"] == {"kind": "conv", "groups": 1, "depth": 0}
    assert layers["blocks.0.0.conv_dw.weight"]["groups"] == 32
    assert [layer["depth"] for layer in layers.values()] == list(range(len(layers)))


def test_layers_of_a_transformer_name_its_fused_projection():
    layers = describe_layers(timm.create_model("test_vit", num_classes=0))
    assert layers["blocks.0.attn.qkv.weight"]["kind"] == "attention_in_proj"
    assert layers["blocks.0.mlp.fc1.weight"]["kind"] == "dense"
    assert layers["patch_embed.proj.weight"]["kind"] == "conv"


def test_classifier_is_the_same_for_the_same_seed_and_leaves_the_global_state_alone(lite0):
    model, description = lite0
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first = build_classifier(description, model.state_dict(), 10, head_seed=1)
    assert torch.equal(torch.rand(3), expected)
    again = build_classifier(description, model.state_dict(), 10, head_seed=1)
    other = build_classifier(description, model.state_dict(), 10, head_seed=2)
    assert torch.equal(first.get_classifier().weight, again.get_classifier().weight)
    assert not torch.equal(first.get_classifier().weight, other.get_classifier().weight)
    assert torch.equal(first.conv_stem.weight, model.conv_stem.weight)


@pytest.mark.parametrize("suffix", ["safetensors", "pth"])
@pytest.mark.parametrize("wrapping", ["plain", "wrapped"])
def test_local_weights_of_a_model_with_classifier(tmp_path, suffix, wrapping):
    from safetensors.torch import save_file

    torch.manual_seed(0)
    trained = timm.create_model("test_efficientnet", num_classes=7)
    state = trained.state_dict()
    path = tmp_path / f"weights.{suffix}"
    if wrapping == "wrapped":
        state = {f"module.{name}": tensor for name, tensor in state.items()}
    if suffix == "safetensors":
        save_file(state, path)
    else:
        torch.save({"state_dict": state} if wrapping == "wrapped" else state, path)
    model, description = load_backbone(
        BACKBONES.parse({"name": "file", "architecture": "test_efficientnet", "path": str(path)})
    )
    assert description.source["path"] == str(path)
    assert torch.equal(model.conv_stem.weight, trained.conv_stem.weight)


def test_weights_of_another_architecture_are_refused(tmp_path):
    path = tmp_path / "weights.pth"
    torch.save(timm.create_model("test_resnet", num_classes=7).state_dict(), path)
    with pytest.raises(ValueError, match=r"weights\.pth: weights do not fit test_efficientnet: missing"):
        load_backbone(BACKBONES.parse({"name": "file", "architecture": "test_efficientnet", "path": str(path)}))


@pytest.mark.parametrize("side", [224, 32])
def test_positions_of_a_transformer_are_resampled_to_the_input_size_as_timm_does(tmp_path, side):
    torch.manual_seed(0)
    trained = timm.create_model("vit_tiny_patch16_224", num_classes=0).eval()
    torch.nn.init.normal_(trained.pos_embed)
    torch.save(trained.state_dict(), tmp_path / "weights.pt")
    source = {"name": "file", "architecture": "vit_tiny_patch16_224", "path": str(tmp_path / "weights.pt")}
    model, description = load_backbone(BACKBONES.parse(source | {"input_size": side}))
    assert (description.input_size, description.img_size) == (side, None if side == 224 else side)
    trained.set_input_size(img_size=(side, side))
    images = torch.randn(2, 3, side, side)
    with torch.inference_mode():
        assert torch.equal(model(images), trained(images))
        again = load_finetuned(description, model.state_dict(), 0)
        assert torch.equal(again(images), trained(images))


@pytest.mark.parametrize(
    ("architecture", "side", "message"),
    [
        (
            "vit_tiny_patch16_224",
            20,
            "vit_tiny_patch16_224 takes images in patches of 16 pixels, which do not cover 20",
        ),
        ("inception_v4", 32, "inception_v4 does not take images of 32 × 32 × 3: .+"),
    ],
)
def test_an_input_size_that_the_architecture_does_not_take_is_refused_in_one_line(architecture, side, message):
    source = {"name": "scratch", "architecture": architecture, "input_size": side}
    with pytest.raises(ValueError, match=f"^{message}$"):
        load_backbone(BACKBONES.parse(source))


def test_fine_tuned_weights_come_back(lite0):
    model, description = lite0
    trained = build_classifier(description, model.state_dict(), 10, head_seed=1)
    restored = load_finetuned(description, trained.state_dict(), 10)
    assert torch.equal(restored.get_classifier().weight, trained.get_classifier().weight)
    assert not restored.training


def _local_weights(path, architecture="test_efficientnet"):
    return BACKBONES.parse({"name": "file", "architecture": architecture, "path": str(path)})


@pytest.mark.parametrize("wrapper", ["state_dict", "model_state_dict", "model", "module"])
def test_local_weights_may_stand_where_training_code_keeps_them(tmp_path, wrapper):
    trained = timm.create_model("test_efficientnet", num_classes=7)
    torch.save({wrapper: trained.state_dict(), "epoch": 3}, tmp_path / "weights.pth")
    model, _ = load_backbone(_local_weights(tmp_path / "weights.pth"))
    assert torch.equal(model.conv_stem.weight, trained.conv_stem.weight)


def _with(**tensors):
    return timm.create_model("test_efficientnet").state_dict() | {
        name.replace("_weight", ".weight"): tensor for name, tensor in tensors.items()
    }


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (lambda: _with(conv_stem_weight=torch.full((24, 3, 3, 3), torch.nan)), "conv_stem.weight: 648 of 648 weights"),
        (lambda: _with(conv_stem_weight=torch.full((24, 3, 3, 3), torch.inf)), "conv_stem.weight: 648 of 648 weights"),
        (
            lambda: _with(conv_stem_weight=torch.ones(24, 3, 5, 5)),
            "conv_stem.weight of shape (24, 3, 5, 5), not (24, 3, 3, 3)",
        ),
        (lambda: _with(conv_stem_weight=torch.ones(24, 3, 3, 3).to_sparse()), "conv_stem.weight: sparse_coo values"),
        (lambda: [*_with().values()], "list found, a state dict is allowed"),
        (lambda: timm.create_model("test_efficientnet"), "holds Python objects (timm.models"),
        (lambda: {"net": _with()}, "no weight matrix in it; found 'net' (OrderedDict)"),
        (lambda: {}, "no weight matrix in it; found nothing"),
    ],
    ids=["NaN", "infinite", "another shape", "sparse", "list", "object", "unknown wrapper", "empty"],
)
@pytest.mark.filterwarnings("ignore:Validating sparse tensor")
def test_local_weights_that_can_not_be_used_are_refused_in_one_line(tmp_path, content, message):
    torch.save(content(), tmp_path / "weights.pth")
    with pytest.raises(ValueError, match=r"weights\.pth") as refused:
        load_backbone(_local_weights(tmp_path / "weights.pth"))
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("suffix", ["safetensors", "pth"])
def test_local_weights_that_are_cut_short_are_refused_in_one_line(tmp_path, suffix):
    from safetensors.torch import save_file

    path = tmp_path / f"weights.{suffix}"
    (save_file if suffix == "safetensors" else torch.save)(_with(), path)
    whole = path.read_bytes()
    for length in range(0, len(whole), len(whole) // 5):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=f"weights.{suffix}: not a .*cut short|is it cut short") as refused:
            load_backbone(_local_weights(path))
        assert "\n" not in str(refused.value)


def test_local_weights_come_with_their_counts_and_any_float_type(tmp_path):
    from safetensors.torch import save_file

    state = _with()
    state["bn1.num_batches_tracked"] = torch.tensor(7)
    state["conv_stem.weight"] = state["conv_stem.weight"].bfloat16()
    save_file(state, tmp_path / "weights.safetensors")
    torch.save(state, tmp_path / "weights.pt")
    for name in ("weights.safetensors", "weights.pt"):
        model, _ = load_backbone(_local_weights(tmp_path / name))
        assert model.bn1.num_batches_tracked.item() == 7
        assert torch.equal(model.conv_stem.weight, state["conv_stem.weight"].float())


def test_every_name_of_timm_is_known_without_importing_it():
    from timm.models import _registry

    names = [*timm.list_models(), *timm.list_pretrained(), *_registry._deprecated_models]
    timms = [name for name in names if not name.startswith("tiny_clip")]  # other tests register those
    assert [name for name in timms if check_architecture(name)] == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("resnet81", "'resnet81' (did you mean resnet18?); allowed: a name of timm.list_models()"),
        ("resnet18.a1_in2k", "'resnet18.a1_in2k' (did you mean a1_in1k?); allowed after the dot: a1_in1k, a2_in1k"),
        ("num_classes", "'num_classes'; allowed: a name"),
        ("x" * 300, "x'; allowed: a name"),
    ],
)
def test_architectures_that_timm_lacks_are_refused_before_any_job(tmp_path, name, message):
    torch.save({}, tmp_path / "weights.pt")
    for source in (
        BACKBONES.parse({"name": "timm", "architecture": name}),
        _local_weights(tmp_path / "weights.pt", name),
    ):
        problem = source.check()
        assert problem.startswith("architecture = ")
        assert message in problem
        assert len(problem) < 400


def test_an_architecture_can_not_be_refused_where_timm_is_not_installed(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    timm_names._names.cache_clear()
    assert check_architecture("resnet81") is None
    timm_names._names.cache_clear()
