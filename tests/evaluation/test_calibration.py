import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from weightscape.evaluation.calibration import HIGHEST, LOWEST, fit_temperature
from weightscape.evaluation.metrics import compute_metrics


def calibrated(seed: int, n: int = 400, classes: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Return logits and labels drawn from their softmax."""
    rng = np.random.default_rng(seed)
    logits = 2 * rng.standard_normal((n, classes))
    cumulative = softmax(logits, axis=1).cumsum(axis=1)
    return logits, (rng.random((n, 1)) > cumulative).sum(axis=1).clip(max=classes - 1)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("factor", [0.3, 1.7, 6])
def test_a_known_factor_is_given_back(seed, factor):
    """Logits times T have T times the temperature; and that of calibrated logits is near 1."""
    logits, labels = calibrated(seed)
    temperature = fit_temperature(logits, labels)
    assert temperature == pytest.approx(1, abs=0.2)
    assert fit_temperature(factor * logits, labels) == pytest.approx(factor * temperature, rel=1e-9)


def test_a_set_whose_frequencies_are_its_probabilities_has_temperature_one():
    logits = np.log(np.tile([0.5, 0.3, 0.2], (10, 1)))
    labels = np.repeat([0, 1, 2], [5, 3, 2])
    assert fit_temperature(logits, labels) == pytest.approx(1, rel=1e-10)


@pytest.mark.parametrize("seed", range(4))
def test_the_gradient_vanishes_and_no_other_temperature_is_better(seed):
    logits, labels = calibrated(seed)
    logits = 3 * logits
    temperature = fit_temperature(logits, labels)

    def nll(t: float) -> float:
        return -log_softmax(logits / t, axis=1)[np.arange(len(labels)), labels].mean()

    step = 1e-5 * temperature
    assert (nll(temperature + step) - nll(temperature - step)) / (2 * step) == pytest.approx(0, abs=1e-9)
    found = minimize_scalar(nll, bounds=(0.1, 30), method="bounded", options={"xatol": 1e-9})
    assert temperature == pytest.approx(found.x, rel=1e-5)


def test_scaling_changes_confidence_but_no_prediction():
    logits, labels = calibrated(1, n=2000)
    raw = compute_metrics(5 * logits, labels)
    scaled = compute_metrics(5 * logits / fit_temperature(5 * logits, labels), labels)
    assert scaled["accuracy"] == raw["accuracy"]
    assert scaled["nll"] < raw["nll"]
    assert scaled["ece"] < raw["ece"] / 3


def test_bounds_where_the_likelihood_has_no_maximum():
    logits = 4 * np.eye(3)
    assert fit_temperature(logits, np.arange(3)) == LOWEST
    assert fit_temperature(-logits, np.arange(3)) == HIGHEST
    assert fit_temperature(np.zeros((4, 3)), np.array([0, 1, 2, 0])) == LOWEST


def test_nan_is_refused():
    with pytest.raises(ValueError, match="NaN or inf"):
        fit_temperature(np.full((2, 2), np.nan), np.array([0, 1]))
