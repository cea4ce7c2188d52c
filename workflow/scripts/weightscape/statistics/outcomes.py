"""All outcomes of a study as one long table: outcome, outcome_family, condition, seed, value."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from weightscape.statistics.layers import layer_means

OTHER_METRICS = (
    "effective_rank",
    "matrix_rank",
    "log_nuclear_norm",
    "D",
    "alpha_weighted",
    "log_alpha_norm",
    "alpha_hill",
    "mp_softrank",
    "robust_num_spikes",
    "robust_softrank",
    "robust_spike_mass",
)
"""Metrics of the spectra table beside the two pre-registered families; those that it does not have are passed over."""

DELTA_METRICS = ("stable_rank", "effective_rank", "entropy", "log_norm", "log_spectral_norm", "alpha")
"""Metrics that are also followed for the change of the weights."""

RAW_MEASURES = ("accuracy", "nll", "brier", "ece", "adaptive_ece")
TEMPERATURE_MEASURES = ("nll", "brier", "ece", "adaptive_ece")
"""Temperature scaling does not change which class is on top, so accuracy is not among them."""

COLUMNS = ["outcome", "outcome_family", "condition", "seed", "value"]


def spectra_outcomes(spectra: pd.DataFrame, shape: Sequence[str], scale: Sequence[str]) -> pd.DataFrame:
    """Return the means over layers, overall (``spectra/<metric>``) and per group (``spectra/<group>/<metric>``).

    Parameters
    ----------
    spectra
        Spectra table of all runs.
    shape, scale
        Metrics of the two feature families. Families of outcomes are "shape", "scale", "other" and, for the change of
        the weights (``delta/…``), "delta".
    """
    runs = spectra[spectra["of"] != "before"]
    has = [metric for metric in OTHER_METRICS if metric in runs and metric not in {*shape, *scale}]
    family = dict.fromkeys(has, "other") | dict.fromkeys(scale, "scale") | dict.fromkeys(shape, "shape")
    tables = [_long(runs, "after", "spectra", family)]
    if (runs["of"] == "delta").any():
        tables.append(_long(runs, "delta", "delta", {name: "delta" for name in DELTA_METRICS if name in runs}))
    return pd.concat(tables, ignore_index=True)


def _long(runs: pd.DataFrame, of: str, prefix: str, family: Mapping[str, str]) -> pd.DataFrame:
    means = layer_means(runs, family, of=of).values
    table = means.stack(future_stack=True).rename("value").rename_axis(["condition", "seed", "name"]).reset_index()
    table["outcome"] = prefix + "/" + table["name"]
    table["outcome_family"] = table["name"].str.split("/").str[-1].map(family)
    return table[COLUMNS]


def evaluation_outcomes(evaluation: pd.DataFrame) -> pd.DataFrame:
    """Return ``evaluation/<kind>/<measure>``, raw, and ``…_temperature`` after temperature scaling.

    A kind with several sets (natural out-of-distribution sets; corruptions × severities) is the mean over its sets.
    """
    means = evaluation.groupby(["condition", "seed", "kind", "calibration"], sort=True)[list(RAW_MEASURES)].mean()
    table = means.stack().rename("value").rename_axis([*means.index.names, "measure"]).reset_index()
    scaled = table["calibration"] == "temperature"
    table = table[~scaled | table["measure"].isin(TEMPERATURE_MEASURES)]
    suffix = np.where(table["calibration"] == "temperature", "_temperature", "")
    table["outcome"] = "evaluation/" + table["kind"] + "/" + table["measure"] + suffix
    return table.assign(outcome_family="evaluation")[COLUMNS]


def diversity_outcomes(diversity: pd.DataFrame) -> pd.DataFrame:
    """Return ``diversity/<space>/vendi_1`` and ``…/vendi_2`` over all classes."""
    table = diversity[diversity["class_name"] == "all"].melt(
        id_vars=["condition", "seed", "space"], value_vars=["vendi_1", "vendi_2"], var_name="order"
    )
    table["outcome"] = "diversity/" + table["space"] + "/" + table["order"]
    return table.assign(outcome_family="diversity")[COLUMNS]
