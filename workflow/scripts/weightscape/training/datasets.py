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
class SyntheticPool(LabelledImages):
    """A pool of synthetic images.

    `sources`, int64 of shape (n,), has the place in the pool of real images of the one that each is made from, −1 for
    images that are made from none.
    """

    sources: np.ndarray

    @property
    def is_made_from_real(self) -> bool:
        """Whether the images are variants of real ones."""
        return bool((self.sources >= 0).any())


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
    synthetic: SyntheticPool | None,
    n_images: int,
    study: str,
    seed: int,
) -> TrainingSet:
    """Put together the training set of the run with this seed.

    The real images are the first ones of the seed's permutation of the pool, so every condition with the same seed
    shares them: with more real images the first ones are those of the baseline, and where synthetic images replace
    some, the first part of them is kept. Synthetic images that are made from real ones are variants of the run's own:
    of those that they replace first, then of the others, one of each before a second of any.

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
        drawn = np.empty(0, np.int64)
        if synthetic is not None and synthetic.is_made_from_real:
            own = np.roll(order[: max(recipe.real, n_images)], -recipe.real)
            drawn = variants_of(own, synthetic.sources)
        elif synthetic is not None:
            drawn = stream(study, seed, "synthetic").permutation(len(synthetic))
        if synthetic is None or len(drawn) < recipe.synthetic:
            raise ValueError(f"{recipe.synthetic} synthetic images wanted, {len(drawn)} exist")
        parts.append(synthetic.take(drawn[: recipe.synthetic]))
    return TrainingSet(
        images=np.concatenate([part.images for part in parts * recipe.copies]),
        labels=np.concatenate([part.labels for part in parts * recipe.copies]),
        real=parts[0],
        n_real=recipe.real * recipe.copies,
        n_synthetic=recipe.synthetic * recipe.copies,
    )


def variants_of(own: np.ndarray, sources: np.ndarray) -> np.ndarray:
    """Return the places of the variants of some real images: the first of each, then the second of each, and so on.

    Parameters
    ----------
    own
        Places of the real images, in the order in which their variants are wanted.
    sources
        The real image that each synthetic one is made from.
    """
    rank = np.full(max(own.max(), sources.max()) + 1, -1)
    rank[own] = np.arange(len(own))
    ranks = rank[sources]
    # The number of each image among those of the same source, in the order of the pool.
    by_source = np.argsort(sources, kind="stable")
    starts = np.searchsorted(sources[by_source], sources[by_source])
    numbers = np.empty(len(sources), np.int64)
    numbers[by_source] = np.arange(len(sources)) - starts
    wanted = np.flatnonzero((ranks >= 0) & (sources >= 0))
    return wanted[np.lexsort((ranks[wanted], numbers[wanted]))]


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
