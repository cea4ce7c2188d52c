"""Regression over the conditions of a study, in which the noise of single runs has no part: cross-validated moments."""

from dataclasses import dataclass

import numpy as np

from weightscape.statistics.estimate import UNKNOWN, Estimate, t_interval
from weightscape.statistics.facts import CannotBeJudgedError, Case

SINGULAR = 1e-9
"""Regressors are refused if a combination of them varies by less than this share of what they vary on their own."""


@dataclass(frozen=True)
class ConditionRegression:
    """Fit of `regress_conditions`.

    Attributes
    ----------
    intercept
        Intercept of the fit to the conditions' means over seeds.
    slopes
        One per regressor; interval and p by t with `df` degrees of freedom.
    df
        Conditions less the number of coefficients.
    scatter
        Standard deviation of the conditions' means about the fit, the noise of their seeds included.
    """

    intercept: float
    slopes: tuple[Estimate, ...]
    df: int
    scatter: float


def regress_conditions(outcome: np.ndarray, *regressors: np.ndarray) -> ConditionRegression:
    """Regress an outcome on regressors over conditions, all measured in every seed.

    Parameters
    ----------
    outcome, *regressors : shape (S, C)
        Finite values, one row per seed and one column per condition; S ≥ 2, C at least two more than regressors.

    Raises
    ------
    CannotBeJudgedError
        If the conditions do not differ in the regressors, or in each apart from the others, beyond the noise of their
        runs.

    Notes
    -----
    Conditions are the replicates: each has peculiarities of its own, which more seeds do not average out. Least squares
    on their means over seeds would be biased, since a mean over few seeds is still noisy: the slope on a noisy
    regressor is too small, and what it leaves unexplained goes to the regressors that are correlated with it (Fuller,
    *Measurement Error Models*, 1987). The moments are therefore products of different seeds with independent noise,

        M_jk = 1/(S(S − 1)) Σ_{s ≠ s'} Σ_c a_j(s, c) a_k(s', c),

    with a_j the values of a variable less their mean over the conditions of the seed, so that what all runs of a seed
    share has no part either. The slopes are b = M_xx⁻¹ M_xy. With F the moments of the means over seeds, W = F − M
    their part that is noise, and s² = Σ_c e_c² / (C − k − 1) from the residuals e of the means,

        Cov(b) = M_xx⁻¹ (s² F_xx + w wᵀ/(C − 1)) M_xx⁻¹,   w = W_xy − W_xx b.

    The middle is the variance of the estimating equations Σ_c x̄_c e_c − w for normal noise, in which w is the
    covariance of the noise in x̄ with e. Without noise this is ordinary least squares. The level is in
    docs/calibration.md.
    """
    values = np.stack([*regressors, outcome]).astype(float)
    n_regressors, (n_seeds, n_conditions) = len(regressors), outcome.shape
    centred = values - values.mean(axis=2, keepdims=True)
    means = centred.mean(axis=1)
    of_means = means @ means.T
    noise = (np.einsum("jsc,ksc->jk", centred, centred) / n_seeds - of_means) / (n_seeds - 1)
    moments = of_means - noise
    x = slice(n_regressors)
    _require_separable(of_means[x, x], moments[x, x])
    inverse = np.linalg.inv(moments[x, x])
    slopes = inverse @ moments[x, -1]
    df = n_conditions - n_regressors - 1
    residuals = means[-1] - slopes @ means[x]
    variance = residuals @ residuals / df
    shared = noise[x, -1] - noise[x, x] @ slopes
    middle = variance * of_means[x, x] + np.outer(shared, shared) / (n_conditions - 1)
    errors = np.sqrt(np.diag(inverse @ middle @ inverse))
    low, high, pvalues = t_interval(slopes, errors, df)
    estimates = tuple(Estimate(*map(float, parts)) for parts in zip(slopes, low, high, errors, pvalues, strict=True))
    overall = values.mean(axis=(1, 2))
    return ConditionRegression(float(overall[-1] - slopes @ overall[x]), estimates, df, float(np.sqrt(variance)))


def _require_separable(of_means: np.ndarray, moments: np.ndarray) -> None:
    """Refuse regressors whose conditions do not differ, or not apart from each other, once noise is taken away."""
    size = np.sqrt(np.diag(of_means))
    if (size > 0).all():
        scaled, correlations = moments / np.outer(size, size), of_means / np.outer(size, size)
        if np.linalg.eigvalsh(scaled)[0] > SINGULAR and np.linalg.eigvalsh(correlations)[0] > SINGULAR:
            return
    raise CannotBeJudgedError(Case("not separable"))


def sum_of_independent(
    value: float, variances: tuple[float, float], dfs: tuple[float, float]
) -> tuple[Estimate, float]:
    """Return an estimate whose variance is the sum of two independent estimates, and its degrees of freedom.

    Notes
    -----
    df = (v₁ + v₂)² / (v₁²/df₁ + v₂²/df₂) (Satterthwaite, *An approximate distribution of estimates of variance
    components*, 1946).
    """
    total = sum(variances)
    parts = sum(variance**2 / df for variance, df in zip(variances, dfs, strict=True))
    if not np.isfinite(total):
        return UNKNOWN, float("nan")
    df = total**2 / parts if parts > 0 else min(dfs)
    low, high, pvalue = t_interval(np.asarray(value), np.sqrt(total), df)
    return Estimate(float(value), float(low), float(high), float(np.sqrt(total)), float(pvalue)), float(df)
