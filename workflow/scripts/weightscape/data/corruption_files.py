"""Corrupted images that exist as files, laid out as CIFAR-10-C or as ImageNet-C.

Of a set of arrays, ``<kind>.npy`` holds n images at severity 1, the same n at severity 2 and so on, uint8 of shape
(5n, side, side, 3), and ``labels.npy`` their 5n labels. Of a set of folders, ``<kind>/<severity>/<class>/`` holds the
images. Both are from Hendrycks & Dietterich, arXiv 1903.12261.
"""

import re
from pathlib import Path
from typing import Annotated

import numpy as np
from PIL import Image
from pydantic import Field

from weightscape.data.corruption import SEVERITIES
from weightscape.data.image_folder import list_image_folder, read_images
from weightscape.data.resize import resize_square
from weightscape.data.splits import stratified_order
from weightscape.section import DISTINCT, Count, Range, Section
from weightscape.streams import stream

LABELS = "labels.npy"


class CorruptionFiles(Section):
    """Corrupted images that exist as files."""

    path: str
    """the folder: arrays `<kind>.npy` and `labels.npy` as CIFAR-10-C has them, or folders `<kind>/<severity>/<class>`
    as ImageNet-C has them"""
    kinds: Annotated[list[str], Field(min_length=1), DISTINCT]
    """corruptions, by the names of their arrays or folders"""
    severities: Annotated[list[Annotated[int, Range(1, 5, integer=True)]], Field(min_length=1), DISTINCT]
    """severities"""
    images: Count
    """images of each corruption and severity, drawn by class"""
    classes: list[str] | None = None
    """names of the classes 0, 1, … of `labels.npy`; the study's classes in their order if left out"""

    @property
    def has_arrays(self) -> bool:
        """Whether the set is one of arrays."""
        return (Path(self.path) / LABELS).is_file()

    def problem(self, class_names: tuple[str, ...]) -> str | None:
        """Return what of it cannot be used in a study of these classes, a key in front; None if all can."""
        root = Path(self.path)
        if not root.is_dir():
            return f".path = {self.path!r}: no such folder"
        there = (
            [path.stem for path in root.glob("*.npy")] if self.has_arrays else [path.name for path in root.iterdir()]
        )
        there = sorted(name for name in there if re.fullmatch("[a-z0-9_]+", name) and name != "labels")
        for index, kind in enumerate(self.kinds):
            if kind not in there:
                return f".kinds[{index}] = {kind!r}; allowed: what {self.path} has, {', '.join(there) or 'nothing'}"
        if unknown := sorted(set(self.classes or ()) - set(class_names)):
            return f".classes has {unknown[0]!r}; allowed: the study's classes, {', '.join(class_names)}"
        try:
            return self._array_problem(class_names) if self.has_arrays else self._folder_problem(class_names)
        except (OSError, ValueError) as error:
            return f".path = {self.path!r}: {error}"

    def _array_problem(self, class_names: tuple[str, ...]) -> str | None:
        labels = np.load(Path(self.path) / LABELS, mmap_mode="r")
        known = len(self.classes or class_names)
        if labels.ndim != 1 or labels.dtype.kind not in "iu" or len(labels) % len(SEVERITIES) or not len(labels):
            return f".path: {LABELS} holds {labels.dtype} of shape {labels.shape}; allowed: 5 × n whole numbers"
        if labels.min() < 0 or labels.max() >= known:
            return f".path: {LABELS} has the label {labels.max()}; allowed: 0 … {known - 1}, for {known} classes"
        for kind in self.kinds:
            array = np.load(Path(self.path) / f"{kind}.npy", mmap_mode="r")
            if array.dtype != np.uint8 or array.ndim != 4 or array.shape[3] != 3 or len(array) != len(labels):
                return (
                    f".path: {kind}.npy holds {array.dtype} of shape {array.shape}; allowed: uint8 of shape "
                    f"({len(labels)}, side, side, 3), one image for each label"
                )
        return self._too_many(len(labels) // len(SEVERITIES))

    def _folder_problem(self, class_names: tuple[str, ...]) -> str | None:
        if self.classes is not None:
            return ".classes: is for arrays; folders are named as their classes"
        for kind in self.kinds:
            for severity in self.severities:
                listing = list_image_folder(Path(self.path) / kind / str(severity), nested=False)
                if unknown := sorted(set(listing.class_names) - set(class_names)):
                    return f".path: {kind}/{severity} has the class {unknown[0]!r}, which the study has not"
                if problem := self._too_many(sum(map(len, listing.files.values()))):
                    return problem
        return None

    def _too_many(self, there: int) -> str | None:
        return f".images = {self.images}: at most the {there} of a severity" if self.images > there else None

    def load(
        self, kind: str, severity: int, image_size: int, class_names: tuple[str, ...], study: str
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return images, uint8 of shape (n, image_size, image_size, 3), and labels as indices into `class_names`.

        The same images are drawn for every corruption and severity where the set has them in the same order.
        """
        name = (study, "corruption files")
        if not self.has_arrays:
            listing = list_image_folder(Path(self.path) / kind / str(severity), nested=False)
            entries = [entry for files in listing.files.values() for entry in files]
            labels = np.array([class_names.index(listing.class_names[label]) for _, label in entries], np.int64)
            drawn = np.sort(stratified_order(labels, stream(*name))[: self.images])
            return read_images([entries[place][0] for place in drawn], image_size), labels[drawn]
        numbers = np.load(Path(self.path) / LABELS)
        count = len(numbers) // len(SEVERITIES)
        block = slice((severity - 1) * count, severity * count)
        order = np.array([class_names.index(each) for each in self.classes or class_names], np.int64)
        labels = order[numbers[block]]
        drawn = np.sort(stratified_order(labels, stream(*name))[: self.images])
        array = np.load(Path(self.path) / f"{kind}.npy", mmap_mode="r")[block][drawn]
        return np.stack([np.asarray(resize_square(Image.fromarray(image), image_size)) for image in array]), labels[
            drawn
        ]
