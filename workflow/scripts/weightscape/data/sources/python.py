"""A data set that a Python file of the user's makes, as PyTorch's ``Dataset`` of images and labels.

The function returns one data set, or a mapping with the keys ``train`` and perhaps ``test``. A data set has a length,
gives ``(image, label)`` by index, and has an attribute ``classes``, the names of the classes in label order. With an
attribute ``targets``, the labels of all images, the config is checked more closely before any job starts.
"""

import importlib.util
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from weightscape.data.imageset import ImageSet
from weightscape.data.pixels import as_square
from weightscape.data.remembered import remembered_facts
from weightscape.data.source import Source, SourceFacts


class Python(Source):
    """A data set that a Python file of your own makes."""

    environment: ClassVar = "data_torch"

    name: Literal["python"]
    file: str
    """the Python file; any change of it makes the study anew"""
    function: str = "make_dataset"
    """function in it that returns the data set"""
    arguments: dict[str, str | int | float | bool] = Field(default_factory=dict)
    """its keyword arguments"""
    reads: list[str] = Field(default_factory=list)
    """files and folders that it reads, whose changes the workflow is to notice"""

    def describe(self) -> SourceFacts:
        """Return the counts and the classes, found by calling the function once for each state of its files."""
        for path in (self.file, *self.reads):
            if not Path(path).exists():
                raise FileNotFoundError(f"{path}: no such file")
        return remembered_facts(self, self._find, version("torch"))

    def load(self, image_size: int) -> ImageSet:
        """Return the images."""
        parts = self._parts()
        class_names = self._class_names(parts)
        images = np.empty((sum(map(len, parts.values())), image_size, image_size, 3), np.uint8)
        labels: list[int] = []
        held_out: list[bool] = []
        for part, dataset in parts.items():
            for index in range(len(dataset)):
                with self._told(f"image {index} of its {part} part"):
                    image, label = dataset[index]
                    images[len(labels)] = as_square(image, image_size)
                    if index == 0 and not (images[len(labels)] == as_square(dataset[0][0], image_size)).all():
                        raise ValueError("it is another one when it is read again; allowed: no random transforms")
                labels.append(int(label))
                held_out.append(part == "test")
        with self._told("its labels"):
            return ImageSet(
                images=images,
                labels=np.array(labels, np.int64),
                class_names=class_names,
                held_out=np.array(held_out) if "test" in parts else None,
            )

    @property
    def paths(self) -> tuple[str, ...]:
        """What the file reads."""
        return tuple(self.reads)

    @property
    def texts(self) -> tuple[str, ...]:
        """The file."""
        return (self.file,)

    @property
    def part(self) -> str:
        """The function and its arguments: one file can make several data sets."""
        return f"{self.file} {self.function} {sorted(self.arguments.items())}"

    def is_same(self, other: Source) -> bool:
        """Return whether another source is the same call of the same function."""
        return isinstance(other, Python) and self.part == other.part

    def _find(self) -> SourceFacts:
        parts = self._parts()
        class_names = self._class_names(parts)
        targets = {part: getattr(dataset, "targets", None) for part, dataset in parts.items()}
        counts = {
            part: np.bincount(np.asarray(labels, np.int64), minlength=len(class_names)).tolist()
            for part, labels in targets.items()
            if labels is not None and len(labels) == len(parts[part])
        }
        return SourceFacts(
            counts={part: len(dataset) for part, dataset in parts.items()},
            class_names=class_names,
            class_counts=counts if len(counts) == len(parts) else {},
        )

    def _parts(self) -> dict[str, Any]:
        """Call the function and return its data sets by part."""
        with self._told(self.function):
            made = self._function()(**self.arguments)
            if not isinstance(made, Mapping):
                return {"all": made}
            if set(made) not in ({"train"}, {"train", "test"}):
                raise ValueError(f"returned the parts {', '.join(map(str, made))}; allowed: train, and test")
            return {"train": made["train"], "test": made["test"]} if "test" in made else {"all": made["train"]}

    def _function(self) -> Any:
        path = Path(self.file).resolve()
        spec = importlib.util.spec_from_file_location(f"weightscape_user_{path.stem}", path)
        if spec is None or spec.loader is None:
            raise ValueError("is no Python file; allowed: a file that ends in .py")
        module = importlib.util.module_from_spec(spec)
        sys.path.insert(0, str(path.parent))  # so that it can import files beside it
        try:
            spec.loader.exec_module(module)
        finally:
            sys.path.remove(str(path.parent))
        if not callable(found := getattr(module, self.function, None)):
            raise ValueError(f"there is no function {self.function}")
        return found

    def _class_names(self, parts: Mapping[str, Any]) -> tuple[str, ...]:
        with self._told(self.function):
            named = {part: tuple(map(str, getattr(dataset, "classes", ()))) for part, dataset in parts.items()}
            first, *others = named.values()
            if not first or any(names != first for names in others):
                raise ValueError(
                    "the data set has no attribute classes, or one that differs between its parts; allowed: the names "
                    "of the classes in label order"
                )
            return first

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """Say in one line where an error of the user's code is from."""
        try:
            yield
        except Exception as error:  # the user's code may raise anything
            kind = "" if isinstance(error, ValueError) else f"{type(error).__name__}: "
            raise ValueError(f"{self.file}, {what}: {kind}{' '.join(str(error).split())}") from error
