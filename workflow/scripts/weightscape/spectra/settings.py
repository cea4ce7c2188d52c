"""The choices of an analysis, checked once: which metrics, and which convention where the literature has several."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

Conv = Literal["ww", "flat"]
SmallN = Literal["plain", "ww077"]

METRICS = ("norms", "power_law", "hill", "mp", "robust_mp")
"""Every metric group that `analyze` knows; see docs/spectra.md for the columns of each."""

DEFAULT_METRICS = ("norms", "power_law", "hill", "mp", "robust_mp")
"""The groups that `analyze` computes unless told otherwise."""


@dataclass(frozen=True)
class Settings:
    """The settings of one analysis.

    Attributes
    ----------
    metrics
        Groups of columns to compute, a subset of `METRICS`.
    conv
        ``"ww"`` pools the spectra of the kh·kw slices of a convolution, each times √½, as WeightWatcher does;
        ``"flat"`` takes the one matrix out × (in·kh·kw).
    small_n
        ``"plain"`` fits few eigenvalues as it fits many; ``"ww077"`` uses WeightWatcher 0.7.7's rule below 20.
    floor
        Eigenvalues at or below it are left out of the power law. ``None`` leaves out what is zero to rounding, which
        keeps α independent of the weights' scale; WeightWatcher's value is 1e-5.
    """

    metrics: tuple[str, ...] = DEFAULT_METRICS
    conv: Conv = "ww"
    small_n: SmallN = "plain"
    floor: float | None = None

    def __post_init__(self) -> None:
        """Refuse what no analysis can mean."""
        unknown = sorted(set(self.metrics) - set(METRICS))
        if unknown:
            raise ValueError(f"metrics: {', '.join(unknown)} not known; allowed are {', '.join(METRICS)}")
        _one_of("conv", self.conv, get_args(Conv))
        _one_of("small_n", self.small_n, get_args(SmallN))
        if self.floor is not None and not self.floor >= 0:
            raise ValueError(f"floor: {self.floor} found, a number ≥ 0 or None is allowed")

    @classmethod
    def of(cls, **choices: Any) -> "Settings":
        """Return the settings for `choices`, with lists turned into tuples (as they come from JSON or YAML)."""
        unknown = sorted(set(choices) - {field.name for field in fields(cls)})
        if unknown:
            allowed = ", ".join(field.name for field in fields(cls))
            raise ValueError(f"{', '.join(unknown)}: no such setting of the spectra; allowed are {allowed}")
        if "metrics" in choices:
            choices["metrics"] = tuple(choices["metrics"])
        return cls(**choices)


def _one_of(name: str, value: object, allowed: Iterable[object]) -> None:
    if value not in allowed:
        raise ValueError(f"{name}: {value!r} found, allowed are {', '.join(map(repr, allowed))}")
