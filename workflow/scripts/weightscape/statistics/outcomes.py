"""All outcomes of a study as one long table: outcome, outcome_family, condition, seed, value, left_out, own.

An outcome on corrupted images is a mean over corruptions, without those that the condition was trained on. ``left_out``
names the corruptions that a value is without. Whatever a condition is compared with has a value without the same ones:
``own`` marks the values on which a condition is judged itself, and `beside_baseline` pairs these.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from weightscape.diversity.table import MEASURES, RBF_ORDERS
from weightscape.diversity.vendi import ORDERS
from weightscape.evaluation import metrics
from weightscape.evaluation.corruption_errors import MEAN_ERRORS, corruption_errors, seen_corruptions
from weightscape.spectra.columns import used_as
from weightscape.statistics.constants import BASELINE
from weightscape.statistics.layers import layer_means
from weightscape.statistics.plan import Plan

VENDI_SPACES = ("pixel", "embedding")
"""Spaces that every study has; their Vendi scores of `VENDI_ORDERS` are adjusted together, and apart from the rest."""

VENDI_ORDERS = ("vendi_1", "vendi_2")

COLUMNS = ["outcome", "outcome_family", "condition", "seed", "value", "left_out", "own"]


def beside_baseline(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return the values on which conditions are judged, with the baseline's of the same seed and sets as ``baseline``.

    Raises
    ------
    ValueError
        If an outcome has no value of the baseline.
    """
    keys = ["outcome", "left_out", "seed"]
    baseline = outcomes[outcomes["condition"] == BASELINE].set_index(keys)["value"].rename("baseline")
    own = outcomes[outcomes["own"]].join(baseline, on=keys)
    if without := sorted(set(own["outcome"]) - set(baseline.index.get_level_values("outcome"))):
        raise ValueError(f"{without[0]}: no value of the condition {BASELINE!r}")
    return own.drop(columns=["left_out", "own"])


def spectra_outcomes(spectra: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return the means over layers, overall (``spectra/<metric>``) and per group (``spectra/<group>/<metric>``).

    Parameters
    ----------
    spectra
        Spectra table of all runs.
    plan
        Names the metrics of the feature families. Families of outcomes are "shape", "scale" and "other", and "change"
        for the change of the weights (``delta/…``).
    """
    runs = spectra[spectra["of"] != "before"]
    named = {*plan.shape, *plan.scale}
    has = [metric for metric in used_as("outcome") if metric in runs and metric not in named]
    family = dict.fromkeys(has, "other") | dict.fromkeys(plan.scale, "scale") | dict.fromkeys(plan.shape, "shape")
    tables = [_long(runs, "after", "spectra", family)]
    if (runs["of"] == "delta").any():
        followed = {*used_as("delta"), *plan.change}
        tables.append(_long(runs, "delta", "delta", {name: "change" for name in runs if name in followed}))
    return pd.concat(tables, ignore_index=True)


def _long(runs: pd.DataFrame, of: str, prefix: str, family: Mapping[str, str]) -> pd.DataFrame:
    means = layer_means(runs, family, of=of).values
    table = means.stack(future_stack=True).rename("value").rename_axis(["condition", "seed", "name"]).reset_index()
    table["outcome"] = prefix + "/" + table["name"]
    table["outcome_family"] = table["name"].str.split("/").str[-1].map(family)
    return _everywhere(table)


def evaluation_outcomes(evaluation: pd.DataFrame) -> pd.DataFrame:
    """Return ``evaluation/<kind>/<metric>``, raw, and ``…_temperature`` after scaling where a temperature changes it.

    A kind with several sets (natural out-of-distribution sets; corruptions × severities) is the mean over its sets. The
    metrics are those of `weightscape.evaluation.metrics.METRICS` that the table has. On corrupted images there are also
    ``evaluation/corruption/mce`` and ``…/relative_mce``, the means over corruptions of
    `weightscape.evaluation.corruption_errors.corruption_errors`.
    """
    corrupted = evaluation["kind"] == "corruption"
    tables = [_everywhere(_metric_means(evaluation[~corrupted]))]
    seen = seen_corruptions(evaluation)
    own = {name: tuple(seen.get(name, ())) for name in evaluation["condition"].unique()}
    for left_out in sorted(set(own.values())):
        rest = evaluation[~evaluation["corruption"].isin(left_out)]
        if not (rest["kind"] == "corruption").any():
            continue
        table = pd.concat([_metric_means(rest[rest["kind"] == "corruption"]), _corruption_error_means(rest)])
        table["own"] = table["condition"].map(own) == left_out
        tables.append(table.assign(left_out=", ".join(left_out))[COLUMNS])
    return pd.concat(tables, ignore_index=True)


def _metric_means(evaluation: pd.DataFrame) -> pd.DataFrame:
    families = {metric.name: metric.outcome_family for metric in metrics.METRICS if metric.name in evaluation}
    families = {name: family for name, family in families.items() if family}
    keys = ["condition", "seed", "kind", "calibration"]
    means = evaluation.groupby(keys, sort=True)[list(families)].mean()
    table = means.stack().rename("value").rename_axis([*keys, "metric"]).reset_index()
    scaled = table["calibration"] == "temperature"
    table = table[~scaled | table["metric"].isin(metrics.metric_names(changed_by_temperature=True))]
    suffix = np.where(table["calibration"] == "temperature", "_temperature", "")
    table["outcome"] = "evaluation/" + table["kind"] + "/" + table["metric"] + suffix
    return table.assign(outcome_family=table["metric"].map(families))


def _corruption_error_means(evaluation: pd.DataFrame) -> pd.DataFrame:
    errors = corruption_errors(evaluation, BASELINE).groupby(["condition", "seed"])[list(MEAN_ERRORS.values())].mean()
    means = errors.set_axis([f"evaluation/corruption/{name}" for name in MEAN_ERRORS], axis="columns")
    table = means.stack().rename("value").rename_axis(["condition", "seed", "outcome"]).reset_index()
    return table.assign(outcome_family="corruption error")


def diversity_outcomes(diversity: pd.DataFrame) -> pd.DataFrame:
    """Return ``diversity/<space>/<measure>`` over all classes for each measure that the table has.

    Families of outcomes are "diversity" for the Vendi scores of `VENDI_ORDERS` in `VENDI_SPACES`, and "diversity,
    other".
    """
    measures = [name for name in (*ORDERS, *RBF_ORDERS, *MEASURES) if name in diversity]
    table = diversity[diversity["class_name"] == "all"].melt(
        id_vars=["condition", "seed", "space"], value_vars=measures, var_name="measure"
    )
    table["outcome"] = "diversity/" + table["space"] + "/" + table["measure"]
    main = table["space"].isin(VENDI_SPACES) & table["measure"].isin(VENDI_ORDERS)
    return _everywhere(table.assign(outcome_family=np.where(main, "diversity", "diversity, other")))


def _everywhere(table: pd.DataFrame) -> pd.DataFrame:
    """Return outcomes from which nothing is left out."""
    return table.assign(left_out="", own=True)[COLUMNS]
