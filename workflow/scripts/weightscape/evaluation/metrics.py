"""Metrics of classification logits: accuracy, negative log-likelihood, Brier score and calibration errors.

All functions are pure and take float logits of shape (n, classes) and int labels of shape (n,).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import log_softmax

from weightscape.evaluation.by_class import BrierParts, ClassBins, brier_parts, class_bins, classwise_calibration_error
from weightscape.evaluation.smooth import smooth_calibration_error

BINS = 15


@dataclass(frozen=True)
class Predictions:
    """What a network says about n images, and the truth.

    Attributes
    ----------
    logits
        float64, shape (n, classes).
    labels
        int, shape (n,).
    """

    logits: np.ndarray
    labels: np.ndarray

    @cached_property
    def log_probabilities(self) -> np.ndarray:
        """Logarithms of the classes' probabilities, shape (n, classes)."""
        return log_softmax(self.logits, axis=1)

    @cached_property
    def probabilities(self) -> np.ndarray:
        """Probabilities of the classes, shape (n, classes)."""
        return np.exp(self.log_probabilities)

    @cached_property
    def classes(self) -> np.ndarray:
        """The predicted class of each image; the first among equals."""
        return self.logits.argmax(axis=1)

    @cached_property
    def correct(self) -> np.ndarray:
        """Whether each prediction is right."""
        return self.classes == self.labels

    @cached_property
    def confidences(self) -> np.ndarray:
        """The probability of each predicted class."""
        return self.probabilities[np.arange(len(self.labels)), self.classes]

    @cached_property
    def class_bins(self) -> ClassBins:
        """The probabilities of every class in `BINS` bins."""
        return class_bins(self.probabilities, self.labels, BINS)

    @cached_property
    def brier(self) -> float:
        """The Brier score."""
        return brier_score(self)

    @cached_property
    def brier_parts(self) -> BrierParts:
        """The parts of the Brier score."""
        return brier_parts(self.class_bins, self.brier)


@dataclass(frozen=True)
class Metric:
    """A metric of a network on a set of images: a column of the evaluation table.

    Attributes
    ----------
    name
        Name of the column.
    compute
        From predictions to the value.
    changed_by_temperature
        Whether scaling the logits by a temperature can change it.
    outcome_family
        The outcomes with which its effects are adjusted for their number; None where its effects are not tested.
    """

    name: str
    compute: Callable[[Predictions], float]
    changed_by_temperature: bool = True
    outcome_family: str | None = "evaluation"


def accuracy(predictions: Predictions) -> float:
    """Return the share of images whose largest logit is the label's."""
    return float(predictions.correct.mean())


def negative_log_likelihood(predictions: Predictions) -> float:
    """Return the mean negative log-likelihood of the labels in nats."""
    return float(-predictions.log_probabilities[np.arange(len(predictions.labels)), predictions.labels].mean())


def brier_score(predictions: Predictions) -> float:
    """Return the mean over images of the sum over classes of (probability − 1[class is the label])²; from 0 to 2.

    References
    ----------
    Brier, *Verification of Forecasts Expressed in Terms of Probability*, Monthly Weather Review 78, 1950.
    """
    errors = predictions.probabilities.copy()
    errors[np.arange(len(predictions.labels)), predictions.labels] -= 1
    return float((errors**2).sum(axis=1).mean())


def expected_calibration_error(confidences: np.ndarray, correct: np.ndarray, bins: int = BINS) -> float:
    """Return the expected calibration error with bins of equal width.

    ECE = Σ_b (n_b/n)·|share correct in bin b − mean confidence in bin b|. A bin contains its lower edge, and the top
    bin also its upper one, so that a confidence of exactly 1 counts.

    Parameters
    ----------
    confidences
        float, shape (n,): probability of the predicted class, in [0, 1].
    correct
        bool, shape (n,): whether the prediction is right.
    bins
        Number of bins.

    References
    ----------
    Guo, Pleiss, Sun & Weinberger, *On Calibration of Modern Neural Networks*, ICML 2017, eq. 3.
    """
    edges = np.linspace(0, 1, bins + 1)
    index = np.clip(np.searchsorted(edges, confidences, side="right") - 1, 0, bins - 1)
    gaps = np.bincount(index, weights=correct - confidences, minlength=bins)
    return float(np.abs(gaps).sum() / len(confidences))


def adaptive_calibration_error(confidences: np.ndarray, correct: np.ndarray, bins: int = BINS) -> float:
    """Return the calibration error with bins of equal mass: the images sorted by confidence, in `bins` equal parts.

    Images with exactly the same confidence get the mean correctness of their group, so that their order in the set
    has no influence. Sizes of bins differ by one at most; with n < `bins` each image is a bin.

    Parameters
    ----------
    confidences, correct, bins
        As in `expected_calibration_error`.

    References
    ----------
    Nguyen & O'Connor, *Posterior Calibration and Exploratory Analysis for Natural Language Processing Models*, EMNLP
    2015, and Roelofs et al., *Mitigating Bias in Calibration Error Estimation*, AISTATS 2022 (ECE_EM).
    """
    n = len(confidences)
    values, group = np.unique(confidences, return_inverse=True)
    counts = np.bincount(group)
    gaps = np.repeat(np.bincount(group, weights=correct) / counts - values, counts)
    bins = min(bins, n)
    sizes = np.full(bins, n // bins)
    sizes[: n % bins] += 1
    starts = np.cumsum(sizes) - sizes
    return float(np.abs(np.add.reduceat(gaps, starts)).sum() / n)


METRICS = (
    Metric("accuracy", accuracy, changed_by_temperature=False),
    Metric("nll", negative_log_likelihood),
    Metric("brier", lambda predictions: predictions.brier),
    Metric("ece", lambda predictions: expected_calibration_error(predictions.confidences, predictions.correct)),
    Metric(
        "adaptive_ece", lambda predictions: adaptive_calibration_error(predictions.confidences, predictions.correct)
    ),
    Metric(
        "classwise_ece",
        lambda predictions: classwise_calibration_error(predictions.class_bins),
        outcome_family="calibration",
    ),
    Metric(
        "smooth_ece",
        lambda predictions: smooth_calibration_error(predictions.confidences, predictions.correct),
        outcome_family="calibration",
    ),
    Metric(
        "brier_reliability",
        lambda predictions: predictions.brier_parts.reliability,
        outcome_family="calibration",
    ),
    Metric(
        "brier_resolution",
        lambda predictions: predictions.brier_parts.resolution,
        outcome_family="calibration",
    ),
    Metric(
        "brier_uncertainty",
        lambda predictions: predictions.brier_parts.uncertainty,
        changed_by_temperature=False,
        outcome_family=None,
    ),
)
"""The metrics of the evaluation table, in the order of its columns; all tables of results follow this list."""


def metric_names(changed_by_temperature: bool = False) -> list[str]:
    """Return the names of `METRICS`, or of those that a temperature can change."""
    return [metric.name for metric in METRICS if metric.changed_by_temperature or not changed_by_temperature]


def compute_metrics(logits: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Compute all of `METRICS` of one network on one set.

    Parameters
    ----------
    logits
        float, shape (n, classes); computed with in float64.
    labels
        int, shape (n,), values in 0 … classes − 1.

    Returns
    -------
    The value of each metric by name.

    Raises
    ------
    ValueError
        If the shapes do not fit, there is no image, a label has no logit, or a logit is not finite.
    """
    predictions = Predictions(*check_logits(logits, labels))
    return {metric.name: metric.compute(predictions) for metric in METRICS}


def check_logits(logits: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return logits as float64 and labels, after the checks that `compute_metrics` names."""
    logits, labels = np.asarray(logits, np.float64), np.asarray(labels)
    if logits.ndim != 2 or labels.shape != logits.shape[:1] or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(
            f"expected logits of shape (n, classes) and n integer labels, got {logits.shape} and {labels.dtype} "
            f"of {labels.shape}"
        )
    if len(labels) == 0:
        raise ValueError("there are no images to evaluate on")
    if labels.min() < 0 or labels.max() >= logits.shape[1]:
        raise ValueError(
            f"labels must be in 0…{logits.shape[1] - 1} for {logits.shape[1]} logits, got {labels.min()}…{labels.max()}"
        )
    if not np.isfinite(logits).all():
        raise ValueError(
            f"{int((~np.isfinite(logits)).any(axis=1).sum())} of {len(logits)} images have NaN or inf logits"
        )
    return logits, labels
