"""Features of images from a frozen encoder, in which diversity is measured beside the pixels."""

from collections.abc import Sequence

import numpy as np
import torch

from weightscape.images import forward_in_batches


def embed(
    backbone_model: torch.nn.Module,
    images: np.ndarray,
    mean: Sequence[float],
    std: Sequence[float],
    input_size: int,
    batch_size: int = 250,
) -> np.ndarray:
    """Return the pooled features of images.

    Parameters
    ----------
    backbone_model
        The pre-trained backbone without classifier (timm: ``num_classes=0``), which gives one vector per image.
    images
        uint8, shape (n, size, size, 3).
    mean, std, input_size
        Normalisation and input size of the backbone, see `weightscape.images.to_batch`.
    batch_size
        Images per forward pass.

    Returns
    -------
    numpy.ndarray
        float32, shape (n, features).
    """
    return forward_in_batches(backbone_model, images, mean, std, input_size, batch_size)
