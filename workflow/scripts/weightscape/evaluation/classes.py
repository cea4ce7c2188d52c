"""The accuracy of each class: which classes an intervention helps, and which it costs."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from weightscape.evaluation.runs import LabelledSet, Run

KINDS = ("validation", "test", "ood")
"""Kinds of sets whose classes are told apart; a corrupted set has too few images of each."""

COLUMNS = ["condition", "series", "family", "dose", "seed", "set", "kind", "class_name", "n", "accuracy"]


def class_accuracy_table(runs: Sequence[Run], sets: Sequence[LabelledSet], class_names: Sequence[str]) -> pd.DataFrame:
    """Return the share of the images of each class that every run classifies rightly.

    Parameters
    ----------
    runs, sets
        Runs and sets; sets of other kinds than `KINDS` are left out.
    class_names
        Names of the classes, in the order of their labels.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`, a row for each run, set and class that has images in the set; sorted by condition, seed and
        set, classes in the order of their labels.

    Raises
    ------
    KeyError
        If a run has no logits for a set.
    """
    rows = []
    for run in sorted(runs, key=lambda run: (run.condition, run.seed)):
        for entry in sorted((entry for entry in sets if entry.kind in KINDS), key=lambda entry: entry.name):
            correct = run.on(entry).argmax(axis=1) == entry.labels
            counts = np.bincount(entry.labels, minlength=len(class_names))
            right = np.bincount(entry.labels[correct], minlength=len(class_names))
            names = {**run.columns(), "set": entry.name, "kind": entry.kind}
            rows += [
                {**names, "class_name": name, "n": int(n), "accuracy": hits / n}
                for name, n, hits in zip(class_names, counts, right, strict=True)
                if n
            ]
    return pd.DataFrame(rows, columns=COLUMNS).astype({"dose": "float64"})
