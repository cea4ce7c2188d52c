"""Temperature scaling: one number that corrects the confidence of a network without changing its predictions."""

import numpy as np
from scipy.optimize import brentq
from scipy.special import softmax

from weightscape.evaluation.metrics import check_logits

LOWEST, HIGHEST = 0.01, 100.0


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """Return the temperature T > 0 that minimises the negative log-likelihood of softmax(logits/T).

    The likelihood is log-concave in β = 1/T, so the root of its derivative
    mean_i(E_{softmax(β z_i)}[z_i] − z_i[label_i]) is the only minimum. Where there is none inside the bounds (all
    images are right, or the network is no better than chance) the nearer bound is returned.

    Parameters
    ----------
    logits
        float, shape (n, classes), of a set that no network was trained or tested on.
    labels
        int, shape (n,).

    Returns
    -------
    float
        Between `LOWEST` and `HIGHEST`.

    Raises
    ------
    ValueError
        As `weightscape.evaluation.metrics.compute_metrics`.

    References
    ----------
    Guo, Pleiss, Sun & Weinberger, *On Calibration of Modern Neural Networks*, ICML 2017, section 4.2.

    Examples
    --------
    >>> logits = np.log(np.array([[0.8, 0.2]] * 5))
    >>> round(fit_temperature(3 * logits, np.array([0, 0, 0, 0, 1])), 6)
    3.0
    """
    logits, labels = check_logits(logits, labels)
    of_label = logits[np.arange(len(labels)), labels].mean()

    def slope(beta: float) -> float:
        return float((softmax(beta * logits, axis=1) * logits).sum(axis=1).mean() - of_label)

    if slope(1 / LOWEST) <= 0:
        return LOWEST
    if slope(1 / HIGHEST) >= 0:
        return HIGHEST
    return float(1 / brentq(slope, 1 / HIGHEST, 1 / LOWEST, xtol=1e-12, rtol=1e-12))
