"""Weight decay of matrices and kernels."""

from typing import Annotated, ClassVar, Literal

from weightscape.section import Range
from weightscape.training.intervention import Intervention


class WeightDecay(Intervention):
    """Weight decay on weight matrices and kernels only, never on biases and normalisation gains."""

    roles: ClassVar[frozenset[str]] = frozenset({"weight_decay"})

    family: Literal["weight_decay"]
    mode: Literal["decoupled", "l2"]
    """`decoupled` (AdamW; Loshchilov & Hutter, arXiv 1711.05101) or `l2` (added to the gradient)"""
    dose: Annotated[float, Range(0, 10, low_open=True)]
    """weight decay"""

    def weight_decay(self) -> tuple[float, bool]:
        """Return the strength and whether it is decoupled."""
        return self.dose, self.mode == "decoupled"
