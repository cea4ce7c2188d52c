"""Norms, ranks and entropies of a spectrum."""

import numpy as np

from weightscape.spectra.eigenvalues import Spectrum, matrix_rank

WEAK_EIGENVALUE = 1e-6
"""Eigenvalues below it count as `weak_rank_loss` (WeightWatcher's default tolerance)."""

ENTROPY_EPSILON = 1e-10
"""What WeightWatcher adds to each p and to the rank in its entropy."""


def norm_columns(spectrum: Spectrum, larger: int) -> dict[str, float | int]:
    """Return the columns that every layer has, whatever its spectrum looks like.

    Parameters
    ----------
    spectrum
        Spectrum of the layer; at least one eigenvalue is positive.
    larger
        N, the larger dimension of the layer's matrices.

    Notes
    -----
    ``norm`` is Σλ = ‖W‖²_F and ``spectral_norm`` is λmax = ‖W‖²₂, squared as in WeightWatcher. The effective rank is
    exp(−Σ q ln q) with q = s/Σs (Roy & Vetterli 2007); the entropy is −Σ p ln p / ln(rank) with p = λ/Σλ.
    """
    eigenvalues = spectrum.eigenvalues
    singular = np.sqrt(eigenvalues)
    norm = float(eigenvalues.sum())
    nuclear = float(singular.sum())
    largest = float(eigenvalues[-1])
    rank = matrix_rank(singular, larger)
    return {
        "num_evals": len(eigenvalues),
        "sv_max": spectrum.sv_max,
        "sv_min": spectrum.sv_min,
        "rank_loss": spectrum.rank_loss,
        "weak_rank_loss": int(np.count_nonzero(eigenvalues < WEAK_EIGENVALUE)),
        "lambda_max": largest,
        "norm": norm,
        "log_norm": float(np.log10(norm)),
        "spectral_norm": largest,
        "log_spectral_norm": float(np.log10(largest)),
        "nuclear_norm": nuclear,
        "log_nuclear_norm": float(np.log10(nuclear)),
        "stable_rank": norm / largest,
        "effective_rank": float(np.exp(_entropy(singular / nuclear))),
        "matrix_rank": rank,
        "entropy": _entropy(eigenvalues / norm) / float(np.log(rank)) if rank > 1 else 0.0,
        "entropy_ww": _entropy_ww(eigenvalues / norm, rank),
    }


def _entropy(p: np.ndarray) -> float:
    """Return −Σ p ln p in nats, with 0 ln 0 = 0."""
    p = p[p > 0]
    return float(-np.sum(p * np.log(p)))


def _entropy_ww(p: np.ndarray, rank: int) -> float:
    """Return the entropy with WeightWatcher's ε, which biases it upwards when there are many tiny eigenvalues."""
    p = p + ENTROPY_EPSILON
    return float(-np.sum(p * np.log(p)) / np.log(rank + ENTROPY_EPSILON))
