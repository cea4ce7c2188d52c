"""Dropout in the residual branch of every block and before the classifier."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from weightscape.section import Range
from weightscape.training.intervention import Intervention

if TYPE_CHECKING:
    from torch import nn


class Dropout(Intervention):
    """Dropout in the residual branch of every block before the skip is added, and before the classifier."""

    roles: ClassVar[frozenset[str]] = frozenset({"dropout"})

    family: Literal["dropout"]
    dose: Annotated[float, Range(0, 1, low_open=True, high_open=True)]
    """dropout probability"""

    def modify(self, model: "nn.Module") -> Callable[[], None]:
        """Place the dropout; the check fails if no residual branch calls it."""
        from weightscape.training.dropout import add_dropout

        return add_dropout(model, self.dose)
