"""Residual branches of timm's models, by timm's convention of where a branch ends."""

from collections.abc import Iterator

from timm.layers import DropPath
from torch import nn

# timm's blocks call one of these on their residual branch right before the skip is added.
BRANCH_ENDS = ("drop_path", "drop_path1", "drop_path2")


def residual_branches(model: nn.Module) -> Iterator[tuple[nn.Module, str]]:
    """Yield each block that has a residual branch, with the name of the attribute that ends the branch.

    The attribute is a `DropPath`, an `Identity` or None, or what an intervention put in their place. A block without a
    skip may have one as well and not call it.
    """
    for block in model.modules():
        for name in BRANCH_ENDS:
            end = getattr(block, name, ...)
            if end is None or isinstance(end, nn.Identity | DropPath | nn.Dropout | nn.Sequential):
                yield block, name
