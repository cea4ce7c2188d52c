"""Dropout really acts: the flaw of the published code was a dropout that the forward pass never called."""

import logging
import re

import pytest
import timm
import torch

from weightscape.training.dropout import add_dropout


@pytest.mark.parametrize("architecture", ["tf_efficientnet_lite0", "test_vit", "test_resnet", "test_convnext"])
def test_every_residual_branch_calls_its_dropout(architecture, caplog):
    model = timm.create_model(architecture, num_classes=5)
    names = list(model.state_dict())
    check = add_dropout(model, 0.5)
    assert list(model.state_dict()) == names
    with pytest.raises(ValueError, match="never calls the dropout"):
        add_dropout(timm.create_model(architecture, num_classes=5), 0.5)()
    model.train()(torch.randn(2, 3, *(2 * [model.pretrained_cfg["input_size"][-1]])))
    with caplog.at_level(logging.INFO):
        check()
    with_skip = [block for block in model.modules() if getattr(block, "has_skip", True) and hasattr(block, "drop_path")]
    branches = int(re.search(r"dropout acts in (\d+) residual branches", caplog.text)[1])
    assert branches >= 1
    if architecture == "tf_efficientnet_lite0":
        assert branches == len(with_skip) == 9
    if architecture == "test_vit":
        assert branches == 2 * len(model.blocks)  # attention and MLP
    assert not any(module._forward_hooks for module in model.modules())


def test_dropout_acts_in_training_and_not_in_evaluation():
    torch.manual_seed(0)
    model = timm.create_model("test_efficientnet", num_classes=5)
    images = torch.randn(4, 3, 64, 64)
    clean = model.eval()(images)
    add_dropout(model, 0.5)
    assert torch.equal(model.eval()(images), clean)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 0.0
    model.train()
    assert not torch.equal(model(images), model(images))


def test_dropout_before_the_classifier_scales_and_zeroes_features():
    model = timm.create_model("test_resnet", num_classes=5)
    add_dropout(model, 0.75)
    seen = []
    model.get_classifier().register_forward_hook(lambda _, inputs, __: seen.append(inputs[0]))
    model.train()(torch.rand(64, 3, 64, 64))
    share = (seen[0] == 0).double().mean().item()
    assert share == pytest.approx(0.75, abs=0.05)


def test_the_skip_keeps_the_identity_path():
    """At p close to 1 the branches vanish, so a block with a skip passes its input on."""
    model = timm.create_model("tf_efficientnet_lite0", num_classes=5)
    add_dropout(model, 1 - 1e-12)
    block = next(block for stage in model.blocks for block in stage if block.has_skip).train()
    width = block.conv_pw.in_channels
    x = torch.randn(2, width, 8, 8)
    assert torch.equal(block(x), x)


@pytest.mark.parametrize(
    ("architecture", "hidden_layers"),
    [("vgg11_bn", 9), ("densenet121", 2 * 58 + 4)],
)
def test_a_network_without_residual_branches_has_dropout_after_each_activation(architecture, hidden_layers, caplog):
    """VGG-11: of 8 convolutions and 2 dense layers, the last is dropped before the classifier."""
    torch.manual_seed(0)
    model = timm.create_model(architecture, num_classes=5)
    check = add_dropout(model, 0.5)
    images = torch.randn(2, 3, 32, 32)
    with torch.inference_mode():
        assert torch.equal(model.eval()(images), timm_twin(model, architecture)(images))
        model.train()(images)
    with caplog.at_level(logging.INFO):
        check()
    assert int(re.search(r"dropout acts after (\d+) activations", caplog.text)[1]) == hidden_layers


def timm_twin(model, architecture):
    twin = timm.create_model(architecture, num_classes=5).eval()
    twin.load_state_dict(model.state_dict())
    return twin


def test_activations_are_dropped_at_the_probability():
    model = timm.create_model("vgg11_bn", num_classes=5)
    add_dropout(model, 0.75)
    seen = []
    model.features[3].register_forward_hook(lambda _, inputs, __: seen.append(inputs[0]))
    torch.nn.init.constant_(model.features[1].bias, 5.0)  # so that ReLU itself gives hardly any zeros
    model.train()(torch.randn(4, 3, 32, 32))
    assert (seen[0] == 0).double().mean().item() == pytest.approx(0.75, abs=0.02)


def test_a_model_with_nothing_to_drop_is_refused():
    with pytest.raises(ValueError, match="no residual block with a drop_path and no activations"):
        add_dropout(torch.nn.Sequential(torch.nn.Linear(2, 2)), 0.5)
