"""Images of the user's that a table lists; see `weightscape.data.file_list`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Literal, Self

import numpy as np
from pydantic import Field, model_validator

from weightscape.data.domains import DomainNames, check_domains
from weightscape.data.file_list import ListedImage, read_file_list
from weightscape.data.grouped import deal_groups
from weightscape.data.image_folder import read_images
from weightscape.data.imageset import ImageSet
from weightscape.data.source import Source, SourceFacts
from weightscape.data.splits import SPLITS, pool_of
from weightscape.streams import stream


class FileList(Source):
    """A table of your own that lists image files."""

    name: Literal["file_list"]
    path: str
    """the table, a CSV file with the columns `path` and `label`, and perhaps `split` (`train` or `test`), `group`
    (images of one group are in one split) and `domain`; other columns are not read"""
    root: str | None = None
    """folder that the paths in the table are relative to; that of the table if left out"""
    train_domain: str | None = None
    """the `domain` that the study trains on, where the table has this column"""
    ood_domains: DomainNames = Field(default_factory=list)
    """other domains, each of which becomes an out-of-distribution set of its name"""

    @model_validator(mode="after")
    def _domains_fit(self) -> Self:
        check_domains(self.train_domain, self.ood_domains)
        return self

    def describe(self) -> SourceFacts:
        """Return the counts and the classes, from the table."""
        self._check_groups()
        class_names = self._class_names()
        parts = self._parts()
        counts = {part: Counter(image.label for image in images) for part, images in parts.items()}
        return SourceFacts(
            counts={part: labels.total() for part, labels in counts.items()},
            class_names=class_names,
            class_counts={part: [labels[name] for name in class_names] for part, labels in counts.items()},
        )

    def check_splits(self, sizes: Mapping[str, int], study: str) -> None:
        """Raise ValueError if there are too few groups: they are dealt as for the splits themselves."""
        parts = self._parts()
        for part, images in parts.items():
            labels, groups = self._numbers(images)
            if groups is not None:
                wanted = {split: sizes[split] for split in SPLITS if pool_of(split, parts) == part}
                deal_groups(labels, groups, wanted, stream(study, "splits", part))

    def load(self, image_size: int) -> ImageSet:
        """Return the images."""
        self._check_groups()
        images = self._images
        labels, groups = self._numbers(images)
        return ImageSet(
            images=read_images([image.file for image in images], image_size),
            labels=labels,
            class_names=self._class_names(),
            held_out=np.array([image.split == "test" for image in images]) if "test" in self._parts() else None,
            groups=groups,
        )

    @property
    def paths(self) -> tuple[str, ...]:
        """The images."""
        return tuple(str(image.file) for image in self._images)

    @property
    def texts(self) -> tuple[str, ...]:
        """The table."""
        return (self.path,)

    def is_same(self, other: Source) -> bool:
        """Return whether another source is the same domain of the same table: many files make many paths to compare."""
        if isinstance(other, FileList):
            same_table = Path(self.path).resolve() == Path(other.path).resolve()
            return same_table and self.train_domain == other.train_domain
        return super().is_same(other)

    def domains(self) -> dict[str, Source]:
        """Return the domains that are for testing."""
        shared = self.model_dump(include={"name", "path", "root"}, exclude_unset=True)
        return {name: FileList.model_validate({**shared, "train_domain": name}) for name in self.ood_domains}

    @cached_property
    def _table(self) -> list[ListedImage]:
        return read_file_list(self.path, self.root)

    @cached_property
    def _images(self) -> list[ListedImage]:
        """The images of the domain."""
        domains = sorted({image.domain for image in self._table})
        if self.train_domain is None:
            if domains != [""]:
                raise ValueError(
                    f"{self.path}: has the column domain; give train_domain (one of {', '.join(domains)}) and perhaps "
                    "ood_domains, or call the column otherwise to use all images alike"
                )
            return self._table
        if self.train_domain not in domains:
            there = ", ".join(filter(None, domains)) or "none, without the column domain"
            raise ValueError(f"{self.path}: has no domain {self.train_domain!r}; allowed: {there}")
        return [image for image in self._table if image.domain == self.train_domain]

    def _parts(self) -> dict[str, list[ListedImage]]:
        parts = {part: [image for image in self._images if image.split == part] for part in ("train", "test")}
        return parts if parts["test"] else {"all": parts["train"]}

    def _class_names(self) -> tuple[str, ...]:
        """Return the labels of the training images, sorted; ValueError if test images have others."""
        parts = self._parts()
        names = {part: {image.label for image in images} for part, images in parts.items()}
        if unknown := sorted(names.get("test", set()) - names.get("train", set())):
            raise ValueError(f"{self.path}: the labels {', '.join(unknown)} have test images, but no training image")
        return tuple(sorted(next(iter(names.values()))))

    def _numbers(self, images: Sequence[ListedImage]) -> tuple[np.ndarray, np.ndarray | None]:
        """Return labels and groups as numbers, in the order of their names; no groups without the column."""
        labels = {name: label for label, name in enumerate(self._class_names())}
        groups = {group: number for number, group in enumerate(sorted({image.group for image in images}))}
        return (
            np.array([labels[image.label] for image in images], np.int64),
            np.array([groups[image.group] for image in images], np.int64) if images[0].group else None,
        )

    def _check_groups(self) -> None:
        """Refuse a group that would be trained and tested on."""
        own = [image for image in self._images if image.group]
        trained = {image.group for image in own if image.split == "train"}
        tested = {"the test images": {image.group for image in own if image.split == "test"}}
        for domain in self.ood_domains:
            tested[f"the domain {domain}"] = {image.group for image in self._table if image.domain == domain}
        for place, groups in tested.items():
            if both := sorted(trained & groups):
                raise ValueError(
                    f"{self.path}: the group {both[0]!r} is in the training images and in {place}; allowed: one of "
                    "them, so that no group is both trained and tested on"
                )
