"""How well a network tells images of another set from those of the test set, by what it says of each image alone.

The test set is what the network was trained for; a good detector gives its images higher scores than those of any other
set. Nothing is fitted, and no label is used.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import log_softmax, logsumexp
from scipy.stats import rankdata

from weightscape.evaluation.runs import LabelledSet, Run

KEPT_PERCENT = 95
"""Share of the test images that a detector must keep."""


def maximum_probability(logits: np.ndarray) -> np.ndarray:
    """Return the probability of the predicted class, as its logarithm, which has the same order.

    References
    ----------
    Hendrycks & Gimpel, *A Baseline for Detecting Misclassified and Out-of-Distribution Examples in Neural Networks*,
    ICLR 2017.
    """
    return log_softmax(logits, axis=1).max(axis=1)


def negative_energy(logits: np.ndarray) -> np.ndarray:
    """Return ln Σ_k exp(z_k), the negative energy at temperature 1.

    References
    ----------
    Liu, Wang, Owens & Li, *Energy-based Out-of-distribution Detection*, NeurIPS 2020, eq. 4.
    """
    return logsumexp(logits, axis=1)


def negative_entropy(logits: np.ndarray) -> np.ndarray:
    """Return Σ_k p_k ln p_k, the negative entropy of the classes' probabilities.

    References
    ----------
    Lakshminarayanan, Pritzel & Blundell, *Simple and Scalable Predictive Uncertainty Estimation Using Deep Ensembles*,
    NeurIPS 2017, who judge networks by it on images of unknown classes.
    """
    logarithms = log_softmax(logits, axis=1)
    return (np.exp(logarithms) * logarithms).sum(axis=1)


SCORES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "msp": maximum_probability,
    "energy": negative_energy,
    "entropy": negative_entropy,
}
"""From logits, float64 of shape (n, classes), to scores of the images, higher for those like the test set's."""


@dataclass(frozen=True)
class Detection:
    """How well a score tells two sets apart.

    Attributes
    ----------
    auroc
        Probability that an image of the test set has a higher score than one of the other set, ties counted half.
    fpr95
        Share of the other set that passes the highest threshold which 95 % of the test set pass.
    """

    auroc: float
    fpr95: float


def detect(inside: np.ndarray, outside: np.ndarray) -> Detection:
    """Return how well scores tell the images inside the distribution from those outside.

    Parameters
    ----------
    inside, outside
        Scores of the test set and of the other set, float, shapes (n,) and (m,), not empty.

    Notes
    -----
    The area under the ROC curve is the Mann–Whitney statistic divided by n·m. FPR95 has the test set as positives
    (Liang, Li & Srikant, *Enhancing the Reliability of Out-of-distribution Image Detection in Neural Networks*, ICLR
    2018, section 4.2).
    """
    n, m = len(inside), len(outside)
    ranks = rankdata(np.concatenate([inside, outside]))
    auroc = (ranks[:n].sum() - n * (n + 1) / 2) / (n * m)
    threshold = np.sort(inside)[n * (100 - KEPT_PERCENT) // 100]
    return Detection(float(auroc), float((outside >= threshold).mean()))


def detection_table(runs: Sequence[Run], sets: Sequence[LabelledSet]) -> pd.DataFrame:
    """Return how well every run tells each out-of-distribution and corrupted set from the test set.

    Logits are used as they are, not scaled by a temperature.

    Returns
    -------
    pandas.DataFrame
        A row for each run, set and score, sorted by condition, seed, set and score. Columns: condition, series, family,
        dose, seed, set, kind, corruption, severity (nullable integer), score (a key of `SCORES`), n, n_test, auroc,
        fpr95. No row where a study has no such set.

    Raises
    ------
    ValueError
        If there is not exactly one test set.
    KeyError
        If a run has no logits for a set.
    """
    tests = [entry for entry in sets if entry.kind == "test"]
    if len(tests) != 1:
        raise ValueError(f"expected one evaluation set of kind test, got {[entry.name for entry in tests]}")
    others = [entry for entry in sets if entry.kind in ("ood", "corruption")]
    rows = []
    for run in runs:
        logits = run.on(tests[0]).astype(np.float64)
        inside = {name: score(logits) for name, score in SCORES.items()}
        for entry in others:
            logits = run.on(entry).astype(np.float64)
            for name, score in SCORES.items():
                found = detect(inside[name], score(logits))
                sizes = {"score": name, "n": len(logits), "n_test": len(inside[name])}
                rows.append({**run.columns(), **entry.columns(), **sizes, **vars(found)})
    table = pd.DataFrame(rows, columns=COLUMNS).astype({"dose": "float64", "severity": "Int64"})
    return table.sort_values(["condition", "seed", "set", "score"], ignore_index=True)


COLUMNS = [
    "condition", "series", "family", "dose", "seed", "set", "kind", "corruption", "severity", "score", "n", "n_test",
    "auroc", "fpr95",
]  # fmt: skip
