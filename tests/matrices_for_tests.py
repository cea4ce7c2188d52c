"""Matrices with known spectra."""

import numpy as np


def matrix(shape: tuple[int, ...], seed: int = 0, heavy: float | None = None, spikes: int = 0) -> np.ndarray:
    """Return a float32 matrix of Gaussian or Student-t entries, with planted rank-one spikes far above the bulk."""
    rng = np.random.default_rng(seed)
    values = rng.standard_normal(shape) if heavy is None else rng.standard_t(heavy, shape)
    values *= 0.1
    if spikes:
        u = np.linalg.qr(rng.standard_normal((shape[0], spikes)))[0]
        v = np.linalg.qr(rng.standard_normal((shape[1], spikes)))[0]
        values += (u * (np.sqrt(max(shape)) * np.linspace(0.5, 1.0, spikes))) @ v.T
    return values.astype(np.float32)
