"""Which tensors of a file are the weights of layers, and why others are not."""

import math
import re
from collections.abc import Callable, Mapping

from weightscape.checkpoints.tensors import FLOATS, Tensor

Reason = Callable[[str, Mapping[str, Tensor]], str | None]

_WEIGHT = re.compile(r"(weight|kernel|weight_(ih|hh|hr)(_l\d+)?(_reverse)?)$")
_PART = re.compile(r"(parametrizations\.\w+\.original\d*|weight_(v|g|orig|mask))$")
_SCALES = ("_scale", "_scale_inv")


def select(tensors: Mapping[str, Tensor], why_not: Reason) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Part the tensors of two dimensions or more into weights and those that are skipped.

    Parameters
    ----------
    tensors
        All tensors of the file.
    why_not
        Returns why a tensor is no weight, or None: `why_no_layer`, or `why_unusable` where names say nothing.

    Returns
    -------
    weights
        Name → tensor.
    skipped
        Name → reason.
    """
    reasons = {name: why_not(name, tensors) for name, tensor in tensors.items() if len(tensor.shape) >= 2}
    weights = {name: tensors[name] for name, reason in reasons.items() if reason is None}
    return weights, {name: reason for name, reason in reasons.items() if reason is not None}


def why_no_layer(name: str, tensors: Mapping[str, Tensor]) -> str | None:
    """Return why a named tensor is not the weight of a layer, or None."""
    if _PART.search(name):
        return "a part of a parametrised weight"
    if not _WEIGHT.search(name):
        return "not named as a weight"
    if name.endswith("kernel") and len(tensors[name].shape) == 3:
        return "a convolution or an attention projection of Flax, which its shape doesn't tell"
    return why_unusable(name, tensors)


def why_unusable(name: str, tensors: Mapping[str, Tensor]) -> str | None:
    """Return why the values of a tensor can't be analysed, or None."""
    tensor = tensors[name]
    if tensor.dtype not in FLOATS:
        return f"{tensor.dtype} values"
    if tensor.dtype.startswith("float8") and any(name + scale in tensors for scale in _SCALES):
        return f"{tensor.dtype} values whose scale is another tensor"
    if len(tensor.shape) > 5:
        return f"{len(tensor.shape)} dimensions"
    return None if math.prod(tensor.shape) else "no elements"


def out_by_in(name: str, tensor: Tensor) -> Tensor:
    """Return a weight as out × in × taps…; what is named ``kernel`` is Flax's or Keras's, taps… × in × out."""
    if not name.endswith("kernel"):
        return tensor
    taps = len(tensor.shape) - 2
    return tensor.transpose((taps + 1, taps, *range(taps)))
