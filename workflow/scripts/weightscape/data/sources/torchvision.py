"""Data sets that torchvision reads, and downloads where there is a network; see `weightscape.data.published`."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import numpy as np
from PIL import Image
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from weightscape.data.imageset import ImageSet
from weightscape.data.pixels import as_square
from weightscape.data.published import PUBLISHED, Published
from weightscape.data.remembered import remembered_facts
from weightscape.data.source import Source, SourceFacts

EMNIST = tuple(name.removeprefix("EMNIST ") for name in PUBLISHED if name.startswith("EMNIST "))
TIMEOUT = 30.0
"""Seconds that a server may be silent before a download fails."""


class Torchvision(Source):
    """A data set by the name of torchvision's class."""

    environment: ClassVar = "data_torch"

    name: Literal["torchvision"]
    dataset: Literal[tuple(dict.fromkeys(name.split()[0] for name in PUBLISHED))]  # type: ignore[valid-type]
    """torchvision's class; parts for validation count as training images"""
    root: str
    """folder that the data set's own folder lies in, as for torchvision"""
    split: Literal[EMNIST] | None = None  # type: ignore[valid-type]
    """which of its six data sets, for EMNIST"""
    download: bool = False
    """`true`: the first job downloads the published files to `root` if they are not there"""

    @model_validator(mode="after")
    def _keys_fit(self) -> Self:
        if (self.dataset == "EMNIST") != (self.split is not None):
            rule = f"EMNIST needs the key split, one of {', '.join(EMNIST)}; no other data set has it"
            raise PydanticCustomError("split", "{rule}", {"rule": rule})
        if self.download and not self._published.counts:
            known = ", ".join(dict.fromkeys(name.split()[0] for name, entry in PUBLISHED.items() if entry.counts))
            rule = (
                f"download: true with dataset: {self.dataset}, whose classes are only known from its files; put them "
                f"into {self.root} yourself, or choose one of {known}"
            )
            raise PydanticCustomError("download", "{rule}", {"rule": rule})
        return self

    def describe(self) -> SourceFacts:
        """Return the counts and the classes: those of the published files if they may have to be downloaded."""
        if self.download:
            return SourceFacts(dict(self._published.counts), self._published.class_names)
        self._check_files()
        return remembered_facts(self, self._facts_of_files, version("torchvision"))

    def load(self, image_size: int) -> ImageSet:
        """Return the images."""
        self._check_files()
        parts = self._parts()
        class_names = self._class_names(next(iter(parts.values())))
        sets = [(dataset, part == "test") for part, datasets in parts.items() for dataset in datasets]
        labels = [self._labels(dataset) for dataset, _ in sets]
        images = np.empty((sum(map(len, labels)), image_size, image_size, 3), np.uint8)
        places = iter(images)
        for dataset, _ in sets:
            for index in range(len(dataset)):
                next(places)[...] = self._image(dataset, index, image_size)
        return ImageSet(
            images=images,
            labels=np.concatenate(labels),
            class_names=class_names,
            held_out=np.concatenate([np.full(len(dataset), test) for dataset, test in sets])
            if self._has_test
            else None,
        )

    def fetch(self) -> None:
        """Download the published files if they are not there, and check that they are as published.

        Raises
        ------
        ValueError
            If they cannot be downloaded, or differ from what is known of them.
        """
        before = socket.getdefaulttimeout()
        socket.setdefaulttimeout(TIMEOUT)
        try:
            self._parts(download=True)
        except ValueError as error:
            raise ValueError(f"{error}; run this step where there is a network, or put {self._places} there") from None
        finally:
            socket.setdefaulttimeout(before)
        found, known = self._facts_of_files(), self.describe()
        if (found.counts, found.class_names) != (known.counts, known.class_names):
            raise ValueError(
                f"{self.dataset} in {self.root} has {found.counts} images of {len(found.class_names)} classes, the "
                f"published one {dict(known.counts)} of {len(known.class_names)}; leave out download to use it as it is"
            )

    @property
    def downloads(self) -> bool:
        """Whether a job of its own downloads the files."""
        return self.download

    @property
    def paths(self) -> tuple[str, ...]:
        """The files of the data set; none if they are the published ones, which do not change."""
        return () if self.download else tuple(str(Path(self.root, name)) for name in self._published.files)

    @property
    def part(self) -> str:
        """Which of EMNIST's data sets."""
        return self.split or ""

    def is_same(self, other: Source) -> bool:
        """Return whether another source is the same data set, downloaded or not."""
        if isinstance(other, Torchvision):
            same_root = Path(self.root).resolve() == Path(other.root).resolve()
            return same_root and (self.dataset, self.split) == (other.dataset, other.split)
        return super().is_same(other)

    @property
    def _published(self) -> Published:
        return PUBLISHED[f"{self.dataset} {self.split}" if self.split else self.dataset]

    @property
    def _has_test(self) -> bool:
        return bool(self._published.test)

    @property
    def _places(self) -> str:
        return ", ".join(str(Path(self.root, name)) for name in self._published.files)

    def _check_files(self) -> None:
        missing = [name for name in self._published.files if not Path(self.root, name).exists()]
        if missing:
            remedy = "; download: true downloads it where there is a network" if self._published.counts else ""
            raise FileNotFoundError(
                f"{self.dataset} is not in {self.root}: there is no {Path(self.root, missing[0])}{remedy}"
            )

    def _parts(self, download: bool = False) -> dict[str, list[Any]]:
        """Return torchvision's data sets for each part."""
        import torchvision.datasets

        cls = getattr(torchvision.datasets, self.dataset)
        arguments = {"train": self._published.train, "test": self._published.test}
        more = {"download": True} if download else {}
        with self._told("could not be downloaded" if download else "cannot be read"):
            sets = {part: [cls(self.root, **{**each, **more}) for each in given] for part, given in arguments.items()}
        return sets if self._has_test else {"all": sets["train"]}

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """Say in one line which data set an error of torchvision is about."""
        try:
            yield
        except (RuntimeError, OSError, ValueError, KeyError, EOFError, ImportError) as error:
            text = " ".join(str(error).split()) or type(error).__name__
            raise ValueError(f"{self.dataset} in {self.root} {what}: {text}") from error

    def _facts_of_files(self) -> SourceFacts:
        parts = self._parts()
        class_names = self._class_names(next(iter(parts.values())))
        counts = {
            part: np.bincount(np.concatenate([*map(self._labels, datasets)]), minlength=len(class_names))
            for part, datasets in parts.items()
        }
        return SourceFacts(
            counts={part: int(each.sum()) for part, each in counts.items()},
            class_names=class_names,
            class_counts={part: each.tolist() for part, each in counts.items()},
        )

    def _class_names(self, datasets: list[Any]) -> tuple[str, ...]:
        if self._published.renamed:
            return self._published.class_names
        found = [getattr(datasets[0], attribute, None) for attribute in ("classes", "categories")]
        names = next(filter(None, found), self._published.class_names)
        return tuple(str(name if isinstance(name, str) else name[0]) for name in names)

    def _labels(self, dataset: Any) -> np.ndarray:
        """Return the labels without reading images."""
        for attribute in ("targets", "labels", "_labels", "y"):
            if hasattr(dataset, attribute):
                labels = np.asarray(getattr(dataset, attribute), np.int64)
                break
        else:
            labels = np.array([label for _, label in dataset._samples], np.int64)
        if labels.ndim == 2:  # QMNIST's first column
            labels = labels[:, 0]
        return labels - 1 if self.split == "letters" else labels

    def _image(self, dataset: Any, index: int, image_size: int) -> np.ndarray:
        try:
            image = dataset[index][0]
            if self._published.transposed:
                image = image.transpose(Image.Transpose.TRANSPOSE)
            return as_square(image, image_size)
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise ValueError(f"{self.dataset} in {self.root}: image {index} cannot be read: {error}") from error
