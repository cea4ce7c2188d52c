"""Convolutions of images of a few pixels, written so that a CPU does them at its speed.

The late blocks of a network on 32-pixel images see images of 1 × 1 to 4 × 4 pixels. There oneDNN's backward pass of a
depthwise convolution costs up to a hundred times what its arithmetic does. Here a depthwise convolution is a sum over
the taps of its kernel, each an element-wise product of two rectangles of pixels, and taps that meet nothing but padding
are left out; a convolution with a 1 × 1 kernel is a product of matrices. What it gives: benchmarks/training.py.
"""

from functools import lru_cache, partial

import torch
from timm.layers.conv2d_same import Conv2dSame
from timm.layers.padding import get_same_padding
from torch import nn
from torch.autograd.function import FunctionCtx, once_differentiable
from torch.nn import functional

MOST_PIXELS = 16
"""Images with more pixels are left to torch's convolutions, which are as fast there or faster."""
MOST_PIXELS_FORWARD = 4
"""The same for a depthwise convolution without gradients, since oneDNN's forward pass is fast but for the smallest."""

NAMES = ("same", "valid")
"""Paddings without a number, which are left to torch."""

Axis = tuple[int, int, int, int]
"""One axis of a convolution: size of the images and of the result, stride, padding before the first pixel."""


def speed_up_few_pixels(model: nn.Module) -> None:
    """Let the 1 × 1 and depthwise convolutions of a model take the fast way on images of a few pixels; in place.

    The names in its state dict stay as they are, and so does what it does on another device than a CPU.
    """
    for module in model.modules():
        if not isinstance(module, nn.Conv2d) or type(module) not in (nn.Conv2d, Conv2dSame):
            continue  # a class of its own may do something of its own
        if module.padding_mode != "zeros" or module.padding in NAMES:
            continue
        if module.kernel_size == module.stride == (1, 1) and module.padding == (0, 0) and module.groups == 1:
            module.forward = partial(_pointwise_forward, module)  # type: ignore[method-assign]
        elif module.groups == module.in_channels == module.out_channels and module.dilation == (1, 1):
            module.forward = partial(_depthwise_forward, module)  # type: ignore[method-assign]


def depthwise(
    images: torch.Tensor, kernel: torch.Tensor, stride: tuple[int, int], padding: tuple[int, int], size: tuple[int, int]
) -> torch.Tensor:
    """Return a depthwise convolution, with its gradients.

    Parameters
    ----------
    images
        Shape (n, channels, height, width), fastest in `torch.channels_last` order.
    kernel
        Shape (channels, 1, kh, kw).
    stride
        Down and to the right.
    padding
        Rows of zeros above the image and columns to its left; those on the other sides follow from `size`.
    size
        Height and width of the result.
    """
    axes = tuple(zip(images.shape[2:], size, stride, padding, strict=True))
    taps = kernel[:, 0].permute(1, 2, 0).contiguous()
    out: torch.Tensor = _Depthwise.apply(images.permute(0, 2, 3, 1).contiguous(), taps, axes)
    return out.permute(0, 3, 1, 2)


def _pointwise_forward(module: nn.Conv2d, images: torch.Tensor) -> torch.Tensor:
    if images.device.type != "cpu" or images.shape[2] * images.shape[3] > MOST_PIXELS:
        return type(module).forward(module, images)
    out = functional.linear(images.permute(0, 2, 3, 1), module.weight.flatten(1), module.bias)
    return out.permute(0, 3, 1, 2)


def _depthwise_forward(module: nn.Conv2d, images: torch.Tensor) -> torch.Tensor:
    height, width = _axis(module, images, 0), _axis(module, images, 1)
    most = MOST_PIXELS if torch.is_grad_enabled() else MOST_PIXELS_FORWARD
    if images.device.type != "cpu" or height[1] * width[1] > most:
        return type(module).forward(module, images)
    size, stride, padding = ((height[place], width[place]) for place in (1, 2, 3))
    out = depthwise(images, module.weight, stride, padding, size)
    return out if module.bias is None else out + module.bias[:, None, None]


def _axis(module: nn.Conv2d, images: torch.Tensor, axis: int) -> Axis:
    pixels, taps, stride = images.shape[2 + axis], module.kernel_size[axis], module.stride[axis]
    if isinstance(module, Conv2dSame):  # TensorFlow's way: the odd row of padding comes last
        both = get_same_padding(pixels, taps, stride, 1)
    else:
        both = 2 * int(module.padding[axis])
    return pixels, (pixels + both - taps) // stride + 1, stride, both // 2


class _Depthwise(torch.autograd.Function):
    """The convolution of images of shape (n, height, width, channels) with taps of shape (kh, kw, channels)."""

    @staticmethod
    def forward(ctx: FunctionCtx, images: torch.Tensor, taps: torch.Tensor, axes: tuple[Axis, Axis]) -> torch.Tensor:
        ctx.save_for_backward(images, taps)
        ctx.axes = axes  # type: ignore[attr-defined]
        n, channels = images.shape[0], images.shape[3]
        out = images.new_zeros(n, axes[0][1], axes[1][1], channels)
        for tap, result, source in _links(taps.shape[0], taps.shape[1], axes):
            out[result].addcmul_(images[source], taps[tap])
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: FunctionCtx, gradient: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, None]:
        images, taps = ctx.saved_tensors  # type: ignore[attr-defined]
        of_images, of_taps = torch.zeros_like(images), torch.zeros_like(taps)
        for tap, result, source in _links(taps.shape[0], taps.shape[1], ctx.axes):  # type: ignore[attr-defined]
            of_images[source].addcmul_(gradient[result], taps[tap])
            torch.sum(images[source] * gradient[result], (0, 1, 2), out=of_taps[tap])
        return of_images, of_taps, None


Index = tuple[slice, slice, slice]


@lru_cache(maxsize=128)
def _links(kh: int, kw: int, axes: tuple[Axis, Axis]) -> list[tuple[tuple[int, int], Index, Index]]:
    """Return each tap that meets pixels, with the pixels of the result that it adds to and those that it reads."""
    everything = slice(None)
    return [
        ((row, column), (everything, down, right), (everything, from_down, from_right))
        for row, down, from_down in _links_of_axis(kh, *axes[0])
        for column, right, from_right in _links_of_axis(kw, *axes[1])
    ]


def _links_of_axis(taps: int, pixels: int, size: int, stride: int, padding: int) -> list[tuple[int, slice, slice]]:
    links = []
    for tap in range(taps):
        # Place i of the result reads pixel i·stride + tap − padding.
        first = max(0, -((tap - padding) // stride))
        end = min(size, (pixels - 1 - tap + padding) // stride + 1)
        if first < end:
            source = first * stride + tap - padding
            links.append((tap, slice(first, end), slice(source, source + (end - first - 1) * stride + 1, stride)))
    return links
