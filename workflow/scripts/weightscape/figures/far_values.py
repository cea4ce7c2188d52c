"""Axes on which a value far away from all others does not flatten them."""

from typing import Literal

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

FAR = 4.0
"""How many times farther from zero than usual a value must be for an axis to bend."""


def bend_of(values: np.ndarray, halves: np.ndarray) -> float | None:
    """Return the distance from zero beyond which an axis should bend; None if no value is far away.

    Parameters
    ----------
    values
        What is drawn.
    halves
        Half the lengths of the intervals: an axis does not bend within the usual one.
    """
    usual = max(float(np.median(np.abs(values))), float(np.nanmedian(halves)))
    return _nice(usual) if np.abs(values).max() > FAR * usual > 0 else None


def bend_axes(ax: plt.Axes, which: Literal["x", "xy"], bend: float, largest: float) -> None:
    """Draw values beyond `bend` nearer: on the scale arsinh(x/bend), nearly linear within it and logarithmic beyond.

    Parameters
    ----------
    ax, which
        The panel, and which of its axes get the scale.
    bend
        From `bend_of`.
    largest
        The ticks reach as far as this.
    """
    steps = [bend * 10.0**power * step for power in range(9) for step in (1, 3)]
    ends = [round(step, 9) for step in steps if step <= largest]
    for name in which:
        axis, set_scale = (ax.xaxis, ax.set_xscale) if name == "x" else (ax.yaxis, ax.set_yscale)
        set_scale("asinh", linear_width=bend)
        axis.set_major_locator(FixedLocator([*(-end for end in ends), 0.0, *ends]))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}".replace("-", "−")))


def _nice(value: float) -> float:
    """Return the largest of 1, 2 and 5 times a power of ten that is not above the value."""
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(step * power for step in (5, 2, 1) if step * power <= value * 1.001))
