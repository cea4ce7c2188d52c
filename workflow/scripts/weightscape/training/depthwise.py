"""Depthwise convolutions of tiny images, as products with small matrices.

On a CPU the backward pass of a depthwise convolution is slow where the image is no larger than the kernel. The late
blocks of a network on 32-pixel images are of that kind, and took most of the time of a training step. Written as a
matrix over the few pixels, one for each channel, the same convolution costs a small part of it: benchmarks/training.py.
"""

from functools import lru_cache, partial

import torch
from torch import nn

MOST_PIXELS = 16
"""Larger images are left to the convolution, which is faster there."""


def speed_up_depthwise(model: nn.Module) -> None:
    """Let the depthwise convolutions of a model take the fast way in training, where there is one; in place."""
    for module in model.modules():
        if type(module) is nn.Conv2d and _keeps_size(module):
            module.forward = partial(_forward, module)  # type: ignore[method-assign]


def depthwise(images: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
    """Return the depthwise convolution with stride 1 that keeps the image's size.

    Parameters
    ----------
    images
        Shape (n, channels, height, width).
    kernel
        Shape (channels, 1, kh, kw), kh and kw odd.
    """
    n, channels, height, width = images.shape
    pixels = height * width
    taps = _taps(height, width, kernel.shape[2], kernel.shape[3]).to(kernel)
    matrices = (kernel.flatten(1) @ taps).view(channels, pixels, pixels)
    out = torch.bmm(images.flatten(2).transpose(0, 1), matrices)
    return out.transpose(0, 1).reshape(n, channels, height, width)


def _forward(module: nn.Conv2d, images: torch.Tensor) -> torch.Tensor:
    if not module.training or images.device.type != "cpu" or images.shape[2] * images.shape[3] > MOST_PIXELS:
        return nn.Conv2d.forward(module, images)
    out = depthwise(images, module.weight)
    return out if module.bias is None else out + module.bias[:, None, None]


def _keeps_size(module: nn.Conv2d) -> bool:
    """Return whether a convolution is depthwise, of stride 1, and padded with zeros to the image's size."""
    same = tuple((size - 1) / 2 for size in module.kernel_size)
    return (
        module.groups == module.in_channels == module.out_channels
        and module.stride == module.dilation == (1, 1)
        and module.padding == same
        and module.padding_mode == "zeros"
    )


@lru_cache(maxsize=32)
def _taps(height: int, width: int, kh: int, kw: int) -> torch.Tensor:
    """Return which tap of the kernel leads from an input to an output pixel, shape (kh·kw, pixels·pixels), 0 or 1."""
    rows, columns = torch.arange(height), torch.arange(width)
    down = rows[:, None] - rows[None] + kh // 2  # from output row (second) to input row (first)
    right = columns[:, None] - columns[None] + kw // 2
    one_down = down[None] == torch.arange(kh)[:, None, None]
    one_right = right[None] == torch.arange(kw)[:, None, None]
    return torch.einsum("aij,bkl->abikjl", one_down.float(), one_right.float()).reshape(kh * kw, -1)
