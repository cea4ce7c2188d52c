"""Images of the user's, in folders named as their classes; see `weightscape.data.image_folder`."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from weightscape.data.domains import DomainNames, check_domains
from weightscape.data.image_folder import list_image_folder, read_image_folder
from weightscape.data.imageset import ImageSet
from weightscape.data.source import Source, SourceFacts
from weightscape.section import DISTINCT


class ImageFolder(Source):
    """A folder of your own."""

    name: Literal["image_folder"]
    path: str
    """the folder"""
    train_domain: str | None = None
    """the domain that the study trains on, where the folder holds one folder per domain and these the classes"""
    ood_domains: DomainNames = Field(default_factory=list)
    """other domains, each of which becomes an out-of-distribution set of its name"""
    classes: Annotated[list[str], Field(min_length=1), DISTINCT] | None = None
    """the classes that are used; all if left out"""
    nested: bool = False
    """`true`: the folders in a class's folder are parts of the class; only needed where they could be read as classes
    and the classes as domains"""

    @model_validator(mode="after")
    def _domains_fit(self) -> Self:
        check_domains(self.train_domain, self.ood_domains)
        return self

    def describe(self) -> SourceFacts:
        """Return the counts and the classes, from the folder's listing."""
        listing = list_image_folder(self._found(), self.classes, self._nested)
        classes = range(len(listing.class_names))
        labels = {part: Counter(label for _, label in files) for part, files in listing.files.items()}
        return SourceFacts(
            counts={part: counts.total() for part, counts in labels.items()},
            class_names=listing.class_names,
            class_counts={part: [counts[label] for label in classes] for part, counts in labels.items()},
        )

    def load(self, image_size: int) -> ImageSet:
        """Return the images."""
        return read_image_folder(self._found(), image_size, self.classes, self._nested)

    @property
    def paths(self) -> tuple[str, ...]:
        """The folder, or that of the domain."""
        return (self._root,)

    def domains(self) -> dict[str, Source]:
        """Return the domains that are for testing: the same classes of other folders beside that of the domain."""
        shared = self.model_dump(include={"name", "path", "classes", "nested"}, exclude_unset=True)
        return {name: ImageFolder.model_validate({**shared, "train_domain": name}) for name in self.ood_domains}

    @property
    def _root(self) -> str:
        return self.path if self.train_domain is None else str(Path(self.path, self.train_domain))

    @property
    def _nested(self) -> bool:
        return self.nested or self.train_domain is not None

    def _found(self) -> str:
        """Return the folder; ValueError if there is none of the domain."""
        if self.train_domain is not None and Path(self.path).is_dir() and not Path(self._root).is_dir():
            domains = ", ".join(sorted(folder.name for folder in Path(self.path).iterdir() if folder.is_dir()))
            raise ValueError(f"{self.path}: has no domain {self.train_domain!r}; allowed: {domains or 'none'}")
        return self._root
