"""How well the probability of every class is calibrated, not only that of the predicted one."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class ClassBins:
    """The probabilities of each class in bins of equal width.

    Attributes
    ----------
    n
        Number of images.
    counts, stated, found
        Shape (classes, bins): images in a bin, the sum of their probabilities of the class, and how many of them are of
        the class.
    """

    n: int
    counts: np.ndarray
    stated: np.ndarray
    found: np.ndarray


@dataclass(frozen=True)
class BrierParts:
    """The parts of a Brier score, which is reliability − resolution + uncertainty."""

    reliability: float
    resolution: float
    uncertainty: float


def class_bins(probabilities: np.ndarray, labels: np.ndarray, bins: int) -> ClassBins:
    """Sort the probabilities of each class into bins; a bin contains its lower edge, the top bin also its upper one.

    Parameters
    ----------
    probabilities
        float, shape (n, classes).
    labels
        int, shape (n,).
    bins
        Number of bins of equal width between 0 and 1.
    """
    n, classes = probabilities.shape
    edges = np.linspace(0, 1, bins + 1)
    index = np.clip(np.searchsorted(edges, probabilities, side="right") - 1, 0, bins - 1) + bins * np.arange(classes)
    shape, size = (classes, bins), classes * bins
    return ClassBins(
        n,
        np.bincount(index.ravel(), minlength=size).reshape(shape),
        np.bincount(index.ravel(), probabilities.ravel(), size).reshape(shape),
        np.bincount(index[np.arange(n), labels], minlength=size).reshape(shape),
    )


def classwise_calibration_error(binned: ClassBins) -> float:
    """Return the class-wise expected calibration error: the mean over classes of the error of each class's probability.

    cwECE = (1/K) Σ_k Σ_b (n_kb/n)·|share of class k in bin b − mean probability of class k in bin b|.

    References
    ----------
    Kull et al., *Beyond Temperature Scaling: Obtaining Well-Calibrated Multi-Class Probabilities with Dirichlet
    Calibration*, NeurIPS 2019, section 2; as static calibration error in Nixon et al., *Measuring Calibration in Deep
    Learning*, CVPR Workshops 2019.
    """
    return float(np.abs(binned.found - binned.stated).sum() / (binned.n * len(binned.counts)))


def brier_parts(binned: ClassBins, brier: float) -> BrierParts:
    """Return the parts of a Brier score: how far it is from calibration, how much it tells, how hard the set is.

    Parameters
    ----------
    binned
        The probabilities in bins.
    brier
        The Brier score of the same probabilities.

    Notes
    -----
    With p̄_kb the mean probability of class k in its bin b, o_kb the share of the class in it, and o_k that in the set,

        reliability = Σ_k Σ_b (n_kb/n)·(p̄_kb − o_kb)²,    0 if calibrated in every bin,
        uncertainty = Σ_k o_k (1 − o_k),                   of the labels alone,
        resolution  = reliability + uncertainty − Brier score.

    Where all images of a bin have one probability, the resolution is Murphy's Σ_k Σ_b (n_kb/n)·(o_kb − o_k)². Otherwise
    it also holds what probabilities tell within bins, as the *generalised resolution* of Stephenson et al., with which
    the three parts add up exactly whatever the bins.

    References
    ----------
    Murphy, *A New Vector Partition of the Probability Score*, Journal of Applied Meteorology 12, 1973; Stephenson,
    Coelho & Jolliffe, *Two Extra Components in the Brier Score Decomposition*, Weather and Forecasting 23, 2008.
    """
    filled = binned.counts > 0
    gaps = (binned.stated - binned.found)[filled]
    reliability = float((gaps**2 / binned.counts[filled]).sum() / binned.n)
    shares = binned.found.sum(axis=1) / binned.n
    uncertainty = float((shares * (1 - shares)).sum())
    return BrierParts(reliability, reliability + uncertainty - brier, uncertainty)
