"""Images in folders named as their classes, as torchvision's ``ImageFolder`` and many data sets have them.

Two layouts are read: ``<path>/<class>/<image>``, or ``<path>/train/<class>/<image>`` with an optional
``<path>/test/<class>/<image>``. Images may lie in deeper folders of their class; hidden files are ignored.

A folder of domains, ``<path>/<domain>/<class>/<image>``, looks like the first layout with deeper folders. It is told by
folders of one name in several "classes", and refused unless the config says which of the two it is.
"""

import os
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from weightscape.data.imageset import ImageSet
from weightscape.data.pixels import as_square

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


def list_image_folder(path: str | Path, classes: Collection[str] | None = None, nested: bool = True) -> FolderListing:
    """List the images below `path` without opening them.

    Parameters
    ----------
    path
        The folder.
    classes
        The classes to list; all by default.
    nested
        Whether folders in a class's folder are parts of the class. If False, folders of the same names in several
        classes are refused: they may be the classes, and the "classes" domains.

    Raises
    ------
    FileNotFoundError
        If `path` is no folder.
    ValueError
        If there is no class folder, a class has no image, ``test/`` has a class that ``train/`` lacks, there is none
        of one of `classes`, or the folder can be read in two ways.
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
    there = _subfolders(first)
    if not there:
        raise ValueError(f"{path}: expected one folder per class, or train/ (and test/) with one folder per class")
    for name in classes or ():
        if name not in there:
            raise ValueError(f"{first}: has no class {name!r}; allowed: {', '.join(there)}")
    class_names = tuple(name for name in there if classes is None or name in classes)
    files: dict[str, list[tuple[Path, int]]] = {}
    for part, folder in parts.items():
        unknown = sorted(set(_subfolders(folder)) - set(there))
        if unknown:
            raise ValueError(f"{folder}: classes {unknown} are not in {first}")
        files[part] = [(file, label) for label, name in enumerate(class_names) for file in _image_files(folder / name)]
    empty = sorted(set(class_names) - {class_names[label] for _, label in files[next(iter(parts))]})
    if empty:
        raise ValueError(f"{first}: no images ({', '.join(SUFFIXES)}) in the class folders {empty}")
    listing = FolderListing(files=files, class_names=class_names)
    if not nested:
        _refuse_domains(listing, parts)
    return listing


def read_image_folder(
    path: str | Path, image_size: int, classes: Collection[str] | None = None, nested: bool = True
) -> ImageSet:
    """Read the images below `path` as RGB, the shorter side scaled to `image_size` and the centre cut out.

    Raises
    ------
    FileNotFoundError, ValueError
        As `list_image_folder`, whose parameters `classes` and `nested` are, and ValueError with the file's name if one
        cannot be read as an image.
    """
    listing = list_image_folder(path, classes, nested)
    entries = [(file, label, part == "test") for part, files in listing.files.items() for file, label in files]
    return ImageSet(
        images=read_images([file for file, _, _ in entries], image_size),
        labels=np.array([label for _, label, _ in entries], np.int64),
        class_names=listing.class_names,
        held_out=np.array([held_out for _, _, held_out in entries]) if "test" in listing.files else None,
    )


def read_images(files: Sequence[str | Path], image_size: int) -> np.ndarray:
    """Read images as `read_image` does, as one array of shape (n, image_size, image_size, 3)."""
    images = np.empty((len(files), image_size, image_size, 3), np.uint8)
    for image, file in zip(images, files, strict=True):
        image[...] = read_image(file, image_size)
    return images


def read_image(file: str | Path, image_size: int) -> np.ndarray:
    """Read one image, turned as its EXIF data says, as uint8 of shape (image_size, image_size, 3).

    Raises
    ------
    ValueError
        If the file is damaged, is no image, or has more than 8 bits per channel.
    """
    try:
        with Image.open(file) as opened:
            return as_square(opened, image_size)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ValueError(f"{file}: cannot be read as an image: {error}") from error


def _refuse_domains(listing: FolderListing, parts: Mapping[str, Path]) -> None:
    """Raise ValueError if two or more folders have the same names in several of the class folders."""
    inner: dict[str, set[str]] = {name: set() for name in listing.class_names}
    for part, folder in parts.items():
        for file, label in listing.files[part]:
            name = listing.class_names[label]
            below = file.relative_to(folder / name).parts[:-1]
            inner[name].update(below[:1])
    times = Counter(name for names in inner.values() for name in names)
    shared = sorted(name for name, count in times.items() if count > 1)
    if len(shared) > 1:
        outer = [name for name, names in inner.items() if names.intersection(shared)]
        raise ValueError(
            f"{next(iter(parts.values()))}: {_some(outer)} may be classes, with the folders {_some(shared)} in them, "
            f"or domains of the classes {_some(shared)}; for domains give train_domain (such as {outer[0]}) and "
            "ood_domains, for classes nested: true"
        )


def _some(names: Sequence[str]) -> str:
    """Return the first names of a list."""
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")


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
