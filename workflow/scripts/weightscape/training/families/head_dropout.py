"""Dropout before the classifier only."""

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from weightscape.section import Range
from weightscape.training.intervention import Intervention

if TYPE_CHECKING:
    from torch import nn


class HeadDropout(Intervention):
    """Dropout before the classifier only: what dropout was in the published code of Ba et al. (arXiv 2410.14602)."""

    roles: ClassVar[frozenset[str]] = frozenset({"dropout"})

    family: Literal["head_dropout"]
    dose: Annotated[float, Range(0, 1, low_open=True, high_open=True)]
    """dropout probability before the classifier"""

    def modify(self, model: "nn.Module") -> None:
        """Place the dropout."""
        from weightscape.training.dropout import add_head_dropout

        add_head_dropout(model, self.dose)
