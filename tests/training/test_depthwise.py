"""The fast way of a depthwise convolution: the same numbers and gradients as torch's, in a whole network too."""

import pytest
import timm
import torch
from torch.nn import functional

from weightscape.training import depthwise as module
from weightscape.training.depthwise import depthwise, speed_up_depthwise


@pytest.mark.parametrize(("height", "width"), [(1, 1), (2, 2), (3, 3), (4, 4), (1, 5), (2, 3)])
@pytest.mark.parametrize("size", [(3, 3), (5, 5), (3, 5)])
def test_values_and_gradients_are_those_of_the_convolution(height, width, size):
    torch.manual_seed(0)
    images = torch.randn(3, 6, height, width, dtype=torch.float64, requires_grad=True)
    kernel = torch.randn(6, 1, *size, dtype=torch.float64, requires_grad=True)
    ours = depthwise(images, kernel)
    padding = (size[0] // 2, size[1] // 2)
    theirs = functional.conv2d(images, kernel, padding=padding, groups=6)
    torch.testing.assert_close(ours, theirs)
    weights = torch.randn_like(ours)
    gradients = [torch.autograd.grad((out * weights).sum(), (images, kernel)) for out in (ours, theirs)]
    torch.testing.assert_close(*gradients)


def step(fast: bool, monkeypatch) -> tuple[float, dict[str, torch.Tensor], int]:
    """Return loss and gradients of one training step, and how many convolutions took the fast way."""
    calls = []
    monkeypatch.setattr(module, "depthwise", lambda *given: calls.append(1) or depthwise(*given))
    torch.manual_seed(0)
    model = timm.create_model("tf_efficientnet_lite0", num_classes=10).double()
    if fast:
        speed_up_depthwise(model)
    loss = functional.cross_entropy(model(torch.randn(8, 3, 32, 32, dtype=torch.float64)), torch.arange(8))
    loss.backward()
    model.eval()(torch.randn(1, 3, 32, 32, dtype=torch.float64))
    return loss.item(), {name: value.grad for name, value in model.named_parameters()}, len(calls)


def test_a_network_trains_the_same_way(monkeypatch):
    fast_loss, fast, calls = step(True, monkeypatch)
    loss, slow, no_calls = step(False, monkeypatch)
    assert (calls, no_calls) == (10, 0)  # not in evaluation, where the convolution is fast
    assert fast_loss == pytest.approx(loss, rel=1e-10)
    for name, gradient in slow.items():
        torch.testing.assert_close(fast[name], gradient, rtol=1e-6, atol=1e-9, msg=name)


def test_the_names_of_the_weights_stay():
    model = timm.create_model("tf_efficientnet_lite0")
    names = list(model.state_dict())
    speed_up_depthwise(model)
    assert list(model.state_dict()) == names
