"""Metrics of classification logits: accuracy, negative log-likelihood, Brier score and calibration errors.

All functions are pure and take float logits of shape (n, classes) and int labels of shape (n,).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import log_softmax

BINS = 15


@dataclass(frozen=True)
class Metrics:
    """Metrics of one network on one set of `n` images.

    Parameters
    ----------
    n
        Number of images.
    accuracy
        Share of images whose largest logit is the label's.
    nll
        Mean negative log-likelihood of the labels in nats.
    brier
        Mean over images of the sum over classes of (probability − 1[class is the label])²; from 0 to 2.
    ece
        Expected calibration error, see `expected_calibration_error`.
    adaptive_ece
        The same with bins of equal mass, see `adaptive_calibration_error`.
    """

    n: int
    accuracy: float
    nll: float
    brier: float
    ece: float
    adaptive_ece: float


def compute_metrics(logits: np.ndarray, labels: np.ndarray, bins: int = BINS) -> Metrics:
    """Compute all metrics of one network on one set.

    Parameters
    ----------
    logits
        float, shape (n, classes); computed with in float64.
    labels
        int, shape (n,), values in 0 … classes − 1.
    bins
        Number of bins of the calibration errors.

    Raises
    ------
    ValueError
        If the shapes do not fit, there is no image, a label has no logit, or a logit is not finite.

    References
    ----------
    Brier, *Verification of Forecasts Expressed in Terms of Probability*, Monthly Weather Review 78, 1950.
    """
    logits, labels = check_logits(logits, labels)
    log_probabilities = log_softmax(logits, axis=1)
    probabilities = np.exp(log_probabilities)
    rows = np.arange(len(labels))
    errors = probabilities.copy()
    errors[rows, labels] -= 1
    predictions = logits.argmax(axis=1)
    confidences = probabilities[rows, predictions]
    correct = predictions == labels
    return Metrics(
        n=len(labels),
        accuracy=float(correct.mean()),
        nll=float(-log_probabilities[rows, labels].mean()),
        brier=float((errors**2).sum(axis=1).mean()),
        ece=expected_calibration_error(confidences, correct, bins),
        adaptive_ece=adaptive_calibration_error(confidences, correct, bins),
    )


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
