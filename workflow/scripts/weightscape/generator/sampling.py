"""Drawing synthetic images from a generator of any kind: balanced, batched, and seeded one by one.

Image i has class i mod classes and its own stream (study, "sample", i), whatever the settings of its pool, so that
pools of different settings are pairs of the same noise. Where images are made from real ones, image i is made from real
image i mod n and has its label. Batches always hold the same images, in the same places, and are always full:
arithmetic in float32 may depend on the batch size, and so a longer pool starts with the same bytes, and a pool that is
drawn in several jobs has the bytes of one that is drawn in one.
"""

import logging
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers.utils import logging as diffusers_logging
from PIL import Image

from weightscape.data.resize import resize_square
from weightscape.files import write_array, write_text
from weightscape.generator.generator import Batch, Draw, Generator, Task
from weightscape.generator.pool import Pool
from weightscape.streams import stream_seed

REPORTS = 20
NO_SOURCE = -1
"""Source of an image that is made from no real one."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RealImages:
    """The real images that others are made from, uint8 (n, H, W, 3), and their labels, int64 (n,)."""

    images: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True)
class Drawn:
    """Images of a pool.

    Attributes
    ----------
    images
        uint8, shape (n, size, size, 3).
    labels
        int64, shape (n,).
    sources
        int64, shape (n,): place in the training pool of the real image that each is made from, −1 if there is none.
    """

    images: np.ndarray
    labels: np.ndarray
    sources: np.ndarray


class UnfinishedPool:
    """Batches that an interrupted job has drawn, a file each.

    Parameters
    ----------
    folder
        Where they are; it is emptied of batches of another identity.
    identity
        Text that names everything that decides the images.
    """

    def __init__(self, folder: Path, identity: str) -> None:
        self._folder = folder
        owner = folder / "identity.txt"
        if folder.exists() and (not owner.exists() or owner.read_text(encoding="utf-8") != identity):
            shutil.rmtree(folder)
        write_text(identity, owner)

    def load(self, number: int) -> np.ndarray | None:
        """Return a batch that was drawn before, None if it was not."""
        path = self._path(number)
        return np.load(path) if path.exists() else None

    def save(self, number: int, images: np.ndarray) -> None:
        """Keep a batch."""
        write_array(images, self._path(number))

    def _path(self, number: int) -> Path:
        return self._folder / f"batch-{number}.npy"


def load_generator(settings: Generator, trained: Path | None, task: Task) -> Draw:
    """Return the function that draws images from a generator; see `Generator.load`.

    What diffusers has to say goes to the log of the process, and its progress bars nowhere.
    """
    diffusers_logging.disable_progress_bar()
    diffusers_logging.disable_default_handler()
    diffusers_logging.enable_propagation()
    return settings.load(trained, task)


def sample_images(
    draw: Draw,
    task: Task,
    pool: Pool,
    batch_size: int,
    part: range | None = None,
    real: RealImages | None = None,
    unfinished: UnfinishedPool | None = None,
) -> Drawn:
    """Draw a pool of synthetic images, or a part of it.

    Parameters
    ----------
    draw
        From `load_generator`.
    task
        What the study asks. A pipeline's images of another size are scaled (bilinear, antialiased).
    pool
        The settings that the images are drawn under.
    batch_size
        Images per batch.
    part
        Places in the pool of the images to draw, from a multiple of `batch_size` on; all if left out.
    real
        The real images that these are made from, None if they are made from none.
    unfinished
        Batches that were drawn before are taken from it, and others are kept in it.

    Raises
    ------
    ValueError
        If the generator gives values that are not finite.
    """
    part = range(task.images) if part is None else part
    first, stop = part.start // batch_size, -(-part.stop // batch_size)
    batches, start, drawn = [], time.monotonic(), 0
    for number in range(first, stop):
        images = unfinished.load(number) if unfinished else None
        if images is None:
            indices = range(number * batch_size, (number + 1) * batch_size)
            images = _draw(draw, task, pool, indices, real)
            drawn += 1
            if unfinished:
                unfinished.save(number, images)
        batches.append(images)
        done, total = number + 1 - first, stop - first
        if done % max(1, total // REPORTS) == 0 or done == total:
            left = (time.monotonic() - start) / max(1, drawn) * (total - done)
            log.info("%d of %d images, about %.0f s left", min(done * batch_size, len(part)), len(part), left)
    labels, sources = _labels(part, task, real)
    return Drawn(np.concatenate(batches)[: len(part)], labels, sources)


def _draw(draw: Draw, task: Task, pool: Pool, indices: range, real: RealImages | None) -> np.ndarray:
    labels, sources = _labels(indices, task, real)
    batch = Batch(
        indices=indices,
        labels=labels.tolist(),
        generators=[torch.Generator().manual_seed(stream_seed(task.study, "sample", index)) for index in indices],
        pool=pool,
        real=None if real is None else real.images[sources],
    )
    images = draw(batch)
    if not np.isfinite(images).all():
        raise ValueError(f"the generator gave values that are not finite in images {indices[0]} to {indices[-1]}")
    return _to_uint8(images, task.image_size)


def _labels(indices: Sequence[int], task: Task, real: RealImages | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the labels and the sources of images."""
    places = np.asarray(indices, np.int64)
    if real is None:
        return places % len(task.class_names), np.full(len(places), NO_SOURCE, np.int64)
    sources = places % len(real.labels)
    return real.labels[sources], sources


def _to_uint8(images: np.ndarray, image_size: int) -> np.ndarray:
    images = np.rint(images * 255).astype(np.uint8)
    if images.shape[-1] == 1:
        images = images.repeat(3, axis=-1)
    if images.shape[1:3] == (image_size, image_size):
        return images
    return np.stack([np.asarray(resize_square(Image.fromarray(image), image_size)) for image in images])
