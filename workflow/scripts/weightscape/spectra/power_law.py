"""Continuous power-law fit of the tail of a spectrum, with xmin at the smallest Kolmogorov–Smirnov distance.

The estimator is that of Clauset, Shalizi & Newman (2009, SIAM Review 51:661), in the form in which WeightWatcher 0.7.7
has it: for every eigenvalue but the largest as xmin = λ_i, α_i = 1 + n_i / Σ_{j≥i} ln(λ_j/λ_i) and
D_i = max_{j≥i} |1 − (λ_j/λ_i)^{1−α_i} − (j−i)/n_i|. The best xmin is found exactly, without computing every D_i.
"""

from dataclasses import dataclass

import numpy as np

from weightscape.spectra.not_computable import NotComputableError
from weightscape.spectra.settings import SmallN, Xmin

MIN_EIGENVALUES = 8
"""Fewer positive eigenvalues are not fitted (WeightWatcher skips such layers)."""

SMALL_N = 20
"""WeightWatcher 0.7.7 has a rule of its own below this number of eigenvalues."""

VALID_ALPHA = (1.5, 10.0)
MIN_TAIL = 10
"""Outside this range of α, or with a shorter tail, a fit is flagged."""

EQUAL = 1e-12
"""Eigenvalues that differ less, relative to their size, differ by rounding."""

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


def fit_power_law(values: np.ndarray, small_n: SmallN = "plain", xmin: Xmin = "ks") -> PowerLaw:
    """Fit a power law to the tail of `values`.

    Parameters
    ----------
    values
        Positive numbers, ascending, shape (n,).
    small_n
        ``"plain"``, or ``"ww077"`` for WeightWatcher 0.7.7's rule when there are fewer than 20 values and xmin is
        ``"ks"``: α = 1 + (n−1)/Σ ln(λ_j/xmin), and xmin at the smallest D over the tails of at least 8 values.
    xmin
        ``"ks"``: the value with the smallest D. ``"median"``: the middle value. ``"peak"``: the value with the
        smallest D between 0.95 and 1.5 times the mode of a histogram of log λ in 100 bins.

    Returns
    -------
    PowerLaw

    Raises
    ------
    NotComputableError
        If there are fewer than 8 values, or all of them are equal, or none is near the peak but the largest. The
        message is fit for a status column.
    """
    size = len(values)
    if size < MIN_EIGENVALUES:
        raise NotComputableError(f"power law: needs {MIN_EIGENVALUES} positive eigenvalues, has {size}")
    if not values[-1] > (1 + EQUAL) * values[0]:
        raise NotComputableError("power law: all eigenvalues are equal")
    if xmin == "median":
        return _fit_from(values, size // 2)
    if xmin == "peak":
        return _fit_from(values, _best_start(values, *_near_peak(values)))
    if small_n == "ww077" and size < SMALL_N:
        return _fit_ww077(values)
    return _fit_from(values, _best_start(values, 0, size - 1))


def bootstrap_alpha(
    values: np.ndarray,
    draws: int,
    rng: np.random.Generator,
    small_n: SmallN = "plain",
    xmin: Xmin = "ks",
    level: float = 0.95,
) -> tuple[float, float]:
    """Return the percentile interval of α over resamples of `values`, each with its own xmin.

    Eigenvalues repel each other, so resampling them as if they were independent gives an interval that is too wide
    rather than too narrow.

    Parameters
    ----------
    values
        Positive numbers, ascending, with at least one pair that differs.
    draws
        Number of resamples.
    rng
        Source of the resamples.
    small_n, xmin
        See `fit_power_law`.
    level
        Probability content of the interval.

    Raises
    ------
    NotComputableError
        If more than half of the resamples can't be fitted; the others are then no fair sample.
    """
    alphas: list[float] = []
    for _ in range(draws):
        try:
            alphas.append(fit_power_law(np.sort(rng.choice(values, len(values))), small_n, xmin).alpha)
        except NotComputableError:  # too many of the resample are equal
            continue
    if len(alphas) <= draws / 2:
        raise NotComputableError(f"bootstrap: {draws - len(alphas)} of {draws} resamples can't be fitted")
    low, high = np.quantile(alphas, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _fit_from(values: np.ndarray, start: int) -> PowerLaw:
    alpha, distance = tail_fit(values, start)
    if not np.isfinite(alpha):
        raise NotComputableError(f"power law: the {len(values) - start} eigenvalues from xmin on are equal")
    sigma = (alpha - 1) / float(np.sqrt(len(values) - start))
    return PowerLaw(alpha, float(values[start]), distance, sigma, len(values) - start, float(values[-1]))


def _near_peak(values: np.ndarray) -> tuple[int, int]:
    """Return the range of indices between 0.95 and 1.5 times the mode of the histogram of log λ.

    TempBalance and WeightWatcher compare λ with the logarithm of the lower limit, which lifts it; here both hold.
    """
    try:
        counts, edges = np.histogram(np.log10(values), bins=100)
    except ValueError as error:  # bins narrower than the numbers are exact
        raise NotComputableError("power law: the eigenvalues differ too little for a histogram") from error
    peak = 10 ** edges[np.argmax(counts)]
    first = int(np.searchsorted(values, 0.95 * peak, side="left"))
    end = min(int(np.searchsorted(values, 1.5 * peak, side="right")), len(values) - 1)
    if first >= end:
        raise NotComputableError("power law: no eigenvalue near the peak of the density but the largest")
    return first, end


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


def _best_start(values: np.ndarray, first: int, end: int) -> int:
    """Return the index from `first` to before `end` of the xmin with the smallest D, the first of equals.

    α for every start comes from one cumulative sum. D at a few of the tail's points is a lower bound of D; it is
    computed for all starts at once, refined for those that could still win, and D itself is then computed in order
    of the bound until the bound exceeds the best D found.
    """
    size = len(values)
    logs = np.log(values / values[-1])
    counts = np.arange(size, 1, -1, dtype=np.float64)
    excess = np.cumsum(logs[::-1])[::-1][:-1] - counts * logs[:-1]
    starts = first + np.flatnonzero(excess[first:end] > 0)
    if len(starts) == 0:
        return first
    slopes = counts[starts] / excess[starts]
    bounds = np.zeros(len(starts))
    best = np.inf
    for points in (8, 64):
        refined = _bounds(logs, starts, slopes, points)
        bounds = np.maximum(bounds, refined)
        best = min(best, tail_fit(values, int(starts[np.argmin(bounds)]))[1])
        keep = bounds <= best + _MARGIN
        if not keep.any():  # eigenvalues so nearly equal that rounding decides: the bounds are none
            break
        starts, slopes, bounds = starts[keep], slopes[keep], bounds[keep]
    best, best_start = np.inf, int(starts[0])
    for position in np.argsort(bounds, kind="stable"):
        if bounds[position] > best + _MARGIN:
            break
        start = int(starts[position])
        distance = tail_fit(values, start)[1]
        if (distance, start) < (best, best_start):
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
        raise NotComputableError("power law: no tail of 8 different eigenvalues")
    return fit
