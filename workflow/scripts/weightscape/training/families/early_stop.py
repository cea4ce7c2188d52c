"""Training that stops early."""

from typing import Annotated, ClassVar, Literal

from weightscape.section import Range
from weightscape.training.intervention import Intervention


class EarlyStop(Intervention):
    """Training takes fewer steps."""

    roles: ClassVar[frozenset[str]] = frozenset({"early_stop"})

    family: Literal["early_stop"]
    schedule: Literal["annealed", "cut"] = "annealed"
    """`annealed`: the learning rate runs through its whole schedule in fewer steps, so that the run differs from the
    baseline in how far training went and not in the noise of a high rate at its end; `cut`: training breaks off in the
    middle of the baseline's schedule"""
    dose: Annotated[float, Range(0, 1, low_open=True, high_open=True)]
    """share of the steps"""

    def steps(self, steps: int) -> int:
        """Return that share of the steps, at least one."""
        return max(1, round(steps * self.dose))

    def schedule_steps(self, steps: int) -> int:
        """Return the same where the schedule is annealed."""
        return self.steps(steps) if self.schedule == "annealed" else steps
