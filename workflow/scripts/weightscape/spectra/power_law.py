"""Continuous power-law fit of the tail of a spectrum, with xmin at the smallest Kolmogorov–Smirnov distance.

The estimator is that of Clauset, Shalizi & Newman (2009, SIAM Review 51:661), in the form in which WeightWatcher 0.7.7
has it: for every eigenvalue but the largest as xmin = λ_i, α_i = 1 + n_i / Σ_{j≥i} ln(λ_j/λ_i) and
D_i = max_{j≥i} |1 − (λ_j/λ_i)^{1−α_i} − (j−i)/n_i|. The best xmin is found exactly, without computing every D_i.
"""

from dataclasses import dataclass

import numpy as np

MIN_EIGENVALUES = 8
"""Fewer positive eigenvalues are not fitted (WeightWatcher skips such layers)."""

SMALL_N = 20
"""WeightWatcher 0.7.7 has a rule of its own below this number of eigenvalues."""

VALID_ALPHA = (1.5, 10.0)
MIN_TAIL = 10
"""Outside this range of α, or with a shorter tail, a fit is flagged."""

_MARGIN = 1e-9
"""Bounds and cumulative sums may be off by rounding; candidates this close to the best are computed in full."""


@dataclass(frozen=True)
class PowerLaw:
    """A fitted tail p(λ) ∝ λ^−α for λ ≥ xmin.

    Attributes
    ----------
    alpha, xmin, D
        Exponent, start of the tail, and its Kolmogorov–Smirnov distance from the data.
    sigma
        Standard error (α − 1)/√n of α for a given xmin.
    num_tail
        n, the number of eigenvalues that were fitted.
    xmax
        The largest eigenvalue.
    """

    alpha: float
    xmin: float
    D: float
    sigma: float
    num_tail: int
    xmax: float

    def flags(self) -> list[str]:
        """Return the reasons, if any, not to rely on this fit.

        The limit on D is the 5 % point of the Kolmogorov–Smirnov test for an exponential law with fitted mean, which
        ln(λ/xmin) follows under the power law (Stephens 1974, JASA 69:730).
        """
        reasons = []
        if not VALID_ALPHA[0] <= self.alpha <= VALID_ALPHA[1]:
            reasons.append(f"alpha outside [{VALID_ALPHA[0]:g}, {VALID_ALPHA[1]:g}]")
        if self.num_tail < MIN_TAIL:
            reasons.append(f"tail of {self.num_tail} < {MIN_TAIL}")
        root = np.sqrt(self.num_tail)
        if (self.D - 0.2 / self.num_tail) * (root + 0.26 + 0.5 / root) > 1.094:
            reasons.append("D too large")
        return reasons


def fit_power_law(values: np.ndarray, small_n: str = "plain") -> PowerLaw:
    """Fit a power law to the tail of `values`.

    Parameters
    ----------
    values
        Positive numbers, ascending, shape (n,).
    small_n
        ``"plain"``, or ``"ww077"`` for WeightWatcher 0.7.7's rule when there are fewer than 20 values:
        α = 1 + (n−1)/Σ ln(λ_j/xmin), and xmin at the smallest D over the tails of at least 8 values.

    Returns
    -------
    PowerLaw

    Raises
    ------
    ValueError
        If there are fewer than 8 values, or all of them are equal. The message is fit for a status column.
    """
    if len(values) < MIN_EIGENVALUES:
        raise ValueError(f"power law: {len(values)} positive eigenvalues, at least {MIN_EIGENVALUES} needed")
    if not values[-1] > values[0]:
        raise ValueError("power law: all eigenvalues are equal")
    if small_n == "ww077" and len(values) < SMALL_N:
        return _fit_ww077(values)
    start = _best_start(values)
    alpha, distance = tail_fit(values, start)
    return PowerLaw(
        alpha=alpha,
        xmin=float(values[start]),
        D=distance,
        sigma=(alpha - 1) / float(np.sqrt(len(values) - start)),
        num_tail=len(values) - start,
        xmax=float(values[-1]),
    )


def tail_fit(values: np.ndarray, start: int) -> tuple[float, float]:
    """Return α and D of the tail that starts at index `start`; (inf, …) and (…, 1) mark tails without a fit."""
    tail = values[start:]
    n = float(len(tail))
    logs = np.log(tail)
    excess = float(np.sum(logs) - n * logs[0])
    if excess <= 0:
        return float("inf"), 1.0
    alpha = 1 + n / excess
    return alpha, float(np.max(np.abs(1 - (tail / tail[0]) ** (1 - alpha) - np.arange(n) / n)))


def _best_start(values: np.ndarray) -> int:
    """Return the index of the xmin with the smallest D, the first of equals.

    α for every start comes from one cumulative sum. D at a few of the tail's points is a lower bound of D; it is
    computed for all starts at once, refined for those that could still win, and D itself is then computed in order
    of the bound until the bound exceeds the best D found.
    """
    size = len(values)
    logs = np.log(values / values[-1])
    counts = np.arange(size, 1, -1, dtype=np.float64)
    excess = np.cumsum(logs[::-1])[::-1][:-1] - counts * logs[:-1]
    starts = np.flatnonzero(excess > 0)
    slopes = counts[starts] / excess[starts]
    bounds = np.zeros(len(starts))
    best = np.inf
    for points in (8, 64):
        refined = _bounds(logs, starts, slopes, points)
        bounds = np.maximum(bounds, refined)
        best = min(best, tail_fit(values, int(starts[np.argmin(bounds)]))[1])
        keep = bounds <= best + _MARGIN
        starts, slopes, bounds = starts[keep], slopes[keep], bounds[keep]
    best, best_start = np.inf, int(starts[0])
    for position in np.argsort(bounds, kind="stable"):
        if bounds[position] > best + _MARGIN:
            break
        start = int(starts[position])
        distance = tail_fit(values, start)[1]
        if (distance, start) < (best, best_start) or best == np.inf:
            best, best_start = distance, start
    return best_start


def _bounds(logs: np.ndarray, starts: np.ndarray, slopes: np.ndarray, points: int) -> np.ndarray:
    """Return, for each start, the largest deviation at `points` evenly spaced places of its tail."""
    counts = len(logs) - starts
    steps = (np.linspace(0, 1, points + 1)[1:, None] * (counts - 1)).astype(np.intp)
    ratios = logs[starts + steps] - logs[starts]
    return np.abs(1 - np.exp(-slopes * ratios) - steps / counts).max(axis=0)


def _fit_ww077(values: np.ndarray) -> PowerLaw:
    """Fit as WeightWatcher 0.7.7 does below 20 eigenvalues.

    Its ``fit_powerlaw_smallN`` chooses xmin by D − 0.868/√n, but its constructor then replaces the choice by
    the smallest D; the result that users see is reproduced here.
    """
    size = len(values)
    logs = np.log(values)
    fit: PowerLaw | None = None
    for start in range(size - MIN_EIGENVALUES + 1):
        n = float(size - start)
        excess = float(np.sum(logs[start:]) - n * logs[start])
        if excess <= 1e-12:
            continue
        alpha = 1 + (n - 1) / excess
        tail = values[start:]
        distance = float(np.max(np.abs(np.arange(n) / n - (1 - (tail / tail[0]) ** (1 - alpha)))))
        if fit is None or distance < fit.D:
            fit = PowerLaw(alpha, float(tail[0]), distance, (alpha - 1) / float(np.sqrt(n)), int(n), float(values[-1]))
    if fit is None:
        raise ValueError("power law: no tail of 8 different eigenvalues")
    return fit
