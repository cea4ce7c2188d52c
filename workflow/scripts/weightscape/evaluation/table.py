"""The evaluation table: metrics of every run on every set, raw and after temperature scaling."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from weightscape.evaluation.calibration import fit_temperature
from weightscape.evaluation.metrics import compute_metrics
from weightscape.evaluation.runs import LabelledSet, Run


def evaluation_table(runs: Sequence[Run], sets: Sequence[LabelledSet]) -> pd.DataFrame:
    """Evaluate runs on sets.

    The temperature of a run is fitted on its set of kind ``validation``.

    Returns
    -------
    pandas.DataFrame
        Two rows (``calibration`` raw and temperature) for each run and set, sorted by condition, seed, set and
        calibration. Columns: condition, series, family, dose, seed, set, kind, corruption, severity (nullable
        integer), seen (whether the run was trained on this corruption), calibration, n, the metrics of
        `weightscape.evaluation.metrics.METRICS`, temperature (1 for raw).

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
        temperature = fit_temperature(run.on(validation[0]), validation[0].labels)
        for entry in sets:
            logits = run.on(entry).astype(np.float64)
            for calibration, divisor in (("raw", 1.0), ("temperature", temperature)):
                rows.append(
                    {
                        **run.columns(),
                        **entry.columns(),
                        "seen": entry.corruption in run.corruptions_seen,
                        "calibration": calibration,
                        "n": len(entry.labels),
                        **compute_metrics(logits / divisor, entry.labels),
                        "temperature": divisor,
                    }
                )
    table = pd.DataFrame(rows)
    table["severity"] = table["severity"].astype("Int64")
    return table.sort_values(["condition", "seed", "set", "calibration"], ignore_index=True)
