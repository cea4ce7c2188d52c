"""Stochastic depth: whole residual branches are dropped."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from weightscape.section import Range
from weightscape.training.intervention import Intervention

if TYPE_CHECKING:
    from torch import nn


class StochasticDepth(Intervention):
    """Stochastic depth: residual branches are dropped, image by image (Huang et al., arXiv 1603.09382)."""

    roles: ClassVar[frozenset[str]] = frozenset({"dropout"})

    family: Literal["drop_path"]
    rates: Literal["linear", "constant"] = "linear"
    """`linear`: from 0 in the first block to the dose in the last one, as in timm; `constant`: the dose in every
    block"""
    dose: Annotated[float, Range(0, 1, low_open=True, high_open=True)]
    """probability of dropping a branch"""

    def modify(self, model: "nn.Module") -> Callable[[], None]:
        """Put a DropPath at the end of every residual branch; the check fails if no branch calls one."""
        from weightscape.training.dropout import add_drop_path

        return add_drop_path(model, self.dose, constant=self.rates == "constant")
