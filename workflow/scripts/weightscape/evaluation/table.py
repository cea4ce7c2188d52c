"""The evaluation table: metrics of every run on every set, raw and after temperature scaling."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from weightscape.evaluation.calibration import fit_temperature
from weightscape.evaluation.metrics import compute_metrics

KINDS = ("validation", "test", "ood", "corruption")


@dataclass(frozen=True)
class LabelledSet:
    """A set of images that networks are evaluated on.

    Parameters
    ----------
    name
        Name of the set's folder, such as ``test`` or ``test-blur-3``.
    kind
        One of `KINDS`.
    labels
        int, shape (n,).
    corruption
        Name of the corruption; empty where there is none.
    severity
        Severity of the corruption; None where there is none.
    """

    name: str
    kind: str
    labels: np.ndarray
    corruption: str = ""
    severity: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"evaluation set {self.name}: kind must be one of {KINDS}, got {self.kind!r}")


@dataclass(frozen=True)
class Run:
    """What identifies a training run, with its logits.

    Parameters
    ----------
    condition, series, family
        Names of the condition, of its series and of its family.
    dose
        Dose of the intervention; None where it has none.
    seed
        Paired seed index.
    logits
        For each evaluation set's name, float of shape (n, classes).
    """

    condition: str
    series: str
    family: str
    dose: float | None
    seed: int
    logits: Mapping[str, np.ndarray]


def evaluation_table(runs: Sequence[Run], sets: Sequence[LabelledSet]) -> pd.DataFrame:
    """Evaluate runs on sets.

    The temperature of a run is fitted on its set of kind ``validation``.

    Returns
    -------
    pandas.DataFrame
        Two rows (``calibration`` raw and temperature) for each run and set, sorted by condition, seed, set and
        calibration. Columns: condition, series, family, dose, seed, set, kind, corruption, severity (nullable
        integer), calibration, n, the metrics of `weightscape.evaluation.metrics.METRICS`, temperature (1 for raw).

    Raises
    ------
    ValueError
        If there is not exactly one validation set, or logits do not fit their labels.
    KeyError
        If a run has no logits for a set.
    """
    validation = [entry for entry in sets if entry.kind == "validation"]
    if len(validation) != 1:
        raise ValueError(f"expected one evaluation set of kind validation, got {[entry.name for entry in validation]}")
    rows = []
    for run in runs:
        temperature = fit_temperature(_logits(run, validation[0]), validation[0].labels)
        for entry in sets:
            logits = _logits(run, entry).astype(np.float64)
            for calibration, divisor in (("raw", 1.0), ("temperature", temperature)):
                rows.append(
                    {
                        "condition": run.condition,
                        "series": run.series,
                        "family": run.family,
                        "dose": run.dose,
                        "seed": run.seed,
                        "set": entry.name,
                        "kind": entry.kind,
                        "corruption": entry.corruption,
                        "severity": entry.severity,
                        "calibration": calibration,
                        "n": len(entry.labels),
                        **compute_metrics(logits / divisor, entry.labels),
                        "temperature": divisor,
                    }
                )
    table = pd.DataFrame(rows)
    table["severity"] = table["severity"].astype("Int64")
    return table.sort_values(["condition", "seed", "set", "calibration"], ignore_index=True)


def _logits(run: Run, entry: LabelledSet) -> np.ndarray:
    """Return the logits of a run on a set, or say which ones are missing."""
    if entry.name not in run.logits:
        raise KeyError(
            f"{run.condition}, seed {run.seed}: no logits for the set {entry.name}; there are {[*run.logits]}"
        )
    return run.logits[entry.name]
