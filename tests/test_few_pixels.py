"""The fast way of convolutions of a few pixels: the same numbers and gradients as torch's, in whole networks too."""

from copy import deepcopy

import pytest
import timm
import torch
from timm.layers.conv2d_same import Conv2dSame
from torch import nn
from torch.nn import functional

from weightscape import few_pixels as module
from weightscape.few_pixels import MOST_PIXELS, depthwise, speed_up_few_pixels

KINDS = {
    "3x3": nn.Conv2d(6, 6, 3, padding=1, groups=6),
    "5x5 without bias": nn.Conv2d(6, 6, 5, padding=2, groups=6, bias=False),
    "of odd form": nn.Conv2d(6, 6, (3, 5), padding=(1, 2), groups=6),
    "without padding": nn.Conv2d(6, 6, 1, groups=6),
    "even": nn.Conv2d(6, 6, 2, padding=1, stride=2, groups=6),
    "with stride": nn.Conv2d(6, 6, 5, padding=2, stride=2, groups=6),
    "with strides": nn.Conv2d(6, 6, 3, padding=1, stride=(3, 2), groups=6),
    "padded by size": Conv2dSame(6, 6, 5, stride=2, groups=6),
    "padded by size, 3x3": Conv2dSame(6, 6, 3, stride=2, groups=6, bias=False),
    "padded by size, stride 3": Conv2dSame(6, 6, 3, stride=3, groups=6),
    "pointwise": nn.Conv2d(6, 4, 1),
    "pointwise without bias": nn.Conv2d(6, 9, 1, bias=False),
}


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (3, 3), (4, 4), (1, 5), (2, 3), (7, 2)], ids=str)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last], ids=str)
def test_values_and_gradients_are_those_of_the_convolution(kind, size, layout):
    torch.manual_seed(0)
    convolution = deepcopy(KINDS[kind]).double()
    images = torch.randn(3, 6, *size, dtype=torch.float64).contiguous(memory_format=layout).requires_grad_()
    inputs = (images, *convolution.parameters())
    theirs = convolution(images)
    weights = torch.randn_like(theirs)
    their_gradients = torch.autograd.grad((theirs * weights).sum(), inputs)
    speed_up_few_pixels(convolution)
    ours = convolution(images)
    assert "Convolution" not in type(ours.grad_fn).__name__
    torch.testing.assert_close(ours, theirs)
    torch.testing.assert_close(torch.autograd.grad((ours * weights).sum(), inputs), their_gradients)


def test_gradients_are_those_of_finite_differences():
    torch.manual_seed(0)
    images = torch.randn(2, 3, 3, 2, dtype=torch.float64, requires_grad=True)
    kernel = torch.randn(3, 1, 5, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(depthwise, (images, kernel, (2, 1), (2, 1), (2, 2)))


@pytest.mark.parametrize(
    "convolution",
    [
        nn.Conv2d(6, 12, 3, padding=1, groups=6),
        nn.Conv2d(6, 6, 3, padding=2, dilation=2, groups=6),
        nn.Conv2d(6, 6, 3, padding=1, padding_mode="reflect", groups=6),
        nn.Conv2d(6, 6, 3, padding="same", groups=6),
        nn.Conv2d(6, 6, 3, padding=1),
        nn.Conv2d(6, 6, 1, groups=2),
        nn.Conv2d(6, 6, 1, stride=2),
        nn.Conv2d(6, 6, 1, padding=1),
    ],
    ids=str,
)
def test_other_convolutions_are_left_alone(convolution):
    images = torch.randn(2, 6, 4, 4)
    expected = convolution(images)
    speed_up_few_pixels(convolution)
    assert torch.equal(convolution(images), expected)


def test_images_of_more_pixels_are_left_to_the_convolution():
    for convolution in (nn.Conv2d(6, 6, 3, padding=1, groups=6), nn.Conv2d(6, 6, 1)):
        speed_up_few_pixels(convolution)
        images = torch.randn(2, 6, 1, MOST_PIXELS + 1)
        assert "Convolution" in type(convolution(images).grad_fn).__name__


def step(fast: bool, monkeypatch) -> tuple[float, dict[str, torch.Tensor], torch.Tensor, int]:
    """Return loss and gradients of one training step, logits, and how many depthwise convolutions took the fast way."""
    calls = []
    monkeypatch.setattr(module, "depthwise", lambda *given: calls.append(1) or depthwise(*given))
    torch.manual_seed(0)
    model = timm.create_model("tf_efficientnet_lite0", num_classes=10).double()
    if fast:
        speed_up_few_pixels(model)
    loss = functional.cross_entropy(model(torch.randn(8, 3, 32, 32, dtype=torch.float64)), torch.arange(8))
    loss.backward()
    in_training = len(calls)
    with torch.no_grad():
        logits = model.eval()(torch.randn(2, 3, 32, 32, dtype=torch.float64))
    return loss.item(), {name: value.grad for name, value in model.named_parameters()}, logits, in_training


def test_a_network_trains_the_same_way(monkeypatch):
    fast_loss, fast, fast_logits, calls = step(True, monkeypatch)
    loss, slow, logits, no_calls = step(False, monkeypatch)
    assert (calls, no_calls) == (13, 0)
    assert fast_loss == pytest.approx(loss, rel=1e-10)
    torch.testing.assert_close(fast_logits, logits)
    for name, gradient in slow.items():
        torch.testing.assert_close(fast[name], gradient, rtol=1e-6, atol=1e-9, msg=name)


def test_the_names_of_the_weights_stay():
    model = timm.create_model("tf_efficientnet_lite0")
    names = list(model.state_dict())
    speed_up_few_pixels(model)
    assert list(model.state_dict()) == names
