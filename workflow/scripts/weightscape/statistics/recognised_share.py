"""How well a classifier of real images recognises synthetic ones, against unseen real images.

Accuracies are means over classes, so that guessing has the accuracy 1/classes in balanced sets and in others. What
follows for claim 2 is in `weightscape.statistics.recognition`; nothing here depends on claims, since generators do
depend on this module.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

DEFAULT_RECOGNISED = 0.5
"""Share of unseen real images' accuracy above chance that synthetic ones must reach, unless a config says otherwise."""

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
