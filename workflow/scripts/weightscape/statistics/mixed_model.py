"""The mixed model of claim 2d: accuracy out of distribution on that in distribution and on diversity."""

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from weightscape.statistics.estimate import Estimate, t_interval
from weightscape.statistics.facts import CannotBeJudgedError, Case

OPTIMIZERS = ("lbfgs", "bfgs", "powell")


class NotFittedError(CannotBeJudgedError):
    """The mixed model cannot be relied on."""


@dataclass(frozen=True)
class MixedModel:
    """Fit of `fit_mixed_model`.

    Attributes
    ----------
    slope
        Of log Vendi; interval and p by t with ``conditions − 3`` degrees of freedom.
    seed_sd, condition_sd, residual_sd
        Standard deviations of the random intercepts and of the rest.
    """

    slope: Estimate
    seed_sd: float
    condition_sd: float
    residual_sd: float


def fit_mixed_model(data: pd.DataFrame) -> MixedModel:
    """Fit ood ~ test + vendi with crossed random intercepts of seeds and conditions, by REML.

    Parameters
    ----------
    data
        Columns seed, condition, ood, test (probit accuracies) and vendi (log Vendi score).

    Raises
    ------
    NotFittedError
        If no optimizer converges to a slope whose variance is a positive number, or the regressors are collinear.

    Notes
    -----
    The Vendi score hardly varies between the seeds of a condition, so conditions, not runs, are the replicates of its
    slope. With seeds as the only random intercept, every peculiarity of a condition counts once per seed, and the slope
    of a diversity that does nothing comes out "significant" in half of studies (docs/statistics.md). The condition's
    own intercept takes that up; t has as many degrees of freedom as conditions less the three fixed effects.
    """
    from statsmodels.regression.mixed_linear_model import MixedLM

    columns = data[["ood", "test", "vendi"]].astype(float)
    if np.linalg.matrix_rank(np.column_stack([np.ones(len(data)), columns[["test", "vendi"]]])) < 3:
        raise NotFittedError(Case("not separable"))
    frame = columns - columns.mean()
    frame["seed"], frame["condition"], frame["all"] = data["seed"].astype(str), data["condition"], 1
    crossed = {"seed": "0 + C(seed)", "condition": "0 + C(condition)"}
    model = MixedLM.from_formula("ood ~ test + vendi", frame, groups="all", vc_formula=crossed)
    for optimizer in OPTIMIZERS:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what they say is checked below: convergence and the slope's variance
            try:
                result = model.fit(reml=True, method=[optimizer])
            except np.linalg.LinAlgError:
                continue
        standard_error = float(result.bse["vendi"])
        if result.converged and np.isfinite(standard_error) and standard_error > 0:
            break
    else:
        raise NotFittedError(Case("no convergence", OPTIMIZERS))
    value = float(result.fe_params["vendi"])
    low, high, pvalue = t_interval(np.asarray(value), np.asarray(standard_error), data["condition"].nunique() - 3)
    spread = dict(zip(model.exog_vc.names, np.sqrt(result.vcomp), strict=True))
    return MixedModel(
        slope=Estimate(value, float(low), float(high), standard_error, float(pvalue)),
        seed_sd=float(spread["seed"]),
        condition_sd=float(spread["condition"]),
        residual_sd=float(np.sqrt(result.scale)),
    )
