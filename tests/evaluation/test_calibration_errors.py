"""Smooth and class-wise calibration errors, and the parts of the Brier score."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import softmax
from scipy.stats import norm
from torchmetrics.functional.classification import binary_calibration_error

from weightscape.evaluation.by_class import brier_parts, class_bins
from weightscape.evaluation.metrics import compute_metrics, expected_calibration_error
from weightscape.evaluation.smooth import CELLS, smooth_calibration_error


def confidences_and_answers(seed: int, n: int, overconfident: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    confidences = rng.beta(5, 2, n)
    return confidences, rng.random(n) < np.clip(confidences - overconfident, 0, 1)


def by_quadrature(confidences: np.ndarray, correct: np.ndarray) -> float:
    """The definition itself: a sum over images, kernels reflected a few times, an integral on a fine grid."""
    t = (np.arange(6000) + 0.5) / 6000
    residuals = (correct - confidences) / len(confidences)

    def smoothed(sigma: float) -> float:
        kernel = sum(
            norm.pdf(t[:, None], 2 * turn + sign * confidences, sigma) for turn in range(-3, 4) for sign in (1, -1)
        )
        return float(np.abs(kernel @ residuals).mean())

    return brentq(lambda sigma: smoothed(sigma) - sigma, 0.002, 1, xtol=1e-5)


@pytest.mark.parametrize(("n", "overconfident"), [(60, 0.0), (60, 0.3), (400, 0.1), (7, 0.2)])
def test_smooth_error_agrees_with_its_definition(n, overconfident):
    confidences, correct = confidences_and_answers(n, n, overconfident)
    expected = by_quadrature(confidences, correct)
    assert smooth_calibration_error(confidences, correct) == pytest.approx(expected, abs=1 / CELLS)


def test_smooth_error_of_a_constant_gap_is_the_gap():
    """All residuals have one sign, so no smoothing cancels any."""
    assert smooth_calibration_error(np.array([0.9, 0.6, 0.8]), np.zeros(3, bool)) == pytest.approx(2.3 / 3)
    assert smooth_calibration_error(np.ones(5), np.ones(5, bool)) == 0


def test_smooth_error_hardly_moves_where_the_error_with_bins_jumps():
    """Right images on one side of a bin's edge and wrong ones on the other, or all of them in one bin."""
    correct = np.array([True, False] * 50)
    apart = np.where(correct, 0.6 - 1e-9, 0.6 + 1e-9)
    together = np.full(100, 0.6 - 1e-9)
    jump = expected_calibration_error(apart, correct) - expected_calibration_error(together, correct)
    assert jump == pytest.approx(0.4)
    assert smooth_calibration_error(apart, correct) == pytest.approx(
        smooth_calibration_error(together, correct), abs=1e-6
    )


@given(st.integers(0, 5000), st.integers(1, 80))
@settings(deadline=None, max_examples=60)
def test_smooth_error_is_at_least_the_mean_gap_and_at_most_the_mean_residual(seed, n):
    confidences, correct = confidences_and_answers(seed, n, 0.1)
    error = smooth_calibration_error(confidences, correct)
    assert abs(np.mean(correct - confidences)) - 1e-3 <= error <= np.abs(correct - confidences).mean() + 1e-3


def logits_and_labels(seed: int, n: int = 300, classes: int = 5) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, n)
    logits = 2 * rng.standard_normal((n, classes))
    logits[np.arange(n), labels] += 2 * rng.random(n)
    return logits, labels


@pytest.mark.parametrize("seed", range(4))
def test_classwise_error_is_the_mean_of_the_binary_errors_of_torchmetrics(seed):
    logits, labels = logits_and_labels(seed)
    probabilities = softmax(logits, axis=1)
    errors = [
        float(binary_calibration_error(torch.tensor(probabilities[:, k]), torch.tensor(labels == k).int(), n_bins=15))
        for k in range(5)
    ]
    assert compute_metrics(logits, labels)["classwise_ece"] == pytest.approx(np.mean(errors), abs=2e-6)


def test_a_network_that_is_right_in_its_confidence_only_has_a_classwise_error():
    """It is right half the time at confidence ½, but the rest of its probability is on a class that never occurs."""
    logits = np.log(np.tile([0.5, 0.45, 0.05], (40, 1)))
    labels = np.repeat([0, 2], 20)
    found = compute_metrics(logits, labels)
    assert found["ece"] == pytest.approx(0, abs=1e-12)
    assert found["classwise_ece"] == pytest.approx((0.45 + 0.45) / 3)


@pytest.mark.parametrize("scale", [0.3, 1, 4])
def test_the_parts_of_the_brier_score_add_up(scale):
    logits, labels = logits_and_labels(0)
    found = compute_metrics(scale * logits, labels)
    total = found["brier_reliability"] - found["brier_resolution"] + found["brier_uncertainty"]
    assert total == pytest.approx(found["brier"], abs=1e-12)
    shares = np.bincount(labels) / len(labels)
    assert found["brier_uncertainty"] == pytest.approx(1 - (shares**2).sum())


def test_the_parts_are_murphys_where_each_bin_has_one_forecast():
    """A loop over distinct forecasts, as in Murphy's paper."""
    rng = np.random.default_rng(3)
    forecasts = np.array([[0.7, 0.2, 0.1], [0.1, 0.6, 0.3], [0.3, 0.3, 0.4]])
    drawn = rng.integers(0, 3, 200)
    labels = rng.integers(0, 3, 200)
    probabilities = forecasts[drawn]
    outcomes = np.eye(3)[labels]
    reliability = resolution = 0.0
    for k in range(3):
        for value in np.unique(probabilities[:, k]):
            members = probabilities[:, k] == value
            share = outcomes[members, k].mean()
            reliability += members.mean() * (value - share) ** 2
            resolution += members.mean() * (share - outcomes[:, k].mean()) ** 2
    parts = brier_parts(class_bins(probabilities, labels, 15), ((probabilities - outcomes) ** 2).sum(axis=1).mean())
    assert parts.reliability == pytest.approx(reliability)
    assert parts.resolution == pytest.approx(resolution)


def test_forecasts_of_the_classes_shares_are_reliable_and_tell_nothing():
    labels = np.repeat([0, 1], [30, 10])
    found = compute_metrics(np.log(np.tile([0.75, 0.25], (40, 1))), labels)
    assert found["brier_reliability"] == pytest.approx(0, abs=1e-12)
    assert found["brier_resolution"] == pytest.approx(0, abs=1e-12)
    assert found["brier_uncertainty"] == pytest.approx(found["brier"])
