"""Backbones that are trained from scratch: each seed's own initialisation, and the stem for small images."""

from types import SimpleNamespace

import pytest
import timm
import torch
from safetensors.torch import load_file

import initialise
import prepare_backbone
from weightscape.backbone import build_classifier, create_network, initial_state, load_finetuned
from weightscape.backbone_description import read_description
from weightscape.backbone_source import BACKBONES
from weightscape.pretrained import load_backbone


def description_of(**settings):
    return load_backbone(BACKBONES.parse({"name": "scratch", **settings}))[1]


def test_the_initialisation_is_that_of_the_seed_and_leaves_the_global_state_alone():
    description = description_of(architecture="test_resnet")
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first, again, other = (initial_state(description, seed) for seed in (1, 1, 2))
    assert torch.equal(torch.rand(3), expected)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["conv1.0.weight"], other["conv1.0.weight"])
    torch.manual_seed(1)
    timms = timm.create_model("test_resnet", num_classes=0).state_dict()
    assert all(torch.equal(first[name], timms[name]) for name in timms)


def test_the_stem_for_small_images_keeps_their_resolution():
    """ResNet-18 of 32 × 32 pixels: maps of 32, 16, 8 and 4, as in He et al., section 4.2, and its networks' users."""
    model = create_network("resnet18", 0, cifar_stem=True).eval()
    sizes = []
    for layer in (model.conv1, model.layer1, model.layer2, model.layer3, model.layer4):
        layer.register_forward_hook(lambda *given: sizes.append(given[2].shape[-1]))
    with torch.inference_mode():
        assert model(torch.zeros(1, 3, 32, 32)).shape == (1, 512)
    assert sizes == [32, 32, 16, 8, 4]
    assert model.conv1.weight.shape == (64, 3, 3, 3)
    assert model.conv1.weight.std().item() == pytest.approx((2 / (64 * 9)) ** 0.5, rel=0.05)
    # With ten classes the network has the 11.17 million parameters that are reported for it on CIFAR-10.
    assert sum(weight.numel() for weight in create_network("resnet18", 10, cifar_stem=True).parameters()) == 11_173_962


def test_the_stem_is_rebuilt_from_the_description_with_its_classifier():
    description = description_of(architecture="resnet18", stem="cifar", input_size=32)
    state = initial_state(description, 3)
    model = build_classifier(description, state, 7, head_seed=1)
    assert torch.equal(model.conv1.weight, state["conv1.weight"])
    assert description.layers["conv1.weight"] == {"kind": "conv", "groups": 1, "depth": 0}
    restored = load_finetuned(description, model.state_dict(), 7)
    images = torch.randn(2, 3, 32, 32)
    with torch.inference_mode():
        assert torch.equal(restored(images), model.eval()(images))


def test_a_resnet_with_a_deep_stem_has_none_to_replace():
    with pytest.raises(ValueError, match=r"^backbone.stem = 'cifar': test_resnet has no stem of one convolution"):
        load_backbone(BACKBONES.parse({"name": "scratch", "architecture": "test_resnet", "stem": "cifar"}))


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        (
            {"architecture": "resnet18.a1_in1k"},
            "architecture = 'resnet18.a1_in1k'; allowed from scratch: a name without",
        ),
        ({"architecture": "hf-hub:a/b"}, "architecture = 'hf-hub:a/b'; allowed from scratch: a name without weights"),
        ({"architecture": "resnet81"}, "architecture = 'resnet81' (did you mean resnet18?); allowed: a name of timm"),
        (
            {"architecture": "vgg16", "stem": "cifar"},
            "stem = 'cifar': allowed for ResNets of timm such as resnet18, not",
        ),
        ({"architecture": "resnet18", "stem": "cifar"}, None),
        ({"architecture": "vgg16"}, None),
    ],
)
def test_what_can_be_told_before_any_job(settings, problem):
    found = BACKBONES.parse({"name": "scratch", **settings}).check()
    assert found is None if problem is None else found.startswith(problem)


def test_the_scripts_write_a_description_without_weights_and_the_weights_of_each_seed(tmp_path):
    description = tmp_path / "backbone.json"
    logs = {"log": [tmp_path / "log.txt"]}
    source = {"name": "scratch", "architecture": "test_resnet", "input_size": 32}
    prepare_backbone.main(
        SimpleNamespace(rule="prepare_backbone", output=SimpleNamespace(description=description),
                        params=SimpleNamespace(source=source), **logs)
    )  # fmt: skip
    assert read_description(description).from_scratch
    for seed in (0, 1):
        initialise.main(
            SimpleNamespace(
                rule="initialise",
                input=SimpleNamespace(description=description),
                output=SimpleNamespace(weights=tmp_path / f"seed-{seed}.safetensors"),
                params=SimpleNamespace(study="study", seed=seed),
                **logs,
            )
        )
    first, second = (load_file(tmp_path / f"seed-{seed}.safetensors") for seed in (0, 1))
    assert list(first) == list(second)
    assert not torch.equal(first["conv1.0.weight"], second["conv1.0.weight"])
