"""The positions table: how far each series reaches along dropout, weight decay and early stopping."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from weightscape.statistics.contrast import FamilyContrast
from weightscape.statistics.estimate import UNKNOWN, Estimate
from weightscape.statistics.facts import NotInStudyError
from weightscape.statistics.families import FEATURE_FAMILIES, FeatureFamily
from weightscape.statistics.plan import Plan
from weightscape.statistics.spectral_claim import checks_of
from weightscape.statistics.spectral_contrast import claim_one_fingerprints, mean_losses, planned_contrast
from weightscape.statistics.study_tables import StudyTables

ESTIMATES = ("length", "along_dropout", "along_weight_decay", "along_early_stop", "contrast")
COLUMNS = [
    "feature_family", "series", "family", "role", "n_seeds", "acts",
    *(column for name in ESTIMATES for column in (name, f"{name}_low", f"{name}_high")),
    "fitted_loss", "manipulation",
]  # fmt: skip
ROLES = ("dropout", "weight_decay", "early_stop", "diversity")


def positions_table(tables: StudyTables, plan: Plan) -> pd.DataFrame:
    """Return where each series goes, in between-seed SDs of the features.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`, one row per feature family and series, in the units of claim 1. `length` is that of the whole
        effect. `along_dropout`, `along_weight_decay` and their difference `contrast` are without the direction of early
        stopping if the plan has one; `along_early_stop` is the part along it. All are NaN where they do not exist: a
        direction that is not shown to act has no part along it, nor has early stopping parts beside itself.
        `fitted_loss` is the geometric mean over seeds and doses of the training loss, and `manipulation` the outcome of
        the manipulation check of a series of diversity. A feature family whose directions have no runs has no rows.
    """
    rows = [row for family in FEATURE_FAMILIES for row in _rows(family, tables, plan)]
    return pd.DataFrame(rows, columns=COLUMNS)


def _rows(family: FeatureFamily, tables: StudyTables, plan: Plan) -> Iterator[dict[str, object]]:
    try:
        prints = claim_one_fingerprints(tables, family, plan)
    except NotInStudyError:
        return
    checks, losses = checks_of(tables, plan), mean_losses(tables.runs)
    for name, conditions in tables.series.items():
        contrast = None
        if all(dose in prints.effects and np.isfinite(prints.effects[dose]).all() for dose in conditions):
            contrast = planned_contrast(tables, family, plan, replace(plan, diversity=(name,)))
        row = {
            "feature_family": family.name,
            "series": name,
            "family": tables.families[name],
            "role": next((role for role in ROLES if name in getattr(plan, role)), ""),
            "n_seeds": len(prints.seeds),
            "acts": contrast is not None and contrast.presence_v.acts,
            "fitted_loss": np.exp(np.log(losses.reindex(conditions)).mean()),
            "manipulation": checks[name].outcome if name in checks else "",
        }
        yield row | _numbers(contrast, beside_early_stop=name not in plan.early_stop)


def _numbers(contrast: FamilyContrast | None, beside_early_stop: bool) -> dict[str, float]:
    """Return the estimates and the ends of their intervals."""
    estimates: dict[str, Estimate] = dict.fromkeys(ESTIMATES, UNKNOWN)
    if contrast is not None:
        estimates |= {"length": contrast.presence_v.length, "along_early_stop": contrast.along_e}
        if beside_early_stop:
            estimates |= {
                "along_dropout": contrast.along_d,
                "along_weight_decay": contrast.along_w,
                "contrast": contrast.statistic,
            }
    return {
        column: number
        for name, found in estimates.items()
        for column, number in ((name, found.value), (f"{name}_low", found.low), (f"{name}_high", found.high))
    }
