"""Seeded corruptions of test images at severities 1 to 5, as in the common-corruption benchmarks.

The numbers behind the severities follow Hendrycks & Dietterich, *Benchmarking Neural Network Robustness to Common
Corruptions and Perturbations*, ICLR 2019 (noise, contrast), or grow evenly; lengths are fractions of the image's side.
The random numbers of an image are the same at all severities, so a higher severity is the same change made stronger.

A new corruption is one function ``(image, strength, rng) -> image`` on float64 images of shape (H, W, C) in [0, 1],
entered in the registry with its five strengths.
"""

from collections.abc import Callable

import numpy as np
from scipy import ndimage

from weightscape.data.imageset import check_images
from weightscape.data.splits import stratified_order
from weightscape.streams import stream

SEVERITIES = (1, 2, 3, 4, 5)

Corruption = Callable[[np.ndarray, float, np.random.Generator], np.ndarray]

CORRUPTIONS: dict[str, tuple[Corruption, tuple[float, ...]]] = {}


def register(name: str, strengths: tuple[float, float, float, float, float]) -> Callable[[Corruption], Corruption]:
    """Return a decorator that enters a corruption in the registry with its strengths at severities 1 to 5."""

    def enter(corruption: Corruption) -> Corruption:
        CORRUPTIONS[name] = (corruption, strengths)
        return corruption

    return enter


def corrupt(images: np.ndarray, kind: str, severity: int, study: str) -> np.ndarray:
    """Corrupt images.

    Parameters
    ----------
    images
        uint8, shape (n, size, size, 3).
    kind
        Name of a corruption: a key of `CORRUPTIONS`.
    severity
        1 (weak) to 5 (strong).
    study
        Name of the study; with the kind and an image's position it seeds that image's random numbers.

    Returns
    -------
    numpy.ndarray
        uint8, shape (n, size, size, 3).

    Raises
    ------
    ValueError
        If the kind or severity is unknown.

    Examples
    --------
    >>> image = np.full((1, 8, 8, 3), 100, np.uint8)
    >>> corrupt(image, "contrast", 3, "example")[0, 0, 0].tolist()
    [100, 100, 100]
    """
    check_corruptions([kind], [severity])
    check_images(images)
    corruption, strengths = CORRUPTIONS[kind]
    corrupted = np.empty_like(images)
    for position, image in enumerate(images):
        rng = stream(study, "corruption", kind, position)
        changed = corruption(image / 255.0, strengths[severity - 1], rng)
        corrupted[position] = np.rint(np.clip(changed, 0, 1) * 255)
    return corrupted


def check_corruptions(kinds: list[str], severities: list[int]) -> None:
    """Raise ValueError if a kind or a severity is unknown."""
    unknown = [kind for kind in kinds if kind not in CORRUPTIONS]
    if unknown:
        raise ValueError(f"unknown corruptions {unknown}; known are {', '.join(CORRUPTIONS)}")
    wrong = [severity for severity in severities if severity not in SEVERITIES]
    if wrong:
        raise ValueError(f"unknown severities {wrong} of corruptions; known are {list(SEVERITIES)}")


def draw_for_corruption(labels: np.ndarray, n: int, study: str) -> np.ndarray:
    """Draw the test images that are corrupted, the same ones for every corruption and severity.

    The draw is stratified, and a larger one starts with the smaller one.

    Parameters
    ----------
    labels
        Labels of the test images, shape (n_test,).
    n
        Number of images asked for.
    study
        Name of the study, which seeds the draw.

    Returns
    -------
    numpy.ndarray
        int64, shape (n,): positions in the test set.

    Raises
    ------
    ValueError
        If there are fewer than `n` test images.
    """
    if not 1 <= n <= len(labels):
        raise ValueError(f"data.corruptions.images must be between 1 and the {len(labels)} test images, got {n}")
    return stratified_order(labels, stream(study, "corruption", "images"))[:n]


@register("gaussian_noise", (0.08, 0.12, 0.18, 0.26, 0.38))
def gaussian_noise(image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Add independent Gaussian noise with the given standard deviation to every pixel and channel."""
    return image + strength * rng.standard_normal(image.shape)


@register("blur", (0.0125, 0.025, 0.0375, 0.05, 0.075))
def blur(image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:  # noqa: ARG001
    """Blur with a Gaussian whose standard deviation is the given fraction of the side."""
    sigma = strength * image.shape[0]
    return ndimage.gaussian_filter(image, sigma=(sigma, sigma, 0), mode="reflect")


@register("contrast", (0.4, 0.3, 0.2, 0.1, 0.05))
def contrast(image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:  # noqa: ARG001
    """Shrink the distances of all pixels from their channel's mean to the given fraction."""
    mean = image.mean(axis=(0, 1))
    return mean + strength * (image - mean)


@register("rotation", (10.0, 20.0, 30.0, 40.0, 50.0))
def rotation(image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Rotate by the given angle in degrees to a random side; corners are filled with the mirrored image."""
    side = 1 if rng.random() < 0.5 else -1
    return ndimage.rotate(image, side * strength, axes=(0, 1), reshape=False, order=1, mode="reflect")


@register("occlusion", (0.15, 0.25, 0.35, 0.45, 0.55))
def occlusion(image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Cover a square, whose side is the given fraction of the image's, with mid-grey.

    Its centre is drawn so that the square of severity 5 lies inside the image.
    """
    size = image.shape[0]
    widest = CORRUPTIONS["occlusion"][1][-1]
    centre = size * rng.uniform(widest / 2, 1 - widest / 2, size=2)
    length = max(1, round(strength * size))
    top, left = np.clip(np.rint(centre - length / 2).astype(int), 0, size - length)
    covered = image.copy()
    covered[top : top + length, left : left + length] = 0.5
    return covered
