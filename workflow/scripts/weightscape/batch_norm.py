"""Batch norm folded into the convolutions before it, for prediction.

In evaluation mode batch norm is a fixed scale and shift of each channel, and so is part of a convolution whose output
nothing else reads (Jacob et al., arXiv 1712.05877, section 3.2; torch.nn.utils.fusion).
"""

from typing import Any

from timm.layers import BatchNormAct2d, get_notrace_functions, get_notrace_modules
from torch import fx, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights


class _Tracer(fx.Tracer):
    """Follows the calls of a network down to its convolutions and batch norms."""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        leaves = (nn.Conv2d, nn.BatchNorm2d, *get_notrace_modules())
        return isinstance(m, leaves) or super().is_leaf_module(m, module_qualified_name)


def fold_batch_norm(model: nn.Module) -> int:
    """Fold batch norms into the convolutions before them, in place; the model cannot be trained afterwards.

    Parameters
    ----------
    model
        In evaluation mode. Its logits stay, up to rounding.

    Returns
    -------
    int
        Number of folded batch norms: 0 for a network that torch.fx cannot trace.

    Raises
    ------
    ValueError
        If the model is in training mode.
    """
    if model.training:
        raise ValueError("batch norm can be folded in evaluation mode only")
    if not any(isinstance(module, nn.BatchNorm2d) for module in model.modules()):
        return 0
    try:
        graph = _Tracer(autowrap_functions=tuple(get_notrace_functions())).trace(model)
    except (fx.proxy.TraceError, TypeError):  # the network looks at its activations
        return 0
    modules: dict[Any, nn.Module] = dict(model.named_modules())
    called = [node.target for node in graph.nodes if node.op == "call_module"]
    folded = 0
    for node in graph.nodes:
        norm, before = modules.get(node.target), node.args[0] if node.args else None
        if not isinstance(norm, nn.BatchNorm2d) or not isinstance(before, fx.Node):
            continue
        convolution = modules.get(before.target)
        mean, variance = norm.running_mean, norm.running_var
        if (
            type(norm) in (nn.BatchNorm2d, BatchNormAct2d)
            and mean is not None
            and variance is not None
            and isinstance(convolution, nn.Conv2d)
            and len(before.users) == called.count(node.target) == called.count(before.target) == 1
        ):
            convolution.weight, convolution.bias = fuse_conv_bn_weights(
                convolution.weight, convolution.bias, mean, variance, norm.eps, norm.weight, norm.bias
            )
            rest = nn.Sequential(norm.drop, norm.act) if isinstance(norm, BatchNormAct2d) else nn.Identity()
            model.set_submodule(node.target, rest)
            folded += 1
    return folded
