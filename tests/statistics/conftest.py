"""A made-up study whose true effects are known: one direction for dropout, another for weight decay."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from weightscape.statistics.plan import Plan
from weightscape.statistics.study_tables import StudyTables
from weightscape.streams import stream

LAYERS = {"conv_stem": "stem", "b.0": "early", "b.1": "early", "b.2": "middle", "b.3": "late", "classifier": "head"}
SERIES = {
    "baseline": ("baseline", [None]),
    "baseline_b": ("baseline", [None]),
    "dropout": ("dropout", [0.1, 0.2]),
    "weight_decay": ("weight_decay", [0.3]),
    "randaugment": ("augment", [5, 9]),
    "affine": ("augment", [0.5]),
    "synthetic": ("synthetic", [0.5, 1.0]),
}
PLAN = Plan(
    dropout=("dropout",),
    weight_decay=("weight_decay",),
    diversity=("randaugment", "affine", "synthetic"),
    augmentation=("randaugment", "affine"),
    synthetic=("synthetic",),
    change=("stable_rank", "effective_rank", "entropy"),
    shape=("stable_rank", "entropy", "alpha", "num_spikes"),
    scale=("log_norm", "log_spectral_norm"),
)
ALONG_DROPOUT = {"stable_rank": 1.0, "entropy": 1.0, "alpha": -1.0, "num_spikes": 0.0, "log_norm": 1.0}
ALONG_DECAY = {"stable_rank": 1.0, "entropy": -1.0, "alpha": 0.0, "num_spikes": 1.0, "log_spectral_norm": -1.0}
SETS = {"validation": "validation", "test": "test", "digits": "ood", "test-blur-1": "corruption"}
METRICS = [*PLAN.shape, *PLAN.scale, "effective_rank"]


def condition_rows(seeds: int) -> pd.DataFrame:
    rows = [
        {
            "condition": name if dose is None else f"{name}-{dose:g}",
            "series": name,
            "family": family,
            "dose": float("nan") if dose is None else float(dose),
            "seed": seed,
            "n_real": 100,
        }
        for name, (family, doses) in SERIES.items()
        for dose in doses
        for seed in range(seeds)
    ]
    return pd.DataFrame(rows).sort_values(["condition", "seed"], ignore_index=True)


def simulate(
    seeds: int = 8,
    strength: dict[str, float] | None = None,
    vendi: dict[str, float] | None = None,
    ood: dict[str, float] | None = None,
    name: str = "study",
) -> StudyTables:
    """Return tables with noise of SD 1 in every feature; `strength` is the length of each series' effect.

    Dropout acts along `ALONG_DROPOUT`, weight decay along `ALONG_DECAY`, other series along dropout's direction.
    `vendi` and `ood` are added to log Vendi and logit accuracy of a series; the series of diversity are more diverse.
    """
    strength = dict.fromkeys(("dropout", "weight_decay", "randaugment", "affine", "synthetic"), 6.0) | (strength or {})
    vendi, ood = dict.fromkeys(PLAN.diversity, 0.15) | (vendi or {}), ood or {}
    runs = condition_rows(seeds)
    rng = stream("statistics tests", name, seeds)
    spectra, evaluation, diversity = [], [], []
    for run in runs.to_dict("records"):
        direction = ALONG_DECAY if run["series"] == "weight_decay" else ALONG_DROPOUT
        size = strength.get(run["series"], 0.0)
        shift = {metric: size * direction.get(metric, 0.0) + rng.normal() for metric in METRICS}
        for depth, (layer, group) in enumerate(LAYERS.items()):
            values = {metric: 10.0 * depth + shift[metric] + 0.1 * rng.normal() for metric in METRICS}
            spectra.append({**run, "of": "after", "layer": layer, "group": group, "depth": depth, **values})
            spectra.append({**run, "of": "delta", "layer": layer, "group": group, "depth": depth, **values})
        for set_name, kind in SETS.items():
            logit = 1.0 + 0.1 * rng.normal() + (ood.get(run["series"], 0.0) if kind == "ood" else 0.0)
            for calibration in ("raw", "temperature"):
                evaluation.append(
                    {
                        **run,
                        "set": set_name,
                        "kind": kind,
                        "corruption": "blur" if kind == "corruption" else "",
                        "severity": 1 if kind == "corruption" else None,
                        "seen": False,
                        "calibration": calibration,
                        "n": 1000,
                        "accuracy": np.rint(1000 / (1 + np.exp(-logit))) / 1000,
                        **{measure: abs(rng.normal()) for measure in ("nll", "brier", "ece", "adaptive_ece")},
                        "temperature": 1.0,
                    }
                )
        if run["family"] not in ("dropout", "weight_decay"):
            for space in ("pixel", "embedding"):
                for class_name in ("all", "3"):
                    scores = np.exp(2 + vendi.get(run["series"], 0.0) + 0.05 * rng.normal(size=2))
                    keys = {"space": space, "class_name": class_name, "n": 100}
                    diversity.append({**run, **keys, "vendi_1": scores[0], "vendi_2": scores[1]})
    return StudyTables(
        runs,
        pd.DataFrame(evaluation).astype({"severity": "Int64"}),
        pd.DataFrame(diversity),
        pd.DataFrame(spectra).astype({"seed": "Int64"}),
    )


def of_each_table(tables: StudyTables, change: Callable[[pd.DataFrame], pd.DataFrame]) -> StudyTables:
    """Return the study with a change made to each of its tables."""
    return replace(
        tables, **{name: change(getattr(tables, name)) for name in ("runs", "evaluation", "diversity", "spectra")}
    )


@pytest.fixture(scope="session")
def change_each():
    """`of_each_table`."""
    return of_each_table


@pytest.fixture(scope="session")
def simulate_study():
    """`simulate`, to make a study with other effects; one asked for again is copied."""
    made: dict[str, StudyTables] = {}

    def study(**arguments) -> StudyTables:
        key = repr(sorted(arguments.items()))
        made[key] = made.get(key) or simulate(**arguments)
        return of_each_table(made[key], pd.DataFrame.copy)

    return study


@pytest.fixture(scope="session")
def plan():
    """The plan that fits the made-up studies."""
    return PLAN


@pytest.fixture(scope="session")
def study_tables(simulate_study):
    """A study of eight seeds in which diversity acts like dropout."""
    return simulate_study()
