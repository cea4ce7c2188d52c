"""The Marchenko–Pastur law, and a robust fit of it to the bulk of a spectrum.

Fitting quantiles of the bulk rather than a density needs no kernel width, is not moved by a few large eigenvalues,
and is exact for a random matrix of any aspect ratio.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.stats

from weightscape.spectra.eigenvalues import zero_level
from weightscape.spectra.not_computable import NotComputableError

BULK_QUANTILES = np.linspace(0.1, 0.7, 25)
"""Quantiles of the bulk that are matched; above them correlations bend the spectrum, below them rounding does."""

FALSE_SPIKES = 0.01
"""Probability that a random matrix shows any eigenvalue beyond the margin."""

VARIANCE_ERROR = 2.4
"""Relative standard deviation of the fitted variance, times the root of the number of entries, of square Gaussian
matrices; it falls to 1.7 for N ≫ M (simulated, 20 ≤ M ≤ 300)."""

ZERO_SHARE = 0.1
"""With a larger share of zero eigenvalues there is no bulk of a random matrix to fit."""


@dataclass(frozen=True)
class Bulk:
    """A Marchenko–Pastur bulk and what lies beyond it.

    Attributes
    ----------
    sigma
        Standard deviation of the entries of a random matrix with this bulk.
    lower, upper
        Edges σ²(√N ∓ √M)² of the bulk.
    upper_tw
        Upper edge with the margin for chance, beyond which an eigenvalue is a spike; see `spike_edge`.
    num_spikes
        Number of eigenvalues beyond `upper_tw`.
    spike_mass
        Their share of Σλ.
    ks
        Kolmogorov–Smirnov distance between the other eigenvalues and the law.
    """

    sigma: float
    lower: float
    upper: float
    upper_tw: float
    num_spikes: int
    spike_mass: float
    ks: float


def mp_quantiles(ratio: float, probabilities: np.ndarray) -> np.ndarray:
    """Return quantiles of the Marchenko–Pastur law for unit variance.

    Parameters
    ----------
    ratio
        y = M/N in (0, 1]. The law is that of the eigenvalues of XᵀX/N for X of N × M independent entries.
    probabilities
        In [0, 1].
    """
    cdf, support = _mp_grid(ratio)
    return np.interp(probabilities, cdf, support)


def mp_cdf(ratio: float, values: np.ndarray) -> np.ndarray:
    """Return the distribution function of the Marchenko–Pastur law for unit variance at `values`."""
    cdf, support = _mp_grid(ratio)
    return np.interp(values, support, cdf, left=0.0, right=1.0)


@lru_cache(maxsize=256)
def _mp_grid(ratio: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the distribution function on a grid that is fine at both edges.

    With λ = 1 + y − 2√y cos φ the density of φ in [0, π] is 2 sin²φ / (πλ), which has no singular edges.
    """
    phi = np.linspace(0, np.pi, 4097)
    support = (1 - np.sqrt(ratio)) ** 2 + 4 * np.sqrt(ratio) * np.sin(phi / 2) ** 2
    with np.errstate(invalid="ignore"):
        density = 2 * np.sin(phi) ** 2 / (np.pi * support)
    density[0] = 2 / np.pi if ratio == 1 else 0.0  # the limit at φ = 0, where λ = 0 for square matrices
    cdf = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)]) * (phi[1] - phi[0])
    return cdf / cdf[-1], support


def tracy_widom_quantile(tail: float) -> float:
    """Return the value that a Tracy–Widom variable (β = 1) exceeds with probability `tail`.

    By the shifted gamma approximation of Chiani (2014, Journal of Multivariate Analysis 129:69), good to about 1e-2.
    """
    return float(scipy.stats.gamma.isf(tail, 46.446, scale=0.186054)) - 9.84801


def tracy_widom_edge(larger: int, smaller: float, tail: float) -> float:
    """Return the value that λmax of XᵀX exceeds with probability `tail`, X of larger × smaller N(0, 1) entries.

    Centre and scale by Johnstone (2001, Annals of Statistics 29:295) with the ½ corrections of Ma (2012).
    """
    a, b = np.sqrt(larger - 0.5), np.sqrt(smaller - 0.5)
    return float((a + b) ** 2 + (a + b) * (1 / a + 1 / b) ** (1 / 3) * tracy_widom_quantile(tail))


def spike_edge(larger: int, smaller: float, count: int) -> float:
    """Return the value that the eigenvalues of `count` pooled N(0, 1) matrices exceed with probability `FALSE_SPIKES`.

    The margin above the edge's centre is that of Tracy and Widom for one in `count` matrices, and in quadrature to it
    the normal margin for the error of the fitted variance, by which this value will be multiplied.
    """
    centre = (np.sqrt(larger - 0.5) + np.sqrt(smaller - 0.5)) ** 2
    chance = tracy_widom_edge(larger, smaller, FALSE_SPIKES / count) - centre
    error = centre * VARIANCE_ERROR / np.sqrt(larger * smaller * count)
    return float(centre + np.hypot(chance, scipy.stats.norm.isf(FALSE_SPIKES) * error))


def fit_bulk(eigenvalues: np.ndarray, larger: int, smaller: int) -> Bulk:
    """Fit the bulk of a pooled spectrum with quantiles of the Marchenko–Pastur law.

    σ² is the median ratio of the bulk's quantiles to those of the law; eigenvalues beyond `spike_edge` are then left
    out of the bulk, and so on until their number stays. Eigenvalues that are zero to rounding, of dead rows or columns,
    are left out too, and M is made smaller by their share.

    Parameters
    ----------
    eigenvalues
        Ascending, shape (count · M,): the pooled eigenvalues of `count` matrices of N × M.
    larger, smaller
        N and M, the dimensions of one matrix.

    Raises
    ------
    NotComputableError
        If there are fewer than 8 eigenvalues, more than a tenth of them are zero, or most lie beyond the edge.
    """
    total, count = len(eigenvalues), max(len(eigenvalues) // smaller, 1)
    if total < 8:
        raise NotComputableError(f"MP bulk: needs 8 eigenvalues, has {total}")
    eigenvalues = eigenvalues[eigenvalues > zero_level(float(eigenvalues[-1]), larger)]
    size = len(eigenvalues)
    if total - size > ZERO_SHARE * total:
        raise NotComputableError(f"MP bulk: {total - size} of {total} eigenvalues are zero")
    rank = smaller * size / total
    ratio = rank / larger
    edge = spike_edge(larger, rank, count) / larger
    law = mp_quantiles(ratio, BULK_QUANTILES)
    spikes = 0
    # Fewer eigenvalues in the bulk lower its edge, so the number beyond it grows from round to round until it stays.
    while True:
        bulk = eigenvalues[: size - spikes]
        places = BULK_QUANTILES * len(bulk) - 0.5
        variance = float(np.median(np.interp(places, np.arange(len(bulk)), bulk) / law))
        beyond = int(size - np.searchsorted(eigenvalues, edge * variance, side="right"))
        if beyond > size // 2:
            raise NotComputableError(f"MP bulk: {beyond} of {size} eigenvalues lie beyond its edge")
        if beyond <= spikes:
            break
        spikes = beyond
    bulk = eigenvalues[: size - beyond]
    theory = mp_cdf(ratio, bulk / variance)
    steps = np.arange(len(bulk) + 1) / len(bulk)
    return Bulk(
        sigma=float(np.sqrt(variance / larger)),
        lower=variance * float(1 - np.sqrt(ratio)) ** 2,
        upper=variance * float(1 + np.sqrt(ratio)) ** 2,
        upper_tw=edge * variance,
        num_spikes=beyond,
        spike_mass=float(eigenvalues[size - beyond :].sum() / eigenvalues.sum()),
        ks=float(max((steps[1:] - theory).max(), (theory - steps[:-1]).max())),
    )
