"""How precise a verdict is: whether a statistic is shown to be negligible, and what a study could have found."""

import numpy as np
from scipy.special import nctdtrinc, stdtr, stdtrit

POWER = 0.8
"""Power with which the smallest detectable statistic is found."""


def equivalence_pvalue(
    statistic: np.ndarray | float, standard_error: np.ndarray | float, df: float, margin: float
) -> np.ndarray:
    """Return the p of the hypothesis that the true statistic lies outside (−margin, margin), by two one-sided tests.

    Parameters
    ----------
    statistic, standard_error, df
        Estimates whose reference is t with `df` degrees of freedom, element by element.
    margin
        Above 0.

    Returns
    -------
    NaN where the estimate or its standard error is, or where the margin is.

    Notes
    -----
    The larger of the two one-sided p: Schuirmann, *A comparison of the two one-sided tests procedure and the power
    approach for assessing the equivalence of average bioavailability* (1987).
    """
    standard_error = np.asarray(standard_error, dtype=float)
    known = standard_error > 0
    distance = (np.abs(statistic) - margin) / np.where(known, standard_error, np.nan)
    return stdtr(df, distance)


def detectable(standard_error: float, df: float, significance: float, power: float = POWER) -> float:
    """Return the smallest true statistic that a two-sided t test at this level finds with the wanted power.

    Parameters
    ----------
    standard_error, df
        Those of the statistic.
    significance, power
        Level of the test and its power.

    Returns
    -------
    In the statistic's unit; NaN without a standard error.

    Notes
    -----
    δ = SE · ncp, where the noncentral t with `df` degrees of freedom and noncentrality ncp lies above the upper
    critical value with probability `power`; how often it lies below the lower one is nothing beside that.
    """
    if not standard_error > 0 or not df >= 1:
        return float("nan")
    return float(standard_error * nctdtrinc(df, 1 - power, stdtrit(df, 1 - significance / 2)))
