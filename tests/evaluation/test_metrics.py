import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax
from sklearn.metrics import accuracy_score, brier_score_loss, log_loss
from torch.nn.functional import cross_entropy
from torchmetrics.functional.classification import multiclass_calibration_error

from weightscape.evaluation.metrics import (
    adaptive_calibration_error,
    compute_metrics,
    expected_calibration_error,
)


def example(seed: int, n: int = 300, classes: int = 7, scale: float = 3) -> tuple[np.ndarray, np.ndarray]:
    """Return logits that are right more often than chance, and labels."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, n)
    logits = scale * rng.standard_normal((n, classes))
    logits[np.arange(n), labels] += scale * rng.random(n)
    return logits, labels


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("scale", [0.1, 2, 8])
def test_metrics_agree_with_scikit_learn_and_torchmetrics(seed, scale):
    logits, labels = example(seed, scale=scale)
    probabilities = softmax(logits, axis=1)
    metrics = compute_metrics(logits, labels)
    assert metrics["accuracy"] == accuracy_score(labels, logits.argmax(axis=1))
    assert metrics["nll"] == pytest.approx(float(cross_entropy(torch.tensor(logits), torch.tensor(labels))), rel=1e-12)
    if probabilities.min() > 1e-15:  # scikit-learn clips below
        assert metrics["nll"] == pytest.approx(log_loss(labels, probabilities), rel=1e-12)
    assert metrics["brier"] == pytest.approx(
        brier_score_loss(labels, probabilities, labels=range(7), scale_by_half=False), rel=1e-12
    )
    oracle = multiclass_calibration_error(torch.tensor(probabilities), torch.tensor(labels), 7, n_bins=15)
    assert metrics["ece"] == pytest.approx(float(oracle), abs=2e-6)


@pytest.mark.parametrize("seed", range(5))
def test_calibration_errors_agree_with_loops_over_bins(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 80))
    confidences = np.round(rng.uniform(0.1, 1, n), 3)
    correct = rng.random(n) < confidences
    ece = 0.0
    for b in range(15):
        low, high = b / 15, (b + 1) / 15
        members = (confidences >= low) & ((confidences < high) | (b == 14))
        if members.any():
            ece += members.mean() * abs(correct[members].mean() - confidences[members].mean())
    assert expected_calibration_error(confidences, correct) == pytest.approx(ece, abs=1e-12)


@pytest.mark.parametrize("n", [1, 7, 15, 16, 100, 300])
def test_adaptive_error_agrees_with_equal_parts_of_the_sorted_images(n):
    rng = np.random.default_rng(n)
    confidences = rng.uniform(0.1, 1, n)
    correct = rng.random(n) < confidences
    order = np.argsort(confidences)
    parts = [part for part in np.array_split(order, 15) if len(part)]
    expected = sum(len(part) / n * abs(correct[part].mean() - confidences[part].mean()) for part in parts)
    assert adaptive_calibration_error(confidences, correct) == pytest.approx(expected, abs=1e-12)


def test_certain_and_right_is_perfect_and_certain_and_wrong_is_worst():
    logits = np.full((20, 3), -1000.0)
    logits[:, 1] = 1000
    right = compute_metrics(logits, np.full(20, 1))
    assert (right["accuracy"], right["nll"], right["brier"], right["ece"], right["adaptive_ece"]) == (1, 0, 0, 0, 0)
    wrong = compute_metrics(logits, np.full(20, 2))
    assert (wrong["accuracy"], wrong["nll"], wrong["brier"], wrong["ece"], wrong["adaptive_ece"]) == (0, 2000, 2, 1, 1)


def test_a_confidence_of_one_is_in_the_top_bin():
    """With 0.95 it makes one bin, whose gaps cancel; in a bin of its own it would add to the error."""
    confidences, correct = np.array([1.0, 1.0, 0.95, 0.95]), np.array([True, False, True, True])
    assert expected_calibration_error(confidences, correct) == pytest.approx(abs(0.75 - 0.975))


def test_uniform_logits_are_calibrated_where_classes_are_equally_frequent():
    metrics = compute_metrics(np.zeros((40, 4)), np.tile(np.arange(4), 10))
    assert metrics["accuracy"] == 0.25
    assert metrics["nll"] == pytest.approx(np.log(4))
    assert metrics["brier"] == pytest.approx(0.75)
    assert metrics["ece"] == pytest.approx(0)
    assert metrics["adaptive_ece"] == pytest.approx(0)


@given(st.integers(0, 10_000), st.integers(1, 60), st.integers(2, 6), st.floats(-50, 50))
@settings(deadline=None, max_examples=60)
def test_metrics_ignore_the_order_of_images_and_a_shift_of_logits(seed, n, classes, shift):
    rng = np.random.default_rng(seed)
    logits = np.round(rng.standard_normal((n, classes)), 1)  # rounded, so that there are ties
    labels = rng.integers(0, classes, n)
    metrics = compute_metrics(logits, labels)
    order = rng.permutation(n)
    moved = compute_metrics(logits[order], labels[order])
    assert moved["adaptive_ece"] == pytest.approx(metrics["adaptive_ece"], abs=1e-12)
    assert moved["ece"] == pytest.approx(metrics["ece"], abs=1e-12)
    shifted = compute_metrics(logits + shift, labels)
    assert shifted["nll"] == pytest.approx(metrics["nll"], abs=1e-9)
    assert shifted["brier"] == pytest.approx(metrics["brier"], abs=1e-9)
    assert 0 <= metrics["ece"] <= 1
    assert 0 <= metrics["adaptive_ece"] <= 1
    assert 0 <= metrics["brier"] <= 2


@pytest.mark.parametrize(
    ("logits", "labels", "message"),
    [
        (np.zeros((3, 2)), np.zeros(2, int), r"expected logits of shape \(n, classes\) and n integer labels"),
        (np.zeros(3), np.zeros(3, int), "expected logits of shape"),
        (np.zeros((3, 2)), np.zeros(3), "integer labels, got .* float64"),
        (np.zeros((0, 2)), np.zeros(0, int), "no images"),
        (np.zeros((3, 2)), np.array([0, 1, 2]), r"labels must be in 0…1 for 2 logits, got 0…2"),
        (np.array([[0.0, np.nan], [0, 0]]), np.zeros(2, int), "1 of 2 images have NaN or inf logits"),
    ],
)
def test_wrong_input_is_refused(logits, labels, message):
    with pytest.raises(ValueError, match=message):
        compute_metrics(logits, labels)
