"""An estimate with its interval, from a sample mean or from a delete-one jackknife, with Student's t as reference."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit

from weightscape.statistics.constants import CONFIDENCE


@dataclass(frozen=True)
class Estimate:
    """A number with its uncertainty over seeds; fields are NaN where they do not exist.

    Attributes
    ----------
    value
        The estimate.
    low, high
        Ends of the interval at level `CONFIDENCE`.
    standard_error
        Standard error of `value`.
    pvalue
        Two-sided p of the hypothesis that the true value is 0.
    """

    value: float
    low: float
    high: float
    standard_error: float
    pvalue: float

    @property
    def is_positive(self) -> bool:
        """Whether the interval lies above 0."""
        return bool(self.low > 0)

    @property
    def is_negative(self) -> bool:
        """Whether the interval lies below 0."""
        return bool(self.high < 0)

    def times(self, factor: float) -> "Estimate":
        """Return the estimate of a multiple of the number; `factor` is positive."""
        return Estimate(
            factor * self.value, factor * self.low, factor * self.high, factor * self.standard_error, self.pvalue
        )

    def exponential(self) -> "Estimate":
        """Return e to the power of the estimate and its ends, with the same p and no standard error."""
        value, low, high = (math.exp(x) for x in (self.value, self.low, self.high))
        return Estimate(value, low, high, float("nan"), self.pvalue)


UNKNOWN = Estimate(*[float("nan")] * 5)
"""The estimate of something that does not exist."""


def t_interval(value: np.ndarray, standard_error: np.ndarray, df: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the ends of the t interval and the two-sided p of 0, element by element.

    A standard error of 0 gives an interval of no width, and p = 0, or p = 1 if `value` is 0 too.
    """
    value, standard_error = np.asarray(value, dtype=float), np.asarray(standard_error, dtype=float)
    half = stdtrit(df, 0.5 + CONFIDENCE / 2) * standard_error
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.abs(value) / standard_error
    t = np.where((value == 0) & (standard_error == 0), 0.0, t)
    return value - half, value + half, 2 * stdtr(df, -t)


def mean_estimate(sample: np.ndarray) -> Estimate:
    """Return the mean of a sample with its t interval (``n - 1`` degrees of freedom).

    Parameters
    ----------
    sample : shape (n,)
        Finite numbers, one per seed. With one only, the value stands without interval; with none, all is NaN.
    """
    sample = np.asarray(sample, dtype=float)
    n = len(sample)
    if n == 0:
        return UNKNOWN
    if n == 1:
        return Estimate(float(sample[0]), *[float("nan")] * 4)
    value, standard_error = sample.mean(), sample.std(ddof=1) / np.sqrt(n)
    low, high, pvalue = t_interval(value, standard_error, n - 1)
    return Estimate(float(value), float(low), float(high), float(standard_error), float(pvalue))


def jackknife_standard_error(leave_one_out: np.ndarray) -> np.ndarray:
    """Return the delete-one jackknife's standard error over the last axis.

    Notes
    -----
    SE² = (S − 1)/S · Σ_s (θ_(s) − θ_(·))², Efron & Stein, *The jackknife estimate of variance* (1981), eq. 1.3.
    """
    leave_one_out = np.asarray(leave_one_out, dtype=float)
    n = leave_one_out.shape[-1]
    return np.sqrt((n - 1) * leave_one_out.var(axis=-1))


def jackknife_estimate(value: float, leave_one_out: np.ndarray) -> Estimate:
    """Return an estimate with the interval of the delete-one jackknife.

    Parameters
    ----------
    value
        The statistic of all S seeds.
    leave_one_out : shape (S,)
        The statistic without each seed in turn. If `value` or one of these is not finite, all fields are NaN.

    Notes
    -----
    The reference is t with S − 1 degrees of freedom: the jackknife's variance is that of S pseudo-values.
    """
    leave_one_out = np.asarray(leave_one_out, dtype=float)
    if len(leave_one_out) < 2 or not np.isfinite(value) or not np.isfinite(leave_one_out).all():
        return UNKNOWN
    standard_error = jackknife_standard_error(leave_one_out)
    low, high, pvalue = t_interval(np.asarray(value), standard_error, len(leave_one_out) - 1)
    return Estimate(float(value), float(low), float(high), float(standard_error), float(pvalue))
