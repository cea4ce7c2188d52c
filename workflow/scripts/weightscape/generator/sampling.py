"""Drawing synthetic images from a generator of any kind: balanced, batched, and seeded one by one.

Image i has class i mod classes and its own stream (study, "sample", i), whatever the guidance scale, so that pools of
different guidance scales are pairs of the same noise. Batches always hold the same images, in the same places, and are
always full: arithmetic in float32 may depend on the batch size, and so a longer pool starts with the same bytes.
"""

import logging
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from diffusers.utils import logging as diffusers_logging
from PIL import Image

from weightscape.data.resize import resize_square
from weightscape.generator.generator import Draw, Generator
from weightscape.streams import stream_seed

REPORTS = 20

log = logging.getLogger(__name__)


def load_generator(settings: Generator, trained: Path | None, class_names: Sequence[str], device: str = "cpu") -> Draw:
    """Return the function that draws images from a generator; see `Generator.load`.

    What diffusers has to say goes to the log of the process, and its progress bars nowhere.
    """
    diffusers_logging.disable_progress_bar()
    diffusers_logging.disable_default_handler()
    diffusers_logging.enable_propagation()
    return settings.load(trained, class_names, device)


def sample_images(
    draw: Draw,
    count: int,
    classes: int,
    guidance_scale: float,
    batch_size: int,
    image_size: int,
    study: str,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw a pool of synthetic images.

    Parameters
    ----------
    draw
        From `load_generator`.
    count
        Images to draw.
    classes
        Number of classes; image i has label i mod `classes`.
    guidance_scale
        Strength of the class condition, see `ClassConditionalPipeline`.
    batch_size
        Images per batch.
    image_size
        Side of the images returned, in pixels; a pipeline's images of another size are scaled (bilinear, antialiased).
    study
        Names the streams.

    Returns
    -------
    images : numpy.ndarray
        uint8, shape (count, image_size, image_size, 3).
    labels : numpy.ndarray
        int64, shape (count,).

    Raises
    ------
    ValueError
        If the generator gives values that are not finite.
    """
    batches, start = [], time.monotonic()
    total = -(-count // batch_size)
    for number in range(total):
        indices = range(number * batch_size, (number + 1) * batch_size)
        generators = [torch.Generator().manual_seed(stream_seed(study, "sample", index)) for index in indices]
        batch = draw([index % classes for index in indices], generators, guidance_scale)
        if not np.isfinite(batch).all():
            raise ValueError(f"the generator gave values that are not finite in images {indices[0]} to {indices[-1]}")
        batches.append(_to_uint8(batch, image_size))
        done = number + 1
        if done % max(1, total // REPORTS) == 0 or done == total:
            left = (time.monotonic() - start) / done * (total - done)
            log.info("%d of %d images, about %.0f s left", min(done * batch_size, count), count, left)
    labels = np.arange(count, dtype=np.int64) % classes
    return np.concatenate(batches)[:count], labels


def _to_uint8(images: np.ndarray, image_size: int) -> np.ndarray:
    images = np.rint(images * 255).astype(np.uint8)
    if images.shape[-1] == 1:
        images = images.repeat(3, axis=-1)
    if images.shape[1:3] == (image_size, image_size):
        return images
    return np.stack([np.asarray(resize_square(Image.fromarray(image), image_size)) for image in images])
