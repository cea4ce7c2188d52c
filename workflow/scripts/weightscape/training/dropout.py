"""Dropout that acts: in the residual branch of every block and before the classifier.

Srivastava et al., JMLR 15 (2014) 1929; the placement in the residual branch follows Zagoruyko & Komodakis,
arXiv 1605.07146. Dropout after the skip addition would also drop the identity path, which destroys the training of a
pre-trained network already at p = 0.2; inside the branch the skip keeps its signal.
"""

import logging
from collections.abc import Callable
from typing import cast

import torch
from timm.layers import DropPath
from torch import nn
from torch.nn import functional

from weightscape.residual_branches import residual_branches

log = logging.getLogger(__name__)


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
        To be called once after a forward pass: raises ValueError if no residual branch has called its dropout. Blocks
        without a skip never do.

    Raises
    ------
    ValueError
        If the architecture has no residual branch that timm's convention gives access to.
    """
    added = []
    for block, name in list(residual_branches(model)):
        end = getattr(block, name)
        dropout = nn.Dropout(probability)
        setattr(block, name, nn.Sequential(dropout, end) if isinstance(end, DropPath) else dropout)
        added.append(dropout)
    if not added:
        raise ValueError(f"{type(model).__name__} has no residual block with a drop_path to place dropout in")

    def drop_features(_: nn.Module, inputs: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        features, *rest = inputs
        return (functional.dropout(features, probability, training=model.training), *rest)

    cast(Callable[[], nn.Module], model.get_classifier)().register_forward_pre_hook(drop_features)

    called: set[nn.Module] = set()
    hooks = [module.register_forward_hook(lambda module, *_: called.add(module)) for module in added]

    def check() -> None:
        for hook in hooks:
            hook.remove()
        if not called:
            raise ValueError(f"{type(model).__name__} never calls the dropout in its residual branches")
        log.info("dropout acts in %d residual branches and before the classifier", len(called))

    return check
