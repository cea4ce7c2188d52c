"""Seeded corruptions of test images at severities 1 to 5, as in the common-corruption benchmarks.

A corruption is one class in a module of `weightscape.data.corruptions`. There are the 15 of Hendrycks & Dietterich,
*Benchmarking Neural Network Robustness to Common Corruptions and Perturbations*, ICLR 2019 (arXiv 1903.12261), and
three of our own (blur, rotation, occlusion). The numbers behind the severities are those of ImageNet-C, whose images
have a side of 224 pixels, with lengths as shares of the image's side; where these do not grow in one direction, or
there are none, they grow evenly. CIFAR-10-C has other, milder numbers. An image has the same random numbers at all
severities, so a higher severity is the same change made stronger.
"""

from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np

from weightscape.data.imageset import check_images
from weightscape.data.splits import stratified_order
from weightscape.registry import Registry
from weightscape.section import Section
from weightscape.streams import stream

SEVERITIES = (1, 2, 3, 4, 5)


class Corruption(Section):
    """A change of test images that grows with its severity."""

    strengths: ClassVar[tuple[Any, ...]]
    """The strength at each of `SEVERITIES`, a number or several."""

    name: str

    @abstractmethod
    def apply(self, image: np.ndarray, strength: Any, rng: np.random.Generator) -> np.ndarray:
        """Return a corrupted copy of a float64 image of shape (H, W, C) in [0, 1]; it may leave that range."""


CORRUPTIONS = Registry("weightscape.data.corruptions", Corruption)  # type: ignore[type-abstract]


def corrupt(images: np.ndarray, kind: str, severity: int, study: str) -> np.ndarray:
    """Corrupt images.

    Parameters
    ----------
    images
        uint8, shape (n, size, size, 3).
    kind
        Name of a corruption, an entry of `CORRUPTIONS`.
    severity
        1 (weak) to 5 (strong).
    study
        Name of the study; with the kind and an image's position it seeds that image's random numbers.

    Returns
    -------
    numpy.ndarray
        uint8, shape (n, size, size, 3).

    Examples
    --------
    >>> image = np.full((1, 8, 8, 3), 100, np.uint8)
    >>> corrupt(image, "contrast", 3, "example")[0, 0, 0].tolist()
    [100, 100, 100]
    """
    check_images(images)
    corruption = CORRUPTIONS[kind](name=kind)
    strength = corruption.strengths[SEVERITIES.index(severity)]
    corrupted = np.empty_like(images)
    for position, image in enumerate(images):
        changed = corruption.apply(image / 255.0, strength, stream(study, "corruption", kind, position))
        corrupted[position] = np.rint(np.clip(changed, 0, 1) * 255)
    return corrupted


def draw_for_corruption(labels: np.ndarray, n: int, study: str) -> np.ndarray:
    """Draw the test images that are corrupted, the same ones for every corruption and severity.

    The draw is stratified, and a larger one starts with the smaller one.

    Parameters
    ----------
    labels
        Labels of the test images, shape (n_test,).
    n
        Number of images asked for, at most n_test.
    study
        Name of the study, which seeds the draw.

    Returns
    -------
    numpy.ndarray
        int64, shape (n,): positions in the test set.
    """
    return stratified_order(labels, stream(study, "corruption", "images"))[:n]
