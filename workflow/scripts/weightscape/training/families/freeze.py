"""The first layers stay as they are."""

from typing import TYPE_CHECKING, Annotated, Literal

from weightscape.section import Range
from weightscape.training.intervention import Intervention

if TYPE_CHECKING:
    from torch import nn


class Freeze(Intervention):
    """The first layers of the network stay as they are, and so do the statistics of their batch norms."""

    family: Literal["freeze"]
    dose: Annotated[float, Range(0, 1, low_open=True)]
    """share of the layers"""

    def modify(self, model: "nn.Module") -> None:
        """Freeze that share of the weight matrices, at least one; with a share of 1 the classifier alone is trained."""
        from weightscape.training.freezing import backbone_layers, freeze

        freeze(model, max(1, round(self.dose * len(backbone_layers(model)))))
