"""From a layer's weight to the matrices whose spectrum is analysed.

The convention for convolutions is WeightWatcher's (Martin, Peng & Mahoney 2021, Nature Communications 12:4122, and its
code): the kh·kw slices of out × in, each times √½, with their eigenvalues pooled. Where that convention loses the
structure (grouped kernels) or does not exist (fused projections), the choice here is stated at the function.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from weightscape.spectra.settings import Conv

CONV_NORM = np.sqrt(0.5)
"""Factor on a kernel's matrices with ``conv="ww"``, WeightWatcher's ``conv2d_norm``; the other convention has none."""

SMALLEST, LARGEST = 1e-140, 1e140
"""Range of max |w| in which squares and their sums neither vanish nor overflow."""


class LayerDescription(TypedDict, total=False):
    """What is known of a layer beside its weight; what is not is taken from the weight's shape and name."""

    kind: str
    """``conv``, ``dense`` or ``attention_in_proj``, whose rows are the stacked projections of q, k and v"""
    groups: int
    """groups of a convolution"""
    depth: int
    """place in the order of the forward pass"""


Layers = Mapping[str, LayerDescription]
"""By the name of the weight."""


@dataclass(frozen=True)
class Layer:
    """The matrices of one layer.

    Attributes
    ----------
    name
        Full name in the model, without ``.weight``.
    layer_type
        ``dense``, ``conv1d``, ``conv2d``, ``conv3d``, ``grouped``, ``depthwise`` or ``attention``.
    matrices
        Float64 arrays (N or M) × (M or N) of one shape, stacked along the first axis: (count, rows, columns).
    rf
        Receptive field: number of slices of the kernel that are pooled (1 for a dense layer).
    """

    name: str
    layer_type: str
    matrices: np.ndarray
    rf: int

    @property
    def N(self) -> int:  # noqa: N802
        """The larger dimension of the matrices."""
        return max(self.matrices.shape[1:])

    @property
    def M(self) -> int:  # noqa: N802
        """The smaller dimension of the matrices."""
        return min(self.matrices.shape[1:])


def layers_of(
    name: str, weight: np.ndarray, description: LayerDescription | None = None, conv: Conv = "ww"
) -> Iterator[Layer]:
    """Yield the layer, or the layers, that the weight called `name` holds.

    Parameters
    ----------
    name
        Name of the weight.
    weight
        Array out × in for a dense layer, out × in/groups × taps… for a convolution.
    description
        What the model says of the layer: ``kind`` (``"attention_in_proj"`` for a fused projection) and ``groups``.
        Without it a weight of two dimensions is dense, or a fused projection where its name is
        ``in_proj_weight`` or ``qkv.weight`` and it has three times as many rows as columns, and others are ungrouped
        convolutions.
    conv
        See `weightscape.spectra.settings.Settings`.

    Raises
    ------
    ValueError
        If the weight has fewer than two or more than five dimensions, is empty, holds NaN or infinity, is so small or
        large that eigenvalues can't be represented, or its number of output channels is no multiple of its groups. The
        message starts with the layer's name.
    """
    base = layer_name(name)
    groups = int((description or {}).get("groups", 1))
    parts = split_fused(name, _checked(name, weight), description)
    if len(parts) > 1:
        for part, rows in zip("qkv", parts, strict=True):
            yield Layer(f"{base}.{part}", "attention", rows[None], 1)
    elif weight.ndim == 2:
        yield Layer(base, "dense", parts[0][None], 1)
    elif groups < 1 or weight.shape[0] % groups:
        raise ValueError(f"{name}: {weight.shape[0]} output channels can't be split into {groups} groups")
    else:
        yield _convolution(base, parts[0], groups, conv)


def split_fused(name: str, weight: np.ndarray, description: LayerDescription | None = None) -> list[np.ndarray]:
    """Return the parts of a weight that are analysed apart: q, k, v of a fused projection, else the weight itself."""
    if weight.ndim == 2 and _is_fused(name, weight, description or {}):
        return list(np.split(weight, 3))
    return [weight]


def layer_name(weight_name: str) -> str:
    """Return the name of the layer that a weight belongs to: without ``.weight``, or ``_weight`` of a projection."""
    if weight_name.endswith("in_proj_weight"):
        return weight_name.removesuffix("_weight")
    return weight_name.removesuffix(".weight")


def _convolution(name: str, weight: np.ndarray, groups: int, conv: Conv) -> Layer:
    """Return the matrices of a kernel.

    A grouped kernel is block-diagonal: each group's out/groups × in/groups block gives its own matrices, and all are
    pooled. In a depthwise kernel these blocks would be single numbers, so there the channels are stacked to the
    one matrix channels × taps, whose spectrum says how many different filters the layer has. WeightWatcher takes both
    for an ungrouped kernel with few input channels.
    """
    out, inputs = weight.shape[:2]
    taps = int(np.prod(weight.shape[2:]))
    norm = CONV_NORM if conv == "ww" else 1.0
    kernel = weight.reshape(out, inputs, taps)
    if groups > 1 and inputs == 1:
        return Layer(name, "depthwise", norm * kernel.reshape(1, out, taps), 1)
    blocks = kernel.reshape(groups, out // groups, inputs, taps)
    layer_type = "grouped" if groups > 1 else f"conv{weight.ndim - 2}d"
    if conv == "flat":
        return Layer(name, layer_type, blocks.reshape(groups, out // groups, inputs * taps), 1)
    slices = np.multiply(blocks.transpose(0, 3, 1, 2), norm, order="C")
    return Layer(name, layer_type, slices.reshape(groups * taps, out // groups, inputs), taps)


def _is_fused(name: str, weight: np.ndarray, description: LayerDescription) -> bool:
    if "kind" in description:
        return bool(description["kind"] == "attention_in_proj")
    return name.endswith(("in_proj_weight", "qkv.weight")) and weight.shape[0] == 3 * weight.shape[1]


def _checked(name: str, weight: np.ndarray) -> np.ndarray:
    weight = np.asarray(weight, dtype=np.float64)
    if not 2 <= weight.ndim <= 5 or weight.size == 0:
        raise ValueError(f"{name}: shape {weight.shape} found, a matrix or a kernel with 3 to 5 dimensions is allowed")
    if not np.isfinite(weight).all():
        bad = int(np.count_nonzero(~np.isfinite(weight)))
        raise ValueError(f"{name}: {bad} of {weight.size} weights are NaN or infinite")
    largest = max(float(weight.max()), -float(weight.min()))
    if largest and not SMALLEST <= largest <= LARGEST:
        raise ValueError(f"{name}: largest weight {largest:.3g} found, {SMALLEST:g} to {LARGEST:g} is allowed, or zero")
    return weight
