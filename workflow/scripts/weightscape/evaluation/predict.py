"""Logits of a fine-tuned network on an evaluation set."""

from collections.abc import Sequence

import numpy as np
import torch

from weightscape.images import forward_in_batches


def predict_logits(
    model: torch.nn.Module,
    images: np.ndarray,
    mean: Sequence[float],
    std: Sequence[float],
    input_size: int,
    batch_size: int = 250,
) -> np.ndarray:
    """Return the logits of a network in evaluation mode.

    Parameters
    ----------
    model
        A classifier; moved nowhere and left in its mode.
    images
        uint8, shape (n, size, size, 3).
    mean, std, input_size
        Normalisation and input size of the backbone, see `weightscape.images.to_batch`.
    batch_size
        Images per forward pass.

    Returns
    -------
    numpy.ndarray
        float32, shape (n, classes).

    Raises
    ------
    FloatingPointError
        If a logit is NaN or infinite, as after diverged training.
    """
    logits = forward_in_batches(model, images, mean, std, input_size, batch_size)
    wrong = ~np.isfinite(logits).all(axis=1)
    if wrong.any():
        raise FloatingPointError(f"the network gives NaN or infinite logits for {wrong.sum()} of {len(images)} images")
    return logits
