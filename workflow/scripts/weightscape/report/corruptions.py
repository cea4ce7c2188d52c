"""Summary and table of the errors on corrupted images relative to the baseline's."""

from collections.abc import Sequence

import pandas as pd

from weightscape.condition_rows import ConditionRow
from weightscape.evaluation.corruption_errors import MEAN_ERRORS, corruption_errors
from weightscape.figures.style import condition_order
from weightscape.report.content import Cell, Table
from weightscape.report.tables import MARK, condition_names, mean_sd_cell
from weightscape.statistics.constants import BASELINE
from weightscape.words.names import metric_label, plain

CONDITION = ["condition", "series", "family", "dose"]
MEAN = "mean"
"""Stands for all corruptions together in the column of their names."""


def corruption_summary(evaluation: pd.DataFrame) -> pd.DataFrame:
    """Return mean and SD over seeds of the corruption errors of each condition, per corruption and for their mean.

    Returns
    -------
    pandas.DataFrame
        Columns condition, series, family, dose, corruption (`MEAN` for mCE and relative mCE), seen, n_seeds, and mean
        and SD of ce and relative_ce. A corruption that the condition was trained on is not in its means.
    """
    errors = corruption_errors(evaluation, BASELINE)
    names = list(MEAN_ERRORS.values())
    means = errors[~errors["seen"]].groupby(["condition", "seed"], as_index=False)[names].mean()
    table = pd.concat([means.assign(corruption=MEAN, seen=False), errors], ignore_index=True)
    grouped = table.groupby(["condition", "corruption", "seen"], sort=False)
    parts: dict[str, pd.Series] = {"n_seeds": grouped["seed"].nunique()}
    for name in names:
        parts |= {f"{name}_mean": grouped[name].mean(), f"{name}_sd": grouped[name].std()}
    summary = pd.DataFrame(parts).reset_index()
    return evaluation[CONDITION].drop_duplicates("condition").merge(summary, on="condition")


def corruption_table(summary: pd.DataFrame, conditions: Sequence[ConditionRow]) -> Table | None:
    """Return mCE, relative mCE and the error of each corruption; None where the study has no corrupted images."""
    if summary.empty:
        return None
    kinds = [kind for kind in dict.fromkeys(summary["corruption"]) if kind != MEAN]
    labels, found = condition_names(conditions), summary.set_index(["condition", "corruption"])
    rows = []
    for name in condition_order(conditions):
        if name not in set(summary["condition"]):
            continue
        row = [Cell(labels[name])]
        for kind, measure in ((MEAN, "ce"), (MEAN, "relative_ce"), *((kind, "ce") for kind in kinds)):
            if (name, kind) not in found.index or pd.isna(found.at[(name, kind), f"{measure}_mean"]):
                row.append(Cell("–"))
                continue
            entry = found.loc[(name, kind)]
            row.append(mean_sd_cell(entry[f"{measure}_mean"], entry[f"{measure}_sd"], MARK * bool(entry["seen"])))
        rows.append(row)
    caption = (
        "Corruption errors, mean over seeds (SD): errors at all severities over those of the baseline, which has 1. "
        "mCE is their mean. Relative: of the errors beyond those on clean images. "
        f"{MARK}: the condition was trained on this corruption, which is not in its means."
    )
    heads = ["condition", *map(metric_label, MEAN_ERRORS), *map(plain, kinds)]
    return Table(caption, heads, rows, "tables/corruption_errors.csv", folded=True)
