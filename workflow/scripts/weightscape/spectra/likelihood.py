"""Whether the tail is rather log-normal or cut off: likelihood ratios of Clauset, Shalizi & Newman (2009, §5).

All densities are those of t = λ/xmin ≥ 1, so that the fits don't depend on the scale of the weights.
"""

from dataclasses import dataclass

import numpy as np
import scipy.optimize
import scipy.special
import scipy.stats


@dataclass(frozen=True)
class Comparison:
    """A power law against another law.

    Attributes
    ----------
    ratio
        Normalised log-likelihood ratio; positive where the power law fits better.
    pvalue
        Probability of a ratio as far from 0 if both fit equally well: Vuong's test, or the χ² test with one degree of
        freedom where the power law is a special case of the other law.
    """

    ratio: float
    pvalue: float


def compare_lognormal(tail: np.ndarray, alpha: float) -> Comparison:
    """Compare the power law with exponent `alpha` to the best log-normal law on the same tail.

    Parameters
    ----------
    tail
        Values ≥ xmin, ascending; the first is xmin.
    alpha
        Exponent of the fitted power law.
    """
    logs = np.log(tail / tail[0])
    mean = float(logs.mean())

    def loss(parameters: np.ndarray) -> float:
        return -float(np.sum(_lognormal(logs / mean, *parameters)))

    best = scipy.optimize.minimize(
        loss, [1.0, 0.1], method="Nelder-Mead", bounds=[(-1e3, 1e3), (1e-9, 1e3)], options=_PRECISE
    )
    return _compare(_power_law(logs, alpha), _lognormal(logs / mean, *best.x) - np.log(mean), nested=False)


def compare_truncated(tail: np.ndarray, alpha: float) -> tuple[Comparison, float, float]:
    """Compare the power law to the best power law with exponential cut-off, p(λ) ∝ λ^−α e^−Λλ.

    Returns
    -------
    tuple
        The comparison, the exponent of the law with cut-off, and its Λ in units of 1/λ.
    """
    scaled = tail / tail[0]
    logs = np.log(scaled)

    def loss(parameters: np.ndarray) -> float:
        return -float(np.sum(_truncated(logs, scaled, *parameters)))

    fits = [
        scipy.optimize.minimize(
            loss,
            [alpha, max(np.log(rate), _LOG_RATE[0])],
            method="Nelder-Mead",
            bounds=[(-20.0, max(50.0, 2 * alpha)), _LOG_RATE],
            options=_PRECISE,
        )
        for rate in (1e-3 / scaled[-1], 1 / scaled[-1])
    ]
    best = min(fits, key=lambda fit: float(fit.fun))
    comparison = _compare(_power_law(logs, alpha), _truncated(logs, scaled, *best.x), nested=True)
    return comparison, float(best.x[0]), float(np.exp(best.x[1]) / tail[0])


def _power_law(logs: np.ndarray, alpha: float) -> np.ndarray:
    """Return ln p(t) − the term −ln t of the change to ln t that all laws share: here the exponential law of ln t."""
    return np.log(alpha - 1) - (alpha - 1) * logs


def _lognormal(logs: np.ndarray, linear: float, square: float) -> np.ndarray:
    """Return the log-density at y = `logs` ≥ 0 of a normal law cut off below 0, ∝ exp(−a y − b y²).

    In these parameters the likelihood has one maximum, and b = 0 is the power law, which a log-normal law with its
    mean far below xmin comes close to.
    """
    x = linear / (2 * np.sqrt(square))
    log_norm = np.log(np.pi / (4 * square)) / 2 + (x * x + np.log(2.0) + scipy.special.log_ndtr(-np.sqrt(2.0) * x))
    return -linear * logs - square * logs * logs - log_norm


def _truncated(logs: np.ndarray, scaled: np.ndarray, alpha: float, log_rate: float) -> np.ndarray:
    """Return the log-density of ln t for t^−α e^−zt; the norm e^z ∫₁^∞ is a smooth integral over y = ln t."""
    rate = np.exp(log_rate)
    # Beyond this y the integrand is below 1e-16 of its value at 0, or of its peak where α < 1.
    end = np.log1p((40 + 60 * max(1 - alpha, 0)) / rate)
    if alpha > 1:
        end = min(end, 40 / (alpha - 1))
    nodes, weights = _GAUSS
    y = end * (nodes + 1) / 2
    norm = float(np.sum(weights * np.exp((1 - alpha) * y - rate * np.expm1(y)))) * end / 2
    return (1 - alpha) * logs - rate * (scaled - 1) - np.log(norm)


_LOG_RATE = (-40.0, 5.0)
_PRECISE = {"maxiter": 2000, "xatol": 1e-8, "fatol": 1e-8}
_GAUSS = np.polynomial.legendre.leggauss(128)


def _compare(ours: np.ndarray, theirs: np.ndarray, nested: bool) -> Comparison:
    difference = ours - theirs
    ratio = float(np.sum(difference))
    spread = float(np.sqrt(len(difference)) * np.std(difference))
    if spread == 0:
        return Comparison(0.0, 1.0)
    if nested:
        return Comparison(ratio / spread, float(scipy.stats.chi2.sf(abs(2 * ratio), 1)))
    return Comparison(ratio / spread, float(scipy.special.erfc(abs(ratio) / (np.sqrt(2) * spread))))
