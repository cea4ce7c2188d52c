"""The smooth calibration error: the calibration error without bins.

smECE is continuous in the confidences, which no error with bins is (Błasiok & Nakkiran, *Smooth ECE: Principled
Reliability Diagrams via Kernel Smoothing*, ICLR 2024, arXiv 2309.12236).
"""

import numpy as np
from scipy.fft import dct, idct
from scipy.optimize import brentq

CELLS = 1024
"""Cells of [0, 1] in which the residuals are held."""


def smooth_calibration_error(confidences: np.ndarray, correct: np.ndarray) -> float:
    """Return smECE, the bandwidth σ at which the calibration error smoothed with σ is σ itself.

    Parameters
    ----------
    confidences
        float, shape (n,): probability of the predicted class, in [0, 1].
    correct
        bool, shape (n,): whether the prediction is right.

    Returns
    -------
    float
        Between 0 and 1, accurate to about the width of a cell.

    Notes
    -----
    With f_i the confidences, y_i one or zero for right or wrong, and K̃_σ the Gaussian kernel reflected at 0 and at 1,

        smECE_σ = ∫₀¹ |(1/n) Σ_i (y_i − f_i) K̃_σ(t, f_i)| dt,

    which falls as σ grows; smECE is where it crosses σ, so no bandwidth is chosen. Smoothing with that kernel is the
    spread of heat in a rod with insulated ends: the term cos(πkt) of the residuals shrinks by exp(−(πkσ)²/2), so each
    bandwidth costs one cosine transform. Each residual is shared between the two nearest cells.
    """
    residuals = _in_cells(np.asarray(confidences, np.float64), correct)
    spectrum = dct(residuals, norm="ortho")
    rates = (np.pi * np.arange(CELLS)) ** 2 / 2

    def excess(sigma: float) -> float:
        return float(np.abs(idct(spectrum * np.exp(-rates * sigma**2), norm="ortho")).sum()) - sigma

    # Smoothing keeps the sum of the residuals and never raises that of their sizes.
    lowest, highest = abs(float(residuals.sum())), float(np.abs(residuals).sum())
    if excess(lowest) <= 0:
        return lowest
    if excess(highest) >= 0:
        return highest
    return float(brentq(excess, lowest, highest, xtol=1e-7))


def _in_cells(confidences: np.ndarray, correct: np.ndarray) -> np.ndarray:
    """Return the sum of (right − confidence)/n in each cell, every image shared between the two nearest centres."""
    places = np.clip(confidences * CELLS - 0.5, 0, CELLS - 1)
    left = np.minimum(places.astype(np.int64), CELLS - 2)
    residuals = (correct - confidences) / len(confidences)
    share = (places - left) * residuals
    return np.bincount(left, residuals - share, CELLS) + np.bincount(left + 1, share, CELLS)
