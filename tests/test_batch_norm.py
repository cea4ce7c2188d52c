"""Batch norm folded into convolutions: the same outputs, and only where that is allowed."""

import pytest
import timm
import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from weightscape.backbone import load_finetuned, load_for_prediction
from weightscape.backbone_source import BACKBONES
from weightscape.batch_norm import fold_batch_norm
from weightscape.pretrained import load_backbone


def trained(model: nn.Module, size: int = 32) -> nn.Module:
    """Give the batch norms statistics and gains of their own."""
    torch.manual_seed(0)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d) and module.affine:
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, std=0.1)
    with torch.no_grad():
        for _ in range(10):
            model.train()(torch.randn(16, 3, size, size, dtype=next(model.parameters()).dtype))
    return model.eval()


@pytest.mark.parametrize(
    ("architecture", "norms"),
    [("tf_efficientnet_lite0", 49), ("resnet18", 20), ("test_efficientnet", 13), ("test_vit", 0), ("test_mambaout", 0)],
)
def test_outputs_stay(architecture, norms):
    model = trained(timm.create_model(architecture, num_classes=10).double(), 160 if norms == 0 else 32)
    images = torch.randn(4, 3, 160 if norms == 0 else 32, 160 if norms == 0 else 32, dtype=torch.float64)
    with torch.no_grad():
        expected = model(images)
        assert fold_batch_norm(model) == norms
        torch.testing.assert_close(model(images), expected, rtol=1e-10, atol=1e-10)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in model.modules())


def test_logits_of_the_default_backbone_differ_by_rounding_only():
    model = trained(timm.create_model("tf_efficientnet_lite0", num_classes=10))
    _, description = load_backbone(BACKBONES.parse({"name": "scratch", "architecture": "tf_efficientnet_lite0"}))
    images = torch.randn(100, 3, 32, 32).contiguous(memory_format=torch.channels_last)
    plain, fast = (load(description, model.state_dict(), 10) for load in (load_finetuned, load_for_prediction))
    with torch.inference_mode():
        expected = plain(images)
        assert (fast(images) - expected).abs().max() <= 1e-5 * expected.abs().max()


def test_the_numbers_are_those_of_torch():
    pair = trained(nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)))
    expected = fuse_conv_bn_eval(*pair)
    assert fold_batch_norm(pair) == 1
    assert torch.equal(pair[0].weight, expected.weight)
    assert torch.equal(pair[0].bias, expected.bias)
    assert type(pair[1]) is nn.Identity


class Reused(nn.Module):
    """What must not be folded: a convolution that is read twice, one that is called twice, none before the norm."""

    def __init__(self, way: str):
        super().__init__()
        self.convolution, self.norm, self.way = nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3), way

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        if self.way == "norm first":
            return self.norm(images)
        if self.way == "looks" and images.sum() > 0:
            return self.norm(self.convolution(images))
        out = self.convolution(self.convolution(images) if self.way == "called twice" else images)
        return self.norm(out) + out if self.way == "read twice" else self.norm(out)


@pytest.mark.parametrize("way", ["read twice", "called twice", "norm first", "looks"])
def test_what_cannot_be_folded_stays(way):
    model = trained(Reused(way))
    images = torch.randn(2, 3, 4, 4)
    expected = model(images)
    assert fold_batch_norm(model) == 0
    assert torch.equal(model(images), expected)


def test_a_model_in_training_mode_is_refused():
    with pytest.raises(ValueError, match="evaluation mode only"):
        fold_batch_norm(nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)))
