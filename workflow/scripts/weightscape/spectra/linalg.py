"""Decompositions of one matrix in float64, by LAPACK or on a torch device: the only place that knows of devices.

Eigenvalues and vectors come from the Gram matrix of the smaller side, several times faster than singular values.
"""

import numpy as np
import scipy.linalg

NUMPY = "numpy"
"""The device name that stands for LAPACK; any other is one of torch's, such as ``"cuda"``."""


def is_wide(matrix: np.ndarray) -> bool:
    """Return whether the rows are the smaller side, of which Gram matrices are made; squares count as wide."""
    return bool(matrix.shape[0] <= matrix.shape[1])


def check_device(device: str) -> None:
    """Refuse a device that can't compute in float64.

    Raises
    ------
    ValueError
        If it is neither `NUMPY` nor a torch device that is there and does float64. The message is for the user.
    """
    if device == NUMPY:
        return
    try:
        import torch

        torch.ones(1, dtype=torch.float64, device=device)
    except (ImportError, RuntimeError, AssertionError, TypeError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(
            f"device: {device!r} found, {NUMPY!r} or a torch device with float64 is allowed ({reason})"
        ) from None


def gram_eigenvalues(matrix: np.ndarray, device: str = NUMPY) -> np.ndarray:
    """Return the eigenvalues of the Gram matrix of the smaller side, ascending; the smallest may be < 0 by rounding."""
    if device == NUMPY:
        side = matrix if is_wide(matrix) else matrix.T
        # The transpose of a symmetric matrix is itself, in the order that LAPACK overwrites without a copy.
        return scipy.linalg.eigvalsh((side @ side.T).T, overwrite_a=True, check_finite=False, driver="evd")
    import torch

    return torch.linalg.eigvalsh(_gram_on(matrix, device)).cpu().numpy()


def gram_eigenvectors(matrix: np.ndarray, top: int | None = None, device: str = NUMPY) -> tuple[np.ndarray, np.ndarray]:
    """Return the eigenvalues of the Gram matrix of the smaller side, ascending, and its eigenvectors as columns.

    Parameters
    ----------
    matrix
        Float64, shape (rows, columns); with rows ≤ columns the vectors are its left singular vectors, else its right.
    top
        Only so many of the largest; all by default.
    device
        `NUMPY` or a torch device.
    """
    size = min(matrix.shape)
    kept = size if top is None else min(top, size)
    if device == NUMPY:
        side = matrix if is_wide(matrix) else matrix.T
        subset = None if kept == size else (size - kept, size - 1)
        # evr is as fast as evd with vectors, and needs half the memory.
        return scipy.linalg.eigh(
            (side @ side.T).T, subset_by_index=subset, overwrite_a=True, check_finite=False, driver="evr"
        )
    import torch

    values, vectors = torch.linalg.eigh(_gram_on(matrix, device))
    return values[-kept:].cpu().numpy(), vectors[:, -kept:].cpu().numpy()


def singular_values(matrix: np.ndarray, device: str = NUMPY) -> np.ndarray:
    """Return the singular values, ascending, from the decomposition of the matrix itself."""
    if device == NUMPY:
        return scipy.linalg.svdvals(matrix, check_finite=False)[::-1]
    import torch

    return torch.linalg.svdvals(torch.as_tensor(matrix, device=device)).cpu().numpy()[::-1]


def _gram_on(matrix: np.ndarray, device: str):  # type: ignore[no-untyped-def]  # a torch tensor; torch is optional here
    import torch

    there = torch.as_tensor(matrix, device=device)
    return there @ there.T if is_wide(matrix) else there.T @ there
