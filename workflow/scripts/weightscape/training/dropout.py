"""Dropout that acts: in the residual branch of every block, or after every activation, and before the classifier.

Srivastava et al., JMLR 15 (2014) 1929; the placement in the residual branch follows Zagoruyko & Komodakis,
arXiv 1605.07146. Dropout after the skip addition would also drop the identity path, which destroys the training of a
pre-trained network already at p = 0.2; inside the branch the skip keeps its signal. A network without such branches
(VGG, DenseNet, Inception) has dropout on its hidden units, as Srivastava et al. have it.

Stochastic depth drops a whole branch at the same place: Huang et al., arXiv 1603.09382.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import cast

import torch
from timm.layers import DropPath, calculate_drop_path_rates
from torch import nn
from torch.nn import functional

from weightscape.residual_branches import residual_branches

log = logging.getLogger(__name__)

NO_HIDDEN_UNITS = (nn.MultiheadAttention, nn.Softmax, nn.Softmax2d, nn.LogSoftmax, nn.Tanh)


def add_dropout(model: nn.Module, probability: float) -> Callable[[], None]:
    """Add dropout to a timm model in place; the names in its state dict stay as they are.

    Parameters
    ----------
    model
        Any timm model with a linear classifier.
    probability
        Probability of dropping an activation, in (0, 1).

    Returns
    -------
    callable
        To be called once after a forward pass: raises ValueError if no dropout in the network's body was called. Blocks
        without a skip never call theirs.

    Raises
    ------
    ValueError
        If the architecture has neither a residual branch that timm's convention gives access to, nor an activation.
    """
    branches = list(residual_branches(model))
    if any(getattr(block, "has_skip", True) for block, _ in branches):
        check = _end_branches(model, ((block, name, nn.Dropout(probability)) for block, name in branches), "dropout")
    else:
        check = _follow_activations(model, probability)
    add_head_dropout(model, probability)
    return check


def add_head_dropout(model: nn.Module, probability: float) -> None:
    """Add dropout before the classifier of a timm model, in place."""
    change_features(model, lambda features: functional.dropout(features, probability))


def add_drop_path(model: nn.Module, probability: float, constant: bool) -> Callable[[], None]:
    """Add stochastic depth to a timm model in place; the names in its state dict stay as they are.

    Parameters
    ----------
    model
        Any timm model.
    probability
        Probability of dropping the residual branch of the last block, in (0, 1).
    constant
        Whether the branches of all blocks are dropped as often; else the probability grows evenly from 0 in the first
        block, as timm has it (`timm.layers.calculate_drop_path_rates`).

    Returns
    -------
    callable, raises
        As `add_dropout`.
    """
    branches = list(residual_branches(model))
    blocks = list(dict.fromkeys(block for block, _ in branches))
    linear = len(blocks) > 1 and not constant
    along = calculate_drop_path_rates(probability, len(blocks)) if linear else [probability] * len(blocks)
    rates = dict(zip(blocks, cast(list[float], along), strict=True))
    ends = ((block, name, DropPath(rates[block])) for block, name in branches if rates[block] > 0)
    return _end_branches(model, ends, "stochastic depth")


def change_features(model: nn.Module, change: Callable[[torch.Tensor], torch.Tensor]) -> None:
    """Have a timm model change the features before its classifier in training, in place."""

    def hook(_: nn.Module, inputs: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        features, *rest = inputs
        return (change(features) if model.training else features, *rest)

    cast(Callable[[], nn.Module], model.get_classifier)().register_forward_pre_hook(hook)


def _end_branches(model: nn.Module, ends: Iterator[tuple[nn.Module, str, nn.Module]], what: str) -> Callable[[], None]:
    """Put modules at the end of residual branches, before what is there; return the check that one is called."""
    added = []
    for block, name, module in ends:
        end = getattr(block, name)
        setattr(block, name, module if end is None or isinstance(end, nn.Identity) else nn.Sequential(module, end))
        added.append(module)
    if not added:
        raise ValueError(f"{type(model).__name__} has no residual block with a drop_path to place {what} in")
    return _called(model, added, f"{what} in its residual branches", f"{what} acts in %d residual branches")


def _follow_activations(model: nn.Module, probability: float) -> Callable[[], None]:
    """Put dropout after every activation but the last one, after which the classifier's follows; return the check."""
    added = [module for module in model.modules() if _is_activation(module)][:-1]
    if not added:
        raise ValueError(f"{type(model).__name__} has no residual block with a drop_path and no activations to drop")

    def drop(module: nn.Module, _: tuple[torch.Tensor, ...], output: torch.Tensor) -> torch.Tensor:
        return functional.dropout(output, probability, training=module.training)

    for module in added:
        module.register_forward_hook(drop)
    return _called(model, added, "activations", "dropout acts after %d activations")


def _is_activation(module: nn.Module) -> bool:
    """Return whether a module is the nonlinearity of hidden units; gates between 0 and 1 are not."""
    place = type(module).__module__
    known = place == "torch.nn.modules.activation" or place.startswith("timm.layers.activations")
    return known and not isinstance(module, NO_HIDDEN_UNITS) and "Sigmoid" not in type(module).__name__


def _called(model: nn.Module, modules: Sequence[nn.Module], what: str, done: str) -> Callable[[], None]:
    """Return the check that one of the modules was called."""
    called: set[nn.Module] = set()
    hooks = [module.register_forward_hook(lambda module, *_: called.add(module)) for module in modules]

    def check() -> None:
        for hook in hooks:
            hook.remove()
        if not called:
            raise ValueError(f"{type(model).__name__} never calls the {what}")
        log.info(done, len(called))

    return check
