"""The gate of claim 2: whether a classifier of real images recognises the synthetic ones, against unseen real images.

Accuracies are means over classes, so that guessing has the accuracy 1/classes in balanced sets and in others.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import ndtri

from weightscape.statistics.claim import Finding
from weightscape.statistics.facts import Facts
from weightscape.statistics.study_tables import StudyTables

ONE_SIDED = 0.95
"""Level of the one-sided bound that is held against the threshold."""

REAL = "unseen real images"
"""What the quality table calls the real images that synthetic ones are held against."""

OUTCOMES = ("recognised", "not recognised", "cannot tell")


@dataclass(frozen=True)
class Share:
    """Accuracy above chance on synthetic images over that on unseen real ones, and its lower bound.

    Both are NaN where the classifier is not shown to be better than chance on real images.
    """

    value: float
    low: float

    def outcome(self, threshold: float) -> str:
        """Return which of `OUTCOMES` holds: "recognised" if the lower bound reaches the threshold."""
        if np.isnan(self.low):
            return "cannot tell"
        return "recognised" if self.low >= threshold else "not recognised"


@dataclass(frozen=True)
class Recognition(Facts):
    """The check of one pool of synthetic images; `outcome` is one of `OUTCOMES`, and only the first one passes.

    `accuracy` and `accuracy_real` are those of the classifier on the pool and on unseen real images; `share` is the
    first over the second, both above `chance`, and `low` its lower bound. `learnt_from` says which real images the
    generator has seen (`weightscape.generator.generator.Origin`).
    """

    pool: str
    learnt_from: str
    accuracy: float
    accuracy_real: float
    chance: float
    share: float
    low: float
    threshold: float
    outcome: str

    @property
    def passed(self) -> bool:
        """Whether the images are recognised."""
        return self.outcome == OUTCOMES[0]


@dataclass(frozen=True)
class FromGenerator(Facts):
    """A finding on synthetic images, and the checks of their pools: where one fails, the verdict is withheld."""

    finding: Facts
    checks: tuple[Recognition, ...]

    @property
    def failed(self) -> tuple[Recognition, ...]:
        """The checks that do not pass."""
        return tuple(check for check in self.checks if not check.passed)


def class_mean_accuracy(right: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Return the mean over classes of the share of right answers, and its standard error.

    Parameters
    ----------
    right
        Whether each answer is right, bool, shape (n,).
    labels
        Classes, shape (n,); those that do not occur are left out of the mean.

    Notes
    -----
    The variance of a class with k right answers of n is that of (k + 1)/(n + 2), which is not 0 where all or none are
    right (Agresti & Caffo, The American Statistician 54, 2000).
    """
    members = [right[labels == label] for label in np.unique(labels)]
    smoothed = np.array([(answers.sum() + 1) / (len(answers) + 2) for answers in members])
    counts = np.array([len(answers) + 2 for answers in members])
    variance = (smoothed * (1 - smoothed) / counts).sum() / len(members) ** 2
    return float(np.mean([answers.mean() for answers in members])), float(np.sqrt(variance))


def share_of_real(synthetic: tuple[float, float], real: tuple[float, float], chance: float) -> Share:
    """Return how far above chance synthetic images are recognised, relative to real ones.

    Parameters
    ----------
    synthetic, real
        Accuracies with their standard errors; the two are independent.
    chance
        Accuracy of guessing.

    Notes
    -----
    With a and b the accuracies above chance, the lower bound is the smallest g for which a − g b is not shown to be
    positive, that is the smaller root of (a − g b)² = z² (s_a² + g² s_b²) (Fieller, Journal of the Royal Statistical
    Society B 16, 1954), with z of the one-sided level `ONE_SIDED`. It exists if b > z s_b.
    """
    z = ndtri(ONE_SIDED)
    (a, s_a), (b, s_b) = ((accuracy - chance, error) for accuracy, error in (synthetic, real))
    if b <= z * s_b:
        return Share(float("nan"), float("nan"))
    square = b**2 - (z * s_b) ** 2
    root = z * np.sqrt(s_a**2 * square + (a * s_b) ** 2)
    return Share(float(a / b), float((a * b - root) / square))


def recognitions(quality: pd.DataFrame) -> dict[str, Recognition]:
    """Return the check of each pool of the quality table, by its name; the row `REAL` is what they are held against."""
    real = quality.loc[quality["pool"] == REAL, "classifier_accuracy"].iloc[0]
    return {
        str(row.pool): Recognition(
            str(row.pool),
            str(row.learnt_from),
            float(row.classifier_accuracy),
            float(real),
            float(row.chance),
            float(row.recognised_share),
            float(row.recognised_share_low),
            float(row.threshold),
            str(row.outcome),
        )
        for row in quality[quality["pool"] != REAL].itertuples()
    }


def gated(finding: Finding, tables: StudyTables, conditions: Iterable[str]) -> Finding:
    """Return a finding with what its synthetic images are, without verdict where some are not recognised.

    Parameters
    ----------
    finding
        What was found.
    tables
        The study.
    conditions
        The conditions that the finding is about; the pools of images that any of them trains on must pass.
    """
    checks = checks_of_conditions(tables, conditions)
    if not checks:
        return finding
    facts = FromGenerator(finding.facts, checks)
    return replace(finding, verdict="undetermined" if facts.failed else finding.verdict, facts=facts)


def checks_of_conditions(tables: StudyTables, conditions: Iterable[str]) -> tuple[Recognition, ...]:
    """Return the checks of the pools that conditions train on; none in a study whose images were not measured."""
    if tables.quality is None:
        return ()
    wanted = {tables.pools[name] for name in conditions if name in tables.pools}
    return tuple(check for name, check in recognitions(tables.quality).items() if name in wanted)
