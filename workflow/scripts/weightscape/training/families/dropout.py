"""Dropout in the residual branch of every block, or after every activation, and before the classifier."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from weightscape.section import Range
from weightscape.training.intervention import Intervention

if TYPE_CHECKING:
    from torch import nn


class Dropout(Intervention):
    """Dropout at the end of residual branches, or after activations where there are none, and before the classifier."""

    roles: ClassVar[frozenset[str]] = frozenset({"dropout"})

    family: Literal["dropout"]
    dose: Annotated[float, Range(0, 1, low_open=True, high_open=True)]
    """dropout probability"""

    def modify(self, model: "nn.Module") -> Callable[[], None]:
        """Place the dropout; the check fails if none of it is called."""
        from weightscape.training.dropout import add_dropout

        return add_dropout(model, self.dose)
