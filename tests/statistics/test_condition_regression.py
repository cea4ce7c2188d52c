"""The regression over conditions: least squares without noise, unbiased with it, and the moments written out."""

import numpy as np
import pytest
from scipy import stats

from weightscape.statistics.condition_regression import regress_conditions, sum_of_independent
from weightscape.statistics.facts import CannotBeJudgedError
from weightscape.streams import stream


def least_squares(outcome, *regressors):
    """Slopes and standard errors by the normal equations with an intercept."""
    X = np.column_stack([np.ones(len(outcome)), *regressors])
    coefficients, *_ = np.linalg.lstsq(X, outcome)
    residual = outcome - X @ coefficients
    variance = residual @ residual / (len(outcome) - X.shape[1])
    return coefficients, np.sqrt(variance * np.diag(np.linalg.inv(X.T @ X))), np.sqrt(variance)


def test_without_noise_it_is_least_squares():
    """Every seed is the same but for what all its runs share."""
    rng = stream("regression")
    x, z, y = (rng.normal(size=9) + rng.normal(size=(5, 1)) for _ in range(3))
    fit = regress_conditions(y, x, z)
    coefficients, errors, scatter = least_squares(y.mean(axis=0), x.mean(axis=0), z.mean(axis=0))
    assert (fit.intercept, *[slope.value for slope in fit.slopes]) == pytest.approx(tuple(coefficients))
    assert [slope.standard_error for slope in fit.slopes] == pytest.approx(list(errors[1:]))
    assert (fit.scatter, fit.df) == (pytest.approx(scatter), 6)
    assert fit.slopes[1].pvalue == pytest.approx(2 * stats.t(6).sf(abs(coefficients[2] / errors[2])))
    one = regress_conditions(y, x)
    theirs = stats.linregress(x.mean(axis=0), y.mean(axis=0))
    assert (one.slopes[0].value, one.slopes[0].standard_error) == pytest.approx((theirs.slope, theirs.stderr))
    assert (one.intercept, one.slopes[0].pvalue) == pytest.approx((theirs.intercept, theirs.pvalue))


def test_moments_are_products_of_different_seeds():
    rng = stream("moments")
    x, y = rng.normal(size=(2, 4, 6)) + 2 * rng.normal(size=(2, 1, 6))
    centred = [[row - row.mean() for row in values] for values in (x, y)]
    pairs = [(s, t) for s in range(4) for t in range(4) if s != t]
    xx, xy = (np.mean([centred[0][s] @ centred[k][t] for s, t in pairs]) for k in (0, 1))
    assert regress_conditions(y, x).slopes[0].value == pytest.approx(xy / xx)


def test_noise_in_a_regressor_does_not_bias_the_slopes():
    """Least squares on the means takes a fifth of the first slope away, and gives it to the correlated second one."""
    rng = stream("bias")
    found, ordinary = [], []
    for _ in range(300):
        ability = 0.2 * rng.normal(size=20)
        vendi = -3.5 * ability + 0.7 * rng.normal(size=20)
        x, y, z = (
            truth + noise * rng.normal(size=(12, 20))
            for truth, noise in ((ability, 0.25), (ability, 0.01), (vendi, 0.01))
        )
        found.append([slope.value for slope in regress_conditions(y, x, z).slopes])
        ordinary.append(least_squares(y.mean(axis=0), x.mean(axis=0), z.mean(axis=0))[0][1:])
    assert np.median(found, axis=0) == pytest.approx([1, 0], abs=0.03)
    assert np.median(ordinary, axis=0)[0] < 0.87
    assert np.median(ordinary, axis=0)[1] < -0.015


def test_regressors_that_do_not_vary_or_not_apart_are_refused():
    rng = stream("refused")
    y, x = rng.normal(size=(2, 1, 8)) + np.zeros((3, 1))
    for regressors in ([np.ones((3, 8))], [x, 2 * x]):
        with pytest.raises(CannotBeJudgedError) as error:
            regress_conditions(y, *regressors)
        assert error.value.facts.case == "not separable"


def test_a_sum_of_independent_parts_is_welchs_test():
    """The difference of two means with unequal variances."""
    rng = stream("welch")
    a, b = rng.normal(size=6), 3 * rng.normal(size=9)
    theirs = stats.ttest_ind(a, b, equal_var=False)
    estimate, df = sum_of_independent(a.mean() - b.mean(), (a.var(ddof=1) / 6, b.var(ddof=1) / 9), (5, 8))
    assert (estimate.pvalue, df) == pytest.approx((theirs.pvalue, theirs.df))
    assert estimate.low == pytest.approx(theirs.confidence_interval().low)
