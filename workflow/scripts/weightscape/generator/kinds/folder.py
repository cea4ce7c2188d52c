"""Synthetic images that were made elsewhere, in folders named as their classes; see `weightscape.data.image_folder`."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from weightscape.data.image_folder import list_image_folder, read_image
from weightscape.generator.generator import Batch, Draw, Generator, Task
from weightscape.streams import stream


class Folder(Generator):
    """Synthetic images that were made elsewhere, in folders named as their classes.

    Equally many are used of each class, drawn from its folder by a stream of the study.
    """

    required: ClassVar[tuple[str, ...]] = ()

    kind: Literal["folder"]
    path: str
    """the folder, with a folder for each class"""

    @property
    def folders(self) -> Sequence[str]:
        """The folder."""
        return [self.path]

    def own_classes(self, class_names: Sequence[str]) -> Sequence[str] | None:
        """Return the names of its folders if none of them is a class of the study."""
        try:
            found = self._files
        except (OSError, ValueError):
            return None  # which `problem` tells
        return None if set(found) & set(class_names) else list(found)

    def problem(self, task: Task) -> str | None:
        """Return what is wrong with the folder, its classes or their numbers of images, None if all is well."""
        here = f"{task.key}.path = {self.path[:60]!r}"
        try:
            files = self._files
        except (OSError, ValueError) as error:
            return f"{here}: {error}"
        if missing := [name for name in task.class_names if name not in files]:
            return f"{here} has no images of the class {missing[0]!r}"
        if foreign := [name for name in files if name not in task.class_names]:
            return f"{here} has the class {foreign[0]!r}; allowed: {', '.join(task.class_names)}"
        wanted = -(-task.images // len(files))
        fewest = min(files, key=lambda name: len(files[name]))
        if len(files[fewest]) < wanted:
            return (
                f"{task.key}.images = {task.images}: at most {len(files[fewest]) * len(files)}, as equally many are "
                f"used of each class and {self.path[:60]!r} has {len(files[fewest])} of {fewest!r}"
            )
        return None

    def load(self, trained: Path | None, task: Task) -> Draw:  # noqa: ARG002
        """Return the function that reads the images."""
        files = self._files
        shuffled = {
            name: [files[name][place] for place in stream(task.study, "folder", name).permutation(len(files[name]))]
            for name in task.class_names
        }

        def draw(batch: Batch) -> np.ndarray:
            names = [task.class_names[label] for label in batch.labels]
            ranks = [index // len(task.class_names) for index in batch.indices]
            chosen = [shuffled[name][rank % len(shuffled[name])] for name, rank in zip(names, ranks, strict=True)]
            return np.stack([read_image(file, task.image_size) for file in chosen]) / 255

        return draw

    @cached_property
    def _files(self) -> dict[str, list[Path]]:
        """The image files of each class, sorted."""
        listing = list_image_folder(self.path)
        files: dict[str, list[Path]] = {name: [] for name in listing.class_names}
        for entries in listing.files.values():
            for file, label in entries:
                files[listing.class_names[label]].append(file)
        return files
