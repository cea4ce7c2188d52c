"""Training that stops early."""

from typing import Annotated, Literal

from weightscape.section import Range
from weightscape.training.intervention import Intervention


class EarlyStop(Intervention):
    """Training stops early; the learning rate follows the full schedule until then."""

    family: Literal["early_stop"]
    dose: Annotated[float, Range(0, 1, low_open=True, high_open=True)]
    """share of the steps"""

    def steps(self, steps: int) -> int:
        """Return that share of the steps, at least one."""
        return max(1, round(steps * self.dose))
