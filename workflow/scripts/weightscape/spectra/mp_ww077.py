"""WeightWatcher 0.7.7's Marchenko–Pastur fit, with the same numbers at a small part of the cost.

WeightWatcher rescales the eigenvalues to mean 1, estimates their density with a triangular kernel of width 0.1 on 1,000
points, and searches the σ of the Marchenko–Pastur law (of the quarter-circle law for square matrices) with the smallest
squared residual: on a grid of 195 values, then by Nelder–Mead. It estimates the density anew for every σ; here it is
computed once, from two cumulative sums.

The law must cover the density's highest point. Between two eigenvalues that are less than the kernel's width apart that
density can be flat, and then rounding says which of its points WeightWatcher takes; here it is the first (`plateau`).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.optimize

from weightscape.spectra.not_computable import NotComputableError

BANDWIDTH = 0.1
POINTS = 1000
MIN_DENSITY = 0.01
_REFUSED = 1000.0**2
_FLAT = 1e-9
"""Relative difference below which densities are equal but for rounding."""


@dataclass(frozen=True)
class MPFit:
    """The fit in WeightWatcher's terms; see `fit_mp` for the units.

    Attributes
    ----------
    num_spikes
        Eigenvalues beyond the bulk's edge plus WeightWatcher's margin √(Q^−½ λ₊^⅔ M^−⅔).
    sigma_mp
        σ of the law for the rescaled eigenvalues.
    mp_softrank
        λ₊/λmax.
    bulk_min, bulk_max
        Edges of the bulk in the units of the eigenvalues.
    W_scale
        √(n/Σλ), by which WeightWatcher multiplies W.
    """

    num_spikes: int
    sigma_mp: float
    mp_softrank: float
    bulk_min: float
    bulk_max: float
    W_scale: float


def fit_mp(eigenvalues: np.ndarray, larger: int, smaller: int) -> MPFit:
    """Fit as WeightWatcher's ``mp_fit=True`` does.

    Parameters
    ----------
    eigenvalues
        Ascending, with a positive sum.
    larger, smaller
        N and M of the layer's matrices; Q = N/M.

    Raises
    ------
    NotComputableError
        If no point of the grid has a density above 0.01 (WeightWatcher then reports −1 everywhere).
    """
    ratio = larger / smaller
    scale = np.sqrt(len(eigenvalues)) / np.sqrt(np.sum(eigenvalues))
    scaled = scale * scale * eigenvalues
    sigma = _search(np.sqrt(scaled) if ratio == 1 else scaled, ratio, float(scaled[-1]))
    upper = (sigma * (1 + 1 / np.sqrt(ratio))) ** 2
    lower = (sigma * (1 - 1 / np.sqrt(ratio))) ** 2
    margin = np.sqrt(1 / np.sqrt(ratio) * upper ** (2 / 3) * float(smaller) ** (-2 / 3))
    return MPFit(
        num_spikes=int(np.count_nonzero(scaled > upper + margin)),
        sigma_mp=sigma,
        mp_softrank=float(upper / scaled[-1]),
        bulk_min=float(lower / scale**2),
        bulk_max=float(upper / scale**2),
        W_scale=float(scale),
    )


def _search(values: np.ndarray, ratio: float, largest: float) -> float:
    """Return the σ with the smallest squared residual, as ``scipy.optimize.brute`` with its finish finds it."""
    grid = np.linspace(0, values[-1] + 0.5, POINTS)
    density = triangular_density(values, grid)
    good = density > MIN_DENSITY
    if not good.any():
        raise NotComputableError("MP fit: density below 0.01 everywhere")
    grid, density = grid[good], density[good]
    step = float(np.sqrt(largest / np.square(1 + 1 / np.sqrt(ratio))))
    sigmas = np.mgrid[slice(0.05 * step, 2.0 * step, 0.01 * step)]
    residual = _quarter_circle_residual(grid, density) if ratio == 1 else _mp_residual(grid, density, ratio)
    coarse = np.array([residual(sigma) for sigma in sigmas])
    start = float(sigmas[np.argmin(coarse)])
    return float(scipy.optimize.fmin(lambda sigma: residual(float(sigma[0])), start, disp=False)[0])


def triangular_density(values: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """Return the density of `values` (ascending) at `grid` with the kernel (1 − |x|/h)/h, h = 0.1.

    The sum of a triangle over a window is linear in the count and the sum of the values on either side, which
    two cumulative sums give for all points at once.
    """
    sums = np.concatenate([[0.0], np.cumsum(values)])
    left = np.searchsorted(values, grid - BANDWIDTH)
    middle = np.searchsorted(values, grid)
    right = np.searchsorted(values, grid + BANDWIDTH)
    below = (middle - left) * (BANDWIDTH - grid) + sums[middle] - sums[left]
    above = (right - middle) * (BANDWIDTH + grid) - sums[right] + sums[middle]
    return (below + above) / (BANDWIDTH**2 * len(values))


def plateau(grid: np.ndarray, density: np.ndarray) -> np.ndarray:
    """Return the points of the grid at which the density is highest, but for rounding."""
    return grid[density >= (1 - _FLAT) * density.max()]


def _mp_residual(grid: np.ndarray, density: np.ndarray, ratio: float) -> Callable[[float], float]:
    """Return the function σ ↦ Σ(law − density)² of WeightWatcher's ``resid_mp`` for rectangular matrices."""
    peak, last = float(plateau(grid, density)[0]), float(grid[-1])
    refused = _REFUSED * len(grid)
    root = np.sqrt(1 / ratio)
    y = 1 / ratio

    def residual(sigma: float) -> float:
        upper, lower = (sigma * (1 + root)) ** 2, (sigma * (1 - root)) ** 2
        if upper < peak or upper > last or lower > peak:
            return refused
        law = np.zeros(len(grid))
        first, end = np.searchsorted(grid, [lower, upper], side="right")
        x = grid[first:end]
        law[first:end] = 1 / (2 * np.pi * sigma * sigma * x * y) * np.sqrt((upper - x) * (x - lower))
        return float(np.sum((law - density) ** 2))

    return residual


def _quarter_circle_residual(grid: np.ndarray, density: np.ndarray) -> Callable[[float], float]:
    """Return the function σ ↦ Σ(law − density)² for square matrices, on singular values."""
    root = np.zeros(len(grid))
    inside = np.abs(grid) <= 2
    root[inside] = np.sqrt(4 - grid[inside] ** 2)

    def residual(sigma: float) -> float:
        return float(np.sum((1 / (np.pi * sigma * sigma) * root - density) ** 2))

    return residual
