"""Names from a config and from tables as words: series, conditions, metrics, outcomes and data sources."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from weightscape.words.columns import labels

METRICS = {
    **labels(),
    "accuracy": "accuracy",
    "nll": "NLL",
    "brier": "Brier score",
    "ece": "ECE",
    "adaptive_ece": "adaptive ECE",
    "classwise_ece": "class-wise ECE",
    "smooth_ece": "smooth ECE",
    "brier_reliability": "Brier reliability",
    "brier_resolution": "Brier resolution",
    "brier_uncertainty": "Brier uncertainty",
    "temperature": "temperature",
    "mce": "mCE",
    "relative_mce": "relative mCE",
    "vendi_0.5": "Vendi score, q = 0.5",
    "vendi_1": "Vendi score",
    "vendi_2": "Vendi score, q = 2",
    "vendi_inf": "Vendi score, q = ∞",
    "vendi_rbf_0.5": "RBF Vendi score, q = 0.5",
    "vendi_rbf_1": "RBF Vendi score",
    "vendi_rbf_2": "RBF Vendi score, q = 2",
    "vendi_rbf_inf": "RBF Vendi score, q = ∞",
    "wvs": "weighted Vendi score",
    "wvs_published": "weighted Vendi score, as published",
    "mean_distance": "mean cosine distance",
    "dcscore": "DCScore",
    "precision": "precision",
    "recall": "recall",
    "density": "density",
    "coverage": "coverage",
}
SETS = {"validation": "validation", "test": "test", "ood": "OOD", "corruption": "corrupted"}
"""Kinds of evaluation sets, in front of a metric."""

PLACES = {
    "validation": "on the validation set",
    "test": "on the test set",
    "ood": "out of distribution",
    "corruption": "on corrupted images",
}
"""Kinds of evaluation sets, in a sentence."""


def plain(name: str) -> str:
    """Return a name from the config as words: underscores become spaces."""
    return name.replace("_", " ")


def described(source: str | Mapping[str, object]) -> str:
    """Return a source from the config in words: its name, and in brackets what else is said about it.

    Examples
    --------
    >>> described("mnist5k"), described({"name": "folder", "path": "images"})
    ('mnist5k', 'folder (path images)')
    """
    if isinstance(source, str):
        return source
    rest = ", ".join(f"{plain(key)} {value}" for key, value in source.items() if key != "name")
    name = str(source.get("name", ""))
    return f"{name} ({rest})" if name and rest else name or rest


def metric_label(metric: str) -> str:
    """Return the words for a metric's column name."""
    return METRICS.get(metric, plain(metric))


def outcome_label(outcome: str) -> str:
    """Return the words for an outcome such as ``spectra/late/alpha`` or ``evaluation/ood/accuracy``."""
    kind, *middle, metric = outcome.split("/")
    words = metric_label(metric)
    if kind == "evaluation" and middle:
        place = " ".join(SETS.get(part, plain(part)) for part in middle)
        return f"{place} {words}"
    if kind == "delta":
        middle = ["change", *middle]
    if middle:
        return f"{words}, {' '.join(plain(part) for part in middle)}"
    return words


def condition_label(series: str, dose: float | None) -> str:
    """Return a condition's name for a row or a legend: the series and its dose."""
    if dose is None or pd.isna(dose):
        return plain(series)
    return f"{plain(series)} {dose:g}"


def pool_label(pool: Mapping[str, Any]) -> str:
    """Return a pool of synthetic images in words, from its columns (see `weightscape.generator.pool.Pool`).

    Examples
    --------
    >>> pool_label({"generator": "", "guidance_scale": 1.5, "strength": None, "prompts": 1})
    'guidance 1.5, prompts 1'
    """
    settings = {"guidance": "guidance_scale", "strength": "strength", "prompts": "prompts"}
    parts = [plain(pool["generator"])] if pool["generator"] else []
    parts += [f"{words} {pool[key]:g}" for words, key in settings.items() if not pd.isna(pool[key])]
    return ", ".join(parts) or "all"
