"""Decay towards the pre-trained weights."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from weightscape.section import Range
from weightscape.training.intervention import Intervention

if TYPE_CHECKING:
    import torch
    from torch import nn


class L2SP(Intervention):
    """Decay of weight matrices and kernels towards the pre-trained ones (L²-SP; Li et al., arXiv 1802.01483).

    The new classifier, which has no pre-trained weights, decays towards 0 at the same strength. Like `weight_decay` it
    leaves biases and normalisation gains alone, so that the two differ in the point of attraction only.
    """

    roles: ClassVar[frozenset[str]] = frozenset({"weight_decay"})

    family: Literal["l2_sp"]
    mode: Literal["decoupled", "l2"]
    """`decoupled` (the weights move, as in AdamW) or `l2` (added to the gradient, as in the paper)"""
    dose: Annotated[float, Range(0, 10, low_open=True)]
    """decay towards the start"""

    def before_step(self, model: "nn.Module") -> "Callable[[torch.optim.Optimizer], None]":
        """Return the pull: λ(w − w⁰) added to the gradient, or −ηλ(w − w⁰) to the weight, η being its learning rate."""
        import torch

        from weightscape.training.freezing import classifier_parameters

        fresh = classifier_parameters(model)
        start = {
            parameter: torch.zeros_like(parameter) if id(parameter) in fresh else parameter.detach().clone()
            for parameter in model.parameters()
            if parameter.ndim > 1 and parameter.requires_grad
        }

        @torch.no_grad()
        def pull(optimizer: "torch.optim.Optimizer") -> None:
            for group in optimizer.param_groups:
                for parameter in group["params"]:
                    if parameter not in start or parameter.grad is None:
                        continue
                    distance = parameter - start[parameter]
                    if self.mode == "l2":
                        parameter.grad.add_(distance, alpha=self.dose)
                    else:
                        parameter.sub_(distance, alpha=group["lr"] * self.dose)

        return pull
