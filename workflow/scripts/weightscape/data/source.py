"""Where images come from: ``data.source`` and ``data.ood`` of a study's config each name an entry of `SOURCES`.

An entry is one class in a module of `weightscape.data.sources`. It reads its images, and tells how many there are and
which classes they have without reading them, so that a config can be refused before any job starts.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np

from weightscape.data.imageset import ImageSet
from weightscape.registry import Registry
from weightscape.section import Section

LONGEST_CLASS_NAME = 60


@dataclass(frozen=True)
class SourceFacts:
    """What is known of a data set without reading its images.

    Parameters
    ----------
    counts
        Number of images: ``{"all": n}``, or ``{"train": n, "test": m}`` where the data set has its own test images.
    class_names
        Names of the classes, in label order.
    class_counts
        For the keys of `counts`, the number of images of each class, in label order; empty where this is not known.
    """

    counts: dict[str, int]
    class_names: tuple[str, ...]
    class_counts: dict[str, list[int]] = field(default_factory=dict)

    def problem(self) -> str | None:
        """Return why a study cannot be made of such classes, None if it can."""
        if len(self.class_names) < 2:
            return f"has {len(self.class_names)} class; allowed: two or more"
        for name in self.class_names:
            if name == "all":
                return 'has a class "all"; allowed: any other name, since the tables call the whole set so'
            if len(name) > LONGEST_CLASS_NAME or not name.isprintable() or set(name) & set("$\\{}"):
                shown = ascii(name if len(name) <= LONGEST_CLASS_NAME else f"{name[:LONGEST_CLASS_NAME]}…")
                return (
                    f"has a class called {shown}; allowed: up to {LONGEST_CLASS_NAME} printable characters, none of "
                    "$ \\ { }, which figures and paths would not show as they are"
                )
        return None


class Source(Section):
    """A data set."""

    environment: ClassVar[str] = "data"
    """Name of the file in ``envs`` with the packages that reading it needs."""

    name: str

    @abstractmethod
    def describe(self) -> SourceFacts:
        """Return the number of images and the classes without reading the images.

        Raises
        ------
        ValueError, OSError
            If the data set is not there, or is not laid out as it must be.
        """

    @cached_property
    def facts(self) -> SourceFacts:
        """What `describe` returns, found once."""
        return self.describe()

    @abstractmethod
    def load(self, image_size: int) -> ImageSet:
        """Read the images, with sides of `image_size` pixels.

        Raises
        ------
        ValueError, OSError
            As `describe`, and if an image is damaged.
        """

    @property
    def paths(self) -> tuple[str, ...]:
        """The user's files and folders that the images are read from: a study notices other names and other sizes."""
        return ()

    @property
    def texts(self) -> tuple[str, ...]:
        """Files of the user's that say what to read, such as lists of images: a study notices any change of them."""
        return ()

    @property
    def part(self) -> str:
        """Which of several data sets in the same files this is, empty if they hold one."""
        return ""

    def check_splits(self, sizes: Mapping[str, int], study: str) -> None:
        """Raise ValueError if the splits of the study called `study` cannot have these numbers of images.

        `weightscape.data.splits.check_split_sizes` has found that there are enough images.
        """

    @property
    def downloads(self) -> bool:
        """Whether `fetch` has to run before `load`."""
        return False

    def fetch(self) -> None:
        """Download what `load` reads, if it is not there; a job of its own, the only one that needs a network."""

    def domains(self) -> Mapping[str, "Source"]:
        """Return the domains of this data set that are for testing out of distribution, by their names."""
        return {}

    def is_same(self, other: "Source") -> bool:
        """Return whether another source is the same data set, however its files are written."""
        if self.paths and other.paths:
            if len(self.paths) != len(other.paths) or self.part != other.part:
                return False
            ours, theirs = ({Path(path).resolve() for path in source.paths} for source in (self, other))
            return ours == theirs
        return self.name == other.name and self.paths == other.paths


SOURCES = Registry("weightscape.data.sources", Source)  # type: ignore[type-abstract]


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
