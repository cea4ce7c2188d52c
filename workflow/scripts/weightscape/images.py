"""From uint8 images to a network's input, the same way for training, evaluation, embedding and generation."""

from collections.abc import Sequence

import numpy as np
import torch
from torch.nn import functional

from weightscape.data.imageset import check_images


def to_batch(images: np.ndarray, mean: Sequence[float], std: Sequence[float], input_size: int) -> torch.Tensor:
    """Normalise images for a network.

    Parameters
    ----------
    images
        uint8, shape (n, size, size, 3).
    mean, std
        Of each channel, for pixel values in [0, 1].
    input_size
        Side of the network's input in pixels; images of another size are scaled (bilinear, antialiased).

    Returns
    -------
    torch.Tensor
        float32, shape (n, 3, input_size, input_size), in `torch.channels_last` order: (x/255 − mean)/std.

    Raises
    ------
    ValueError
        If the images are not uint8 of the above shape.
    """
    check_images(images)
    batch = torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2).float()
    if images.shape[1] != input_size:
        batch = functional.interpolate(
            batch, size=(input_size, input_size), mode="bilinear", align_corners=False, antialias=True
        )
    scale = 255 * torch.tensor(std, dtype=torch.float32).view(3, 1, 1)
    shift = 255 * torch.tensor(mean, dtype=torch.float32).view(3, 1, 1)
    return batch.sub_(shift).div_(scale).contiguous(memory_format=torch.channels_last)


def to_images(batch: torch.Tensor, mean: Sequence[float], std: Sequence[float]) -> np.ndarray:
    """Return normalised images as they would be stored: `to_batch` turned round, without scaling.

    Parameters
    ----------
    batch
        float32, shape (n, 3, size, size).
    mean, std
        As in `to_batch`.

    Returns
    -------
    numpy.ndarray
        uint8, shape (n, size, size, 3), rounded and clipped to [0, 255].
    """
    scale, shift = (255 * torch.tensor(values, dtype=torch.float32).view(3, 1, 1) for values in (std, mean))
    pixels = (batch * scale + shift).round().clamp(0, 255)
    return pixels.to(torch.uint8).permute(0, 2, 3, 1).contiguous().numpy()


def forward_in_batches(
    model: torch.nn.Module,
    images: np.ndarray,
    mean: Sequence[float],
    std: Sequence[float],
    input_size: int,
    batch_size: int,
) -> np.ndarray:
    """Run a network on images in evaluation mode, without gradients, on the device of its parameters.

    Parameters
    ----------
    model
        Gives one vector per image. It is left in the mode (training or evaluation) in which it came; its weights are
        put into the memory order of the batches, without which a CPU takes more than twice the time.
    images, mean, std, input_size
        As in `to_batch`.
    batch_size
        Images per forward pass.

    Returns
    -------
    numpy.ndarray
        float32, shape (n, width of the network's output).
    """
    if len(images) == 0:
        raise ValueError("there are no images to run the network on")
    device = next(model.parameters()).device
    was_training = model.training
    model.to(memory_format=torch.channels_last)
    model.eval()
    try:
        with torch.inference_mode():
            outputs = [
                model(to_batch(images[start : start + batch_size], mean, std, input_size).to(device)).float().cpu()
                for start in range(0, len(images), batch_size)
            ]
    finally:
        model.train(was_training)
    return torch.cat(outputs).numpy()
