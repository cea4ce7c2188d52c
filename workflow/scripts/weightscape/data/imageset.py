"""What a data set is to the workflow: square RGB images with class labels."""

from dataclasses import dataclass, field

import numpy as np

NO_CLASS = -1
"""The label of an image that shows none of the classes."""


@dataclass(frozen=True)
class ImageSet:
    """Labelled images of one size.

    Parameters
    ----------
    images
        uint8, shape (n, size, size, 3).
    labels
        int64, shape (n,); indices into `class_names`.
    class_names
        Names of the classes, in label order.
    held_out
        bool, shape (n,): images that the data set itself reserves for testing. None if it reserves none; the test
        split is then drawn from all images.
    groups
        int64, shape (n,): images with the same number belong together and are in one split. None if there are none.

    Raises
    ------
    ValueError
        If a shape or type differs from the above, or a label has no class name.
    """

    images: np.ndarray
    labels: np.ndarray
    class_names: tuple[str, ...]
    held_out: np.ndarray | None = field(default=None)
    groups: np.ndarray | None = field(default=None)

    def __post_init__(self) -> None:
        check_images(self.images)
        check_labels(self.labels, len(self.images), len(self.class_names))
        if self.held_out is not None and (self.held_out.shape != self.labels.shape or self.held_out.dtype != bool):
            raise ValueError(f"held_out must be bool of shape {self.labels.shape}, got {self.held_out.shape}")
        if self.groups is not None and (self.groups.shape != self.labels.shape or self.groups.dtype != np.int64):
            raise ValueError(f"groups must be int64 of shape {self.labels.shape}, got {self.groups.shape}")

    def __len__(self) -> int:
        return len(self.images)


def check_images(images: np.ndarray) -> None:
    """Raise ValueError unless `images` is uint8 of shape (n, size, size, 3)."""
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] != 3 or images.shape[1] != images.shape[2]:
        raise ValueError(f"images must be uint8 of shape (n, size, size, 3), got {images.dtype} of {images.shape}")


def check_labels(labels: np.ndarray, n_images: int, n_classes: int) -> None:
    """Raise ValueError unless `labels` is int64 of shape (n_images,) with values in 0 … n_classes − 1."""
    if labels.dtype != np.int64 or labels.shape != (n_images,):
        raise ValueError(f"labels must be int64 of shape ({n_images},), got {labels.dtype} of {labels.shape}")
    if n_images and (labels.min() < 0 or labels.max() >= n_classes):
        raise ValueError(
            f"labels must be in 0…{n_classes - 1} for {n_classes} classes, got {labels.min()}…{labels.max()}"
        )
