"""Images in folders named as their classes, as torchvision's ``ImageFolder`` and many data sets have them.

Two layouts are read: ``<path>/<class>/<image>``, or ``<path>/train/<class>/<image>`` with an optional
``<path>/test/<class>/<image>``. Images may lie in deeper folders of their class; hidden files are ignored.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from weightscape.data.imageset import ImageSet
from weightscape.data.resize import resize_square

SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp")


@dataclass(frozen=True)
class FolderListing:
    """The files of an image folder, sorted by class and path.

    Parameters
    ----------
    files
        For each part ("all", or "train" and perhaps "test") the image files with their labels.
    class_names
        Folder names in sorted order.
    """

    files: dict[str, list[tuple[Path, int]]]
    class_names: tuple[str, ...]


def list_image_folder(path: str | Path) -> FolderListing:
    """List the images below `path` without opening them.

    Raises
    ------
    FileNotFoundError
        If `path` is no folder.
    ValueError
        If there is no class folder, a class has no image, or ``test/`` has a class that ``train/`` lacks.
    """
    path = Path(path)
    if not path.is_dir():
        raise FileNotFoundError(f"{path}: no such folder of images")
    has_parts = bool(_subfolders(path / "train"))
    if has_parts and (path / "test").is_dir():
        parts = {"train": path / "train", "test": path / "test"}
    else:
        parts = {"all": path / "train" if has_parts else path}

    first = next(iter(parts.values()))
    class_names = tuple(_subfolders(first))
    if not class_names:
        raise ValueError(f"{path}: expected one folder per class, or train/ (and test/) with one folder per class")
    files: dict[str, list[tuple[Path, int]]] = {}
    for part, folder in parts.items():
        unknown = sorted(set(_subfolders(folder)) - set(class_names))
        if unknown:
            raise ValueError(f"{folder}: classes {unknown} are not in {first}")
        files[part] = [(file, label) for label, name in enumerate(class_names) for file in _image_files(folder / name)]
    empty = sorted(set(class_names) - {class_names[label] for _, label in files[next(iter(parts))]})
    if empty:
        raise ValueError(f"{first}: no images ({', '.join(SUFFIXES)}) in the class folders {empty}")
    return FolderListing(files=files, class_names=class_names)


def read_image_folder(path: str | Path, image_size: int) -> ImageSet:
    """Read the images below `path` as RGB, the shorter side scaled to `image_size` and the centre cut out.

    Raises
    ------
    FileNotFoundError, ValueError
        As `list_image_folder`, and ValueError with the file's name if one cannot be read as an image.
    """
    listing = list_image_folder(path)
    entries = [(file, label, part == "test") for part, files in listing.files.items() for file, label in files]
    images = np.empty((len(entries), image_size, image_size, 3), np.uint8)
    for image, (file, _, _) in zip(images, entries, strict=True):
        image[...] = read_image(file, image_size)
    return ImageSet(
        images=images,
        labels=np.array([label for _, label, _ in entries], np.int64),
        class_names=listing.class_names,
        held_out=np.array([held_out for _, _, held_out in entries]) if "test" in listing.files else None,
    )


def read_image(file: str | Path, image_size: int) -> np.ndarray:
    """Read one image, turned as its EXIF data says, as uint8 of shape (image_size, image_size, 3).

    Raises
    ------
    ValueError
        If the file is damaged, is no image, or has more than 8 bits per channel.
    """
    try:
        with Image.open(file) as opened:
            if opened.mode.startswith(("I", "F")):
                raise ValueError(f"more than 8 bits per channel (mode {opened.mode}); convert it to 8 bits first")
            image = ImageOps.exif_transpose(opened).convert("RGB")
            return np.asarray(resize_square(image, image_size))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ValueError(f"{file}: cannot be read as an image: {error}") from error


def _subfolders(folder: Path) -> list[str]:
    """Return the sorted names of the folders in `folder`, hidden ones left out; nothing if it is no folder."""
    if not folder.is_dir():
        return []
    return sorted(entry.name for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith("."))


def _image_files(folder: Path) -> list[Path]:
    """Return the image files below `folder`, sorted by path; nothing if it is no folder."""
    if not folder.is_dir():
        return []

    def refuse(error: OSError) -> None:
        raise error

    return sorted(
        file
        for parent, _, names in os.walk(folder, onerror=refuse)
        for file in (Path(parent, name) for name in names)
        if file.suffix.lower() in SUFFIXES and not file.name.startswith(".") and file.is_file()
    )
