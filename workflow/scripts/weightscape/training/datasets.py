"""The training set of one run: which real and which synthetic images it sees, and in which order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from weightscape.streams import stream
from weightscape.training.intervention import Intervention, Recipe


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
    """The images of one run, with the number of real and synthetic ones.

    `real` has its real images once each, whatever the copies; it may be empty.
    """

    real: LabelledImages
    n_real: int
    n_synthetic: int


def assemble(
    treatment: Sequence[Intervention],
    pool: LabelledImages,
    synthetic: LabelledImages | None,
    n_images: int,
    study: str,
    seed: int,
) -> TrainingSet:
    """Put together the training set of the run with this seed.

    The real images are the first ones of the seed's permutation of the pool, so every condition with the same seed
    shares them: with more real images the first ones are those of the baseline, and where synthetic images replace
    some, the first part of them is kept.

    Parameters
    ----------
    treatment
        The condition's interventions.
    pool, synthetic
        The pool of real training images, and the pool of synthetic images (None where the treatment has none).
    n_images
        Number of real images of the baseline.
    study, seed
        Name the random streams.
    """
    recipe = recipe_of(treatment, n_images)
    order = stream(study, seed, "subset").permutation(len(pool))
    parts = [pool.take(order[: recipe.real])]
    if recipe.synthetic:
        if synthetic is None or len(synthetic) < recipe.synthetic:
            raise ValueError(f"{recipe.synthetic} synthetic images wanted, {len(synthetic or ())} exist")
        drawn = stream(study, seed, "synthetic").permutation(len(synthetic))[: recipe.synthetic]
        parts.append(synthetic.take(drawn))
    return TrainingSet(
        images=np.concatenate([part.images for part in parts * recipe.copies]),
        labels=np.concatenate([part.labels for part in parts * recipe.copies]),
        real=parts[0],
        n_real=recipe.real * recipe.copies,
        n_synthetic=recipe.synthetic * recipe.copies,
    )


def recipe_of(treatment: Sequence[Intervention], n_images: int) -> Recipe:
    """Return what the training set of a condition is made of, where the baseline's has `n_images` real images."""
    recipe = Recipe(n_images)
    for intervention in treatment:
        recipe = intervention.recipe(recipe)
    return recipe


def batches(
    n_images: int, batch_size: int, steps: int, study: str, seed: int, replicate: int = 1
) -> Iterator[np.ndarray]:
    """Yield the image indices of `steps` batches: pass after pass over the images, each in a new order.

    The number of steps is the same whatever the size of the training set, so that conditions differ in their data and
    not in the amount of training. Conditions with equally many images share the order; a `replicate` of the baseline
    after the first has one of its own.
    """
    name = () if replicate == 1 else ("replicate", replicate)
    rest = np.empty(0, dtype=np.int64)
    passes = 0
    for _ in range(steps):
        while len(rest) < batch_size:
            rest = np.concatenate([rest, stream(study, seed, "order", passes, *name).permutation(n_images)])
            passes += 1
        yield rest[:batch_size]
        rest = rest[batch_size:]
