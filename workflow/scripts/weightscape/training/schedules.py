"""Schedules of the learning rate, by the names that a config gives them; a new one is one entry of `SCHEDULES`.

Each is a function of the step alone: a run that is cut or resumed sees the rates of the full schedule.
"""

import math
from collections.abc import Callable, Sequence

RISE_SHARE = 0.3
"""Share of the steps over which the rate of `one_cycle` rises; torch's default."""
DROP = 0.1
"""What `step` multiplies the rate by at each milestone; torch's default."""


def learning_rate(
    name: str, step: int, steps: int, peak: float, warmup: float = 0.0, milestones: Sequence[float] = ()
) -> float:
    """Return the learning rate of one step.

    Parameters
    ----------
    name
        A key of `SCHEDULES`.
    step, steps
        The step, from 0, and the number of steps of the whole schedule.
    peak
        The highest rate.
    warmup
        Share of the steps over which the rate first rises in equal parts, the last of them being the peak (Goyal et
        al., arXiv 1706.02677, section 2.2); the schedule follows over the other steps.
    milestones
        Where the schedule `step` lowers the rate: shares of the steps after the warm-up.
    """
    rising = round(warmup * steps)
    if step < rising:
        return peak * (step + 1) / rising
    return SCHEDULES[name](step - rising, steps - rising, peak, milestones)


def constant(_step: int, _steps: int, peak: float, _milestones: Sequence[float]) -> float:
    """Return the peak rate."""
    return peak


def cosine(step: int, steps: int, peak: float, _milestones: Sequence[float]) -> float:
    """Return a rate that falls from the peak to 0 along half a cosine (Loshchilov & Hutter, arXiv 1608.03983)."""
    return peak * (1 + math.cos(math.pi * step / steps)) / 2


def one_cycle(step: int, steps: int, peak: float, _milestones: Sequence[float]) -> float:
    """Return a rate that rises from peak/25 over the first 30 % of the steps, and then falls to 0.

    Smith & Topin, arXiv 1708.07120, with cosine arms.
    """
    turn = max(1.0, RISE_SHARE * steps)
    if step < turn:
        low, high, position = peak / 25, peak, step / turn
    else:
        low, high, position = peak, 0.0, (step - turn) / max(1.0, steps - turn)
    return low + (high - low) * (1 - math.cos(math.pi * position)) / 2


def step_wise(step: int, steps: int, peak: float, milestones: Sequence[float]) -> float:
    """Return a rate that is divided by ten at each milestone, as He et al. trained residual networks (1512.03385)."""
    return peak * DROP ** sum(step >= round(share * steps) for share in milestones)


SCHEDULES: dict[str, Callable[[int, int, float, Sequence[float]], float]] = {
    "constant": constant,
    "cosine": cosine,
    "one_cycle": one_cycle,
    "step": step_wise,
}
"""Functions of step, number of steps, peak rate and milestones."""
