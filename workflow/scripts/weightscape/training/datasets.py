"""The training set of one run: which real and which synthetic images it sees, and in which order."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from weightscape.streams import stream
from weightscape.training.treatment import Treatment


@dataclass(frozen=True)
class LabelledImages:
    """Images, uint8 of shape (n, height, width, 3), and their labels, int64 of shape (n,)."""

    images: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, index: np.ndarray) -> "LabelledImages":
        """Return the images at `index`."""
        return LabelledImages(self.images[index], self.labels[index])


@dataclass(frozen=True)
class TrainingSet(LabelledImages):
    """The images of one run, with the number of real and synthetic ones."""

    n_real: int
    n_synthetic: int


def assemble(
    treatment: Treatment, pool: LabelledImages, synthetic: LabelledImages | None, n_images: int, study: str, seed: int
) -> TrainingSet:
    """Put together the training set of the run with this seed.

    The real images are the first ones of the seed's permutation of the pool, so every condition with the same seed
    shares them: ``more_real`` adds to them, ``synthetic`` in mode ``replace`` keeps the first part of them.

    Parameters
    ----------
    treatment
        What the condition does to the data.
    pool, synthetic
        The pool of real training images, and the pool of synthetic images (None where the treatment has none).
    n_images
        Number of real images of the baseline.
    study, seed
        Name the random streams.
    """
    order = stream(study, seed, "subset").permutation(len(pool))
    n_synthetic = round(treatment.synthetic_ratio * n_images)
    n_real = round(treatment.real_factor * n_images)
    if treatment.synthetic_mode == "replace":
        n_real -= n_synthetic
    parts = [pool.take(order[:n_real])]
    if n_synthetic:
        if synthetic is None or len(synthetic) < n_synthetic:
            raise ValueError(f"{n_synthetic} synthetic images wanted, {len(synthetic or ())} exist")
        drawn = stream(study, seed, "synthetic").permutation(len(synthetic))[:n_synthetic]
        parts.append(synthetic.take(drawn))
    return TrainingSet(
        images=np.concatenate([part.images for part in parts * treatment.copies]),
        labels=np.concatenate([part.labels for part in parts * treatment.copies]),
        n_real=n_real * treatment.copies,
        n_synthetic=n_synthetic * treatment.copies,
    )


def batches(n_images: int, batch_size: int, steps: int, study: str, seed: int) -> Iterator[np.ndarray]:
    """Yield the image indices of `steps` batches: pass after pass over the images, each in a new order.

    The number of steps is the same whatever the size of the training set, so that conditions differ in their data and
    not in the amount of training. Conditions with equally many images share the order.
    """
    rest = np.empty(0, dtype=np.int64)
    passes = 0
    for _ in range(steps):
        while len(rest) < batch_size:
            rest = np.concatenate([rest, stream(study, seed, "order", passes).permutation(n_images)])
            passes += 1
        yield rest[:batch_size]
        rest = rest[batch_size:]
