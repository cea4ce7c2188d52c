"""A folder that ``save_to_disk`` of Hugging Face's package ``datasets`` wrote.

``DatasetDict`` with the splits ``train`` and perhaps ``test``, where a split for validation counts as training images,
or a single ``Dataset``. The package is not among those of the workflow.
"""

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from weightscape.data.imageset import ImageSet
from weightscape.data.pixels import as_square
from weightscape.data.remembered import remembered_facts
from weightscape.data.source import Source, SourceFacts

PARTS = {"train": "train", "validation": "train", "valid": "train", "val": "train", "test": "test"}
"""The part of the data set that each split belongs to."""


class HuggingFace(Source):
    """A folder written by `save_to_disk` of the package `datasets`."""

    environment: ClassVar = "data_torch"

    name: Literal["huggingface"]
    path: str
    """the folder"""
    image: str = "image"
    """column of the images"""
    label: str = "label"
    """column of the labels: a `ClassLabel`, a text or a whole number"""

    def describe(self) -> SourceFacts:
        """Return the counts and the classes, found once for each state of the folder."""
        if not Path(self.path).is_dir():
            raise FileNotFoundError(f"{self.path}: no such folder of a data set")
        try:
            installed = version("datasets")
        except PackageNotFoundError:
            raise ValueError(
                "the source huggingface needs the package datasets, which is not installed: pip install datasets"
            ) from None
        return remembered_facts(self, self._find, installed)

    def load(self, image_size: int) -> ImageSet:
        """Return the images."""
        parts = self._parts()
        class_names, labels = self._labels(parts)
        images = np.empty((sum(map(len, labels.values())), image_size, image_size, 3), np.uint8)
        places = iter(images)
        for part, datasets in parts.items():
            for dataset in datasets:
                for index in range(len(dataset)):
                    try:
                        next(places)[...] = as_square(dataset[index][self.image], image_size)
                    except (OSError, SyntaxError, ValueError, TypeError) as error:
                        raise ValueError(
                            f"{self.path}: image {index} of its {part} part cannot be read: {error}"
                        ) from error
        return ImageSet(
            images=images,
            labels=np.concatenate(list(labels.values())),
            class_names=class_names,
            held_out=np.repeat([part == "test" for part in labels], [len(each) for each in labels.values()])
            if "test" in parts
            else None,
        )

    @property
    def paths(self) -> tuple[str, ...]:
        """The folder."""
        return (self.path,)

    def _find(self) -> SourceFacts:
        class_names, labels = self._labels(self._parts())
        return SourceFacts(
            counts={part: len(each) for part, each in labels.items()},
            class_names=class_names,
            class_counts={
                part: np.bincount(each, minlength=len(class_names)).tolist() for part, each in labels.items()
            },
        )

    def _parts(self) -> dict[str, list[Any]]:
        """Return the data sets of each part."""
        import datasets

        try:
            found = datasets.load_from_disk(self.path)
        except (OSError, ValueError, KeyError) as error:
            raise ValueError(f"{self.path}: is no data set of save_to_disk: {' '.join(str(error).split())}") from error
        splits = found if isinstance(found, datasets.DatasetDict) else {"train": found}
        if unknown := [name for name in splits if name not in PARTS]:
            raise ValueError(f"{self.path}: has a split {unknown[0]!r}; allowed: {', '.join(PARTS)}")
        if "train" not in splits:
            raise ValueError(f"{self.path}: has no split train, but {', '.join(splits)}")
        parts: dict[str, list[Any]] = {}
        for name, dataset in splits.items():
            self._check_columns(dataset.features)
            parts.setdefault(PARTS[name], []).append(dataset)
        return parts if "test" in parts else {"all": parts["train"]}

    def _check_columns(self, features: Any) -> None:
        for key in ("image", "label"):
            if (column := getattr(self, key)) not in features:
                raise ValueError(
                    f"{self.path}: {key} = {column!r}: there is no such column; allowed: {', '.join(features)}"
                )
        if type(features[self.image]).__name__ != "Image":
            kind = type(features[self.image]).__name__
            raise ValueError(f"{self.path}: image = {self.image!r}: the column holds {kind}; allowed: Image")

    def _labels(self, parts: dict[str, list[Any]]) -> tuple[tuple[str, ...], dict[str, np.ndarray]]:
        """Return the names of the classes and the labels of each part, without reading images."""
        first = next(iter(parts.values()))[0]
        values = {
            part: [value for dataset in each for value in dataset.with_format(None)[self.label]]
            for part, each in parts.items()
        }
        for part, each in values.items():
            if any(not isinstance(value, int | str) or (isinstance(value, int) and value < 0) for value in each):
                raise ValueError(f"{self.path}: image without a label in its {part} part; allowed: one label each")
        named = getattr(first.features[self.label], "names", None)
        if named is not None:
            return tuple(named), {part: np.array(each, np.int64) for part, each in values.items()}
        known = sorted(set(next(iter(values.values()))))
        for part, each in values.items():
            if unknown := set(each) - set(known):
                raise ValueError(f"{self.path}: the label {min(unknown)!r} has images in its {part} part only")
        number = {value: label for label, value in enumerate(known)}
        labels = {part: np.array([number[value] for value in each], np.int64) for part, each in values.items()}
        return tuple(map(str, known)), labels
