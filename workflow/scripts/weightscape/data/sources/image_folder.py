"""Images of the user's, in folders named as their classes; see `weightscape.data.image_folder`."""

from collections import Counter
from typing import Literal

from weightscape.data.image_folder import list_image_folder, read_image_folder
from weightscape.data.imageset import ImageSet
from weightscape.data.source import Source, SourceFacts


class ImageFolder(Source):
    """A folder of your own."""

    name: Literal["image_folder"]
    path: str
    """the folder"""

    def describe(self) -> SourceFacts:
        """Return the counts and the classes, from the folder's listing."""
        listing = list_image_folder(self.path)
        classes = range(len(listing.class_names))
        labels = {part: Counter(label for _, label in files) for part, files in listing.files.items()}
        return SourceFacts(
            counts={part: counts.total() for part, counts in labels.items()},
            class_names=listing.class_names,
            class_counts={part: [counts[label] for label in classes] for part, counts in labels.items()},
        )

    def load(self, image_size: int) -> ImageSet:
        """Return the images."""
        return read_image_folder(self.path, image_size)

    @property
    def folder(self) -> str:
        """The folder."""
        return self.path
