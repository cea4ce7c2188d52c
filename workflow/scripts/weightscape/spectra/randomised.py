"""Comparison with a random matrix: the same elements, shuffled, keep their distribution and lose their order."""

from typing import Any

import numpy as np
import scipy.stats

from weightscape.spectra.eigenvalues import spectrum
from weightscape.spectra.mp_ww077 import fit_mp


def shuffled_spectra(matrices: np.ndarray, draws: int, rng: np.random.Generator, device: str = "numpy") -> np.ndarray:
    """Return the pooled eigenvalues of shuffled copies.

    Parameters
    ----------
    matrices
        Shape (count, rows, columns); each is shuffled in itself.
    draws
        Number of copies.
    rng
        Source of the shuffles.
    device
        See `weightscape.spectra.eigenvalues.spectrum`.

    Returns
    -------
    numpy.ndarray
        Shape (draws, n), each row ascending.
    """
    spectra = []
    for _ in range(draws):
        shuffled = rng.permuted(matrices.reshape(len(matrices), -1), axis=1).reshape(matrices.shape)
        spectra.append(spectrum(shuffled, device=device).eigenvalues)
    return np.stack(spectra)


def random_columns(eigenvalues: np.ndarray, shuffled: np.ndarray, larger: int, smaller: int) -> dict[str, Any]:
    """Return WeightWatcher's columns of ``randomize=True``.

    Each is the mean over the draws, so that its expectation does not depend on their number. WeightWatcher draws once,
    and five times for the maximum and the fit of layers with fewer than 100 eigenvalues, which it pools.

    Parameters
    ----------
    eigenvalues
        Of the layer, ascending, shape (n,).
    shuffled
        Of its shuffled copies, shape (draws, n).
    larger, smaller
        N and M of the layer's matrices.
    """
    largest = float(np.mean(shuffled[:, -1]))
    fits = [vars(fit_mp(draw, larger, smaller)) for draw in shuffled]
    means = {name: float(np.mean([fit[name] for fit in fits])) for name in fits[0]}
    return {
        "max_rand_eval": largest,
        "rand_distance": float(np.mean([_jensen_shannon(eigenvalues, draw) for draw in shuffled])),
        "ww_softrank": largest / float(eigenvalues[-1]),
        "ww_maxdist": float(eigenvalues[-1]) - largest,
        "num_traps": means["num_spikes"],
        **{f"rand_{name}": value for name, value in means.items()},
    }


def _jensen_shannon(first: np.ndarray, second: np.ndarray) -> float:
    """Return the Jensen–Shannon distance of two ascending spectra, each taken as weights, as WeightWatcher does."""
    middle = (first + second) / 2
    divergence = (scipy.stats.entropy(first, middle) + scipy.stats.entropy(second, middle)) / 2
    return float(np.sqrt(max(divergence, 0.0)))
