"""The choices of an analysis, checked once: which metrics, and which convention where the literature has several."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from weightscape.spectra.linalg import NUMPY, check_device

Conv = Literal["ww", "flat"]
SmallN = Literal["plain", "ww077"]
Xmin = Literal["ks", "median", "peak"]

DEFAULT_METRICS = ("norms", "power_law", "hill", "mp", "robust_mp", "erg", "change", "subspaces")
"""The groups of columns that `analyze` computes unless told otherwise; the last two need ``before``."""

METRICS = (*DEFAULT_METRICS, "farms", "likelihood", "vectors")
"""Every group that can be asked for; docs/spectra.md has the columns of each."""


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
    xmin
        Where the power-law tail starts: at the smallest Kolmogorov–Smirnov distance (``"ks"``), at the median
        eigenvalue, or at the best place near the peak of the density of log λ. The three are TempBalance's.
    floor
        Eigenvalues at or below it are left out of the power law. ``None`` leaves out what is zero to rounding, which
        keeps α independent of the weights' scale; WeightWatcher's value is 1e-5.
    bootstrap
        Number of resamples for the interval of α; 0 leaves its columns out.
    randomize
        Number of times the elements of each matrix are shuffled for the comparison with a random matrix; 0 leaves its
        columns out.
    seed
        Of the shuffles and resamples, which also depend on the content of the weight.
    device
        ``"numpy"``, or a torch device such as ``"cuda"`` on which eigenvalues are computed, in float64 too.
    """

    metrics: tuple[str, ...] = DEFAULT_METRICS
    conv: Conv = "ww"
    small_n: SmallN = "plain"
    xmin: Xmin = "ks"
    floor: float | None = None
    bootstrap: int = 0
    randomize: int = 0
    seed: int = 0
    device: str = NUMPY

    def __post_init__(self) -> None:
        """Refuse what no analysis can mean."""
        unknown = sorted(set(self.metrics) - set(METRICS))
        if unknown:
            raise ValueError(f"metrics: {', '.join(unknown)} not known; allowed are {', '.join(METRICS)}")
        for name, kind in (("conv", Conv), ("small_n", SmallN), ("xmin", Xmin)):
            _one_of(name, getattr(self, name), get_args(kind))
        for name in ("bootstrap", "randomize"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name}: {getattr(self, name)} found, a number of draws ≥ 0 is allowed")
        if self.floor is not None and not self.floor >= 0:
            raise ValueError(f"floor: {self.floor} found, a number ≥ 0 or None is allowed")
        check_device(self.device)

    @property
    def groups(self) -> frozenset[str]:
        """The groups of columns in a table with these settings."""
        extra = {"bootstrap"} if self.bootstrap else set[str]()
        return frozenset({"spectrum", "status", *self.metrics, *extra, *({"random"} if self.randomize else ())})


def _one_of(name: str, value: object, allowed: Iterable[object]) -> None:
    if value not in allowed:
        raise ValueError(f"{name}: {value!r} found, allowed are {', '.join(map(repr, allowed))}")
