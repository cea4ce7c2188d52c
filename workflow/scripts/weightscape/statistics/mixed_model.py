"""Claim 2d: more diverse training data are better out of distribution at equal accuracy, by a mixed model."""

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from weightscape.statistics.accuracies import accuracies, count_probit
from weightscape.statistics.constants import BASELINE_B
from weightscape.statistics.errors import NotInStudyError
from weightscape.statistics.estimate import Estimate, t_interval
from weightscape.statistics.finding import Claim, Finding, judged, undetermined
from weightscape.statistics.synthetic_claims import log_vendi
from weightscape.statistics.wording import higher_text

MINIMUM_CONDITIONS = 6
"""Fewest conditions: the slope on diversity has three degrees of freedom less than there are conditions."""

OPTIMIZERS = ("lbfgs", "bfgs", "powell")

DIVERSITY_HELPS = Claim(
    "2d",
    "More diverse training data generalise better out of distribution at equal accuracy",
    "Over all conditions that change the data, does probit accuracy out of distribution rise with the log Vendi score "
    "when probit accuracy in distribution is held fixed?",
    "slope on log Vendi score in probits",
)


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


def mixed_model_claim(
    evaluation: pd.DataFrame, diversity: pd.DataFrame, space: str = "embedding", order: str = "vendi_1"
) -> Finding:
    """Judge claim 2d by the slope on log Vendi in `fit_mixed_model`, over the baseline and all that change the data.

    `space` and `order` choose the Vendi score, as in `log_vendi`.
    """
    try:
        tables = {
            "ood": accuracies(evaluation, "ood", count_probit),
            "test": accuracies(evaluation, "test", count_probit),
            "vendi": log_vendi(diversity, space, order),
        }
    except NotInStudyError as error:
        return undetermined(DIVERSITY_HELPS, str(error))
    long = [table.drop(columns=BASELINE_B, errors="ignore").stack().rename(name) for name, table in tables.items()]
    data = pd.concat(long, axis=1, join="inner").sort_index().reset_index()
    n_conditions, n_seeds = data["condition"].nunique(), data["seed"].nunique()
    if n_conditions < MINIMUM_CONDITIONS:
        reason = (
            f"Too few conditions ({n_conditions}, the baseline and those that change the data): the model needs "
            f"{MINIMUM_CONDITIONS}."
        )
        return undetermined(DIVERSITY_HELPS, reason, n_seeds)
    if n_seeds < 2:
        return undetermined(DIVERSITY_HELPS, "Too few seeds (1): the model needs 2.", n_seeds)
    try:
        model = fit_mixed_model(data)
    except ArithmeticError as error:
        return undetermined(DIVERSITY_HELPS, f"The mixed model cannot be relied on: {error}.", n_seeds)
    detail = (
        f"at equal accuracy in distribution, where the log Vendi score is higher by 1, accuracy out of distribution is "
        f"{higher_text(model.slope, 'probits')}, over {n_conditions} conditions"
    )
    return judged(DIVERSITY_HELPS, model.slope, n_seeds, detail)


def fit_mixed_model(data: pd.DataFrame) -> MixedModel:
    """Fit ood ~ test + vendi with crossed random intercepts of seeds and conditions, by REML.

    Parameters
    ----------
    data
        Columns seed, condition, ood, test (probit accuracies) and vendi (log Vendi score).

    Raises
    ------
    ArithmeticError
        If no optimizer converges, or the slope's variance is not a positive number; the message says which.

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
        raise ArithmeticError("accuracy in distribution and diversity do not vary apart from each other")
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
        raise ArithmeticError(f"it did not converge by {', '.join(OPTIMIZERS)}")
    value = float(result.fe_params["vendi"])
    low, high, pvalue = t_interval(np.asarray(value), np.asarray(standard_error), data["condition"].nunique() - 3)
    spread = dict(zip(model.exog_vc.names, np.sqrt(result.vcomp), strict=True))
    return MixedModel(
        slope=Estimate(value, float(low), float(high), standard_error, float(pvalue)),
        seed_sd=float(spread["seed"]),
        condition_sd=float(spread["condition"]),
        residual_sd=float(np.sqrt(result.scale)),
    )
