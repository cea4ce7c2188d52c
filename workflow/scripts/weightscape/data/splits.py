"""Fixed, disjoint, stratified splits of a data set: test, validation, generator pool and training pool.

The images of a study are put in one random stratified order, and the splits are consecutive pieces of it. So the
training pool, which comes last, grows without changing any other split or its own first images.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from weightscape.data.grouped import deal_groups
from weightscape.data.imageset import ImageSet, check_images
from weightscape.files import array_sha256
from weightscape.streams import stream

SPLITS = ("test", "validation", "generator", "train")


@dataclass(frozen=True)
class Splits:
    """Which images of a data set are in which split.

    Parameters
    ----------
    indices
        For each of `SPLITS`, the positions in the data set; int64, shape (n,). Every prefix is stratified.
    duplicates
        Positions of images left out because an earlier image (of the held-out ones first) has the same pixels.
    conflicting
        Those of `duplicates` whose label differs from the label of the image that was kept.
    surplus
        Positions of images left out because the rest of their group is in a split that has enough; empty without
        groups.
    """

    indices: dict[str, np.ndarray]
    duplicates: np.ndarray
    conflicting: np.ndarray
    surplus: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))


def check_split_sizes(counts: Mapping[str, int], sizes: Mapping[str, int]) -> None:
    """Refuse splits that a data set is too small for.

    Parameters
    ----------
    counts
        Number of images: ``{"all": n}``, or ``{"train": n, "test": m}`` if the test split has images of its own.
    sizes
        Number of images asked for, for each of `SPLITS`.

    Raises
    ------
    ValueError
        If a split is missing, unknown or no count, or asks for more images than the splits before it leave.
    """
    if set(sizes) != set(SPLITS):
        raise ValueError(
            f"data.splits must have the keys {', '.join(SPLITS)}, got {', '.join(sorted(sizes)) or 'none'}"
        )
    left = dict(counts)
    for split in SPLITS:
        size = sizes[split]
        if isinstance(size, bool) or not isinstance(size, int) or size < 0:
            raise ValueError(f"data.splits.{split} must be a number of images (0 or more), got {size!r}")
        pool = pool_of(split, counts)
        if size > left[pool]:
            of = "" if pool == "all" else f" in its {pool} part"
            before = "" if left[pool] == counts[pool] else f", {counts[pool] - left[pool]} of them in splits before it"
            raise ValueError(
                f"data.splits.{split} asks for {size} images, but {left[pool]} are available: "
                f"the data set has {counts[pool]}{of}{before}"
            )
        left[pool] -= size


def check_class_counts(
    class_counts: Mapping[str, Sequence[int]], class_names: Sequence[str], sizes: Mapping[str, int]
) -> None:
    """Refuse splits of which some cannot have an image of every class, as far as this is known from counts.

    Parameters
    ----------
    class_counts
        Number of images of each class, for the parts of the data set that `check_split_sizes` knows; may be empty.
    class_names
        Names of the classes.
    sizes
        Number of images asked for, for each of `SPLITS`.

    Raises
    ------
    ValueError
        If a split has images, but fewer than there are classes, or a class has fewer images than splits need one.
    """
    for split in SPLITS:
        if 0 < sizes[split] < len(class_names):
            raise ValueError(
                f"data.splits.{split} = {sizes[split]}: allowed: at least one image of each of the "
                f"{len(class_names)} classes"
            )
    for pool, counts in class_counts.items():
        splits = [split for split in SPLITS if sizes[split] and pool_of(split, class_counts) == pool]
        for name, have in zip(class_names, counts, strict=True):
            if have < len(splits):
                of = "" if pool == "all" else f" in its {pool} part"
                raise ValueError(
                    f"data.source has {have} of the class {name!r}{of}; "
                    f"allowed: {len(splits)} or more, so that each split ({', '.join(splits)}) has one"
                )


def split_images(dataset: ImageSet, sizes: Mapping[str, int], study: str) -> Splits:
    """Draw the splits of a study.

    Parameters
    ----------
    dataset
        All images. Its held-out images, if any, are for the test split only, and the test split is drawn from them. Its
        groups, if any, are dealt as `weightscape.data.grouped` says.
    sizes
        Number of images for each of `SPLITS`.
    study
        Name of the study, which seeds the draw.

    Raises
    ------
    ValueError
        As `check_split_sizes`, counted after duplicates are left out, and if there are not enough groups.
    """
    held_out = np.zeros(len(dataset), bool) if dataset.held_out is None else dataset.held_out
    kept, duplicates, conflicting = _without_duplicates(dataset, held_out)
    if dataset.held_out is None:
        pools = {"all": kept}
    else:
        pools = {"test": kept[held_out[kept]], "train": kept[~held_out[kept]]}
    try:
        check_split_sizes({name: len(pool) for name, pool in pools.items()}, sizes)
    except ValueError as error:
        if len(duplicates):
            raise ValueError(f"{error} ({len(duplicates)} with the pixels of another image are left out)") from None
        raise

    indices: dict[str, np.ndarray] = {}
    surplus = []
    for name, pool in pools.items():
        wanted = {split: sizes[split] for split in SPLITS if pool_of(split, pools) == name}
        if dataset.groups is None:
            order = pool[stratified_order(dataset.labels[pool], stream(study, "splits", name))]
            ends = np.cumsum(list(wanted.values()))
            indices |= dict(zip(wanted, np.split(order[: ends[-1]], ends[:-1]), strict=True))
            continue
        labels, groups = dataset.labels[pool], dataset.groups[pool]
        for split, dealt in deal_groups(labels, groups, wanted, stream(study, "splits", name)).items():
            order = pool[dealt][stratified_order(labels[dealt], stream(study, "splits", name, split))]
            indices[split] = order[: wanted[split]]
            surplus.append(order[wanted[split] :])
    return Splits(
        indices={split: indices[split] for split in SPLITS},
        duplicates=duplicates,
        conflicting=conflicting,
        surplus=np.sort(np.concatenate(surplus)) if surplus else np.empty(0, np.int64),
    )


def check_classes(dataset: ImageSet, splits: Splits) -> None:
    """Raise ValueError if a split has images, but none of some class, of which it can then tell nothing."""
    for split, indices in splits.indices.items():
        counts = np.bincount(dataset.labels[indices], minlength=len(dataset.class_names))
        if len(indices) and not counts.all():
            absent = int(np.argmin(counts > 0))
            have = int(np.count_nonzero(dataset.labels == absent))
            raise ValueError(
                f"data.splits.{split} = {len(indices)}: it has no image of the class {dataset.class_names[absent]!r}, "
                f"of which the data set has {have}; allowed: images and splits enough for every class"
            )


def stratified_order(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a random order of images of which every prefix has the classes in proportion.

    The r-th image (r = 0, 1, …) of a class of size N is placed at (r + ½)/N, which is Webster's method of
    apportionment; within a class, and where two classes meet at one place, the order is random.

    Parameters
    ----------
    labels
        Shape (n,).
    rng
        Source of the randomness.

    Returns
    -------
    numpy.ndarray
        int64, shape (n,): a permutation of 0 … n − 1.
    """
    place = np.empty(len(labels))
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        place[rng.permutation(members)] = (np.arange(len(members)) + 0.5) / len(members)
    return np.lexsort((rng.random(len(labels)), place))


def image_keys(images: np.ndarray) -> list[str]:
    """Return the SHA-256 sum of each image's pixels, for images of shape (n, size, size, 3)."""
    check_images(images)
    return [array_sha256(image) for image in images]


def without_shared(dataset: ImageSet, others: Mapping[str, np.ndarray]) -> tuple[np.ndarray, dict[str, int]]:
    """Return which images of a data set no other set has, and how many it shares with each.

    Parameters
    ----------
    dataset
        The images to keep apart.
    others
        Images of other sets by name, each uint8 of shape (n, size, size, 3).

    Returns
    -------
    kept : numpy.ndarray
        bool, shape (n,).
    shared : dict
        Number of images with the same pixels, by the other set's name.

    Raises
    ------
    ValueError
        If more than half of the images are in other sets, or more than half of another set (or of the study's
        splits, taken together) is among them: it is the same data set, or one that holds it.
    """
    keys = image_keys(dataset.images)
    kept = np.ones(len(keys), bool)
    shared: dict[str, int] = {}
    wholes: dict[str, set[str]] = {}
    for name, images in others.items():
        known = set(image_keys(images))
        same = np.array([key in known for key in keys], bool)
        shared[name] = int(same.sum())
        kept &= ~same
        wholes.setdefault("the study" if name in SPLITS else name, set()).update(known)
    total = int((~kept).sum())
    if total > len(keys) / 2 or any(len(known.intersection(keys)) > len(known) / 2 for known in wholes.values()):
        parts = ", ".join(f"{count} of {name}" for name, count in shared.items() if count)
        raise ValueError(
            f"{total} of its {len(keys)} images have the same pixels as images of other sets ({parts}), "
            "more than half of the smaller set; allowed: a data set of other images"
        )
    return kept, shared


def check_disjoint(sets: Mapping[str, np.ndarray]) -> None:
    """Raise ValueError if two of the named image arrays share an image, or one has an image twice.

    Images are compared by their pixels: a duplicate across splits would let a network be tested on what it has seen.
    """
    owner: dict[str, str] = {}
    for name, images in sets.items():
        for position, key in enumerate(image_keys(images)):
            if key in owner:
                raise ValueError(f"image {position} of {name} has the same pixels as an image of {owner[key]}")
            owner[key] = name


def make_manifest(
    dataset: ImageSet, splits: Splits, source: Mapping[str, Any], image_size: int, study: str
) -> dict[str, Any]:
    """Describe the splits of a study, with sums by which their arrays can be checked."""
    sets: dict[str, dict[str, Any]] = {}
    for split, indices in splits.indices.items():
        images, labels = dataset.images[indices], dataset.labels[indices]
        counts = Counter(labels.tolist())
        sets[split] = {
            "n": len(images),
            "shape": list(images.shape),
            "class_counts": {name: counts[label] for label, name in enumerate(dataset.class_names)},
            "images_sha256": array_sha256(images),
            "labels_sha256": array_sha256(labels),
        }
        if dataset.groups is not None:
            sets[split]["groups"] = len(np.unique(dataset.groups[indices]))
    return {
        "study": study,
        "source": dict(source),
        "image_size": image_size,
        "class_names": list(dataset.class_names),
        "sets": sets,
        "duplicates": {
            "left_out": splits.duplicates.tolist(),
            "with_another_label": splits.conflicting.tolist(),
        },
        **({} if dataset.groups is None else {"surplus_of_groups": splits.surplus.tolist()}),
    }


def pool_of(split: str, pools: Mapping[str, Any]) -> str:
    """Return the name of the part of the data set from which a split is drawn."""
    if "all" in pools:
        return "all"
    return "test" if split == "test" else "train"


def _without_duplicates(dataset: ImageSet, held_out: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return positions of the images kept, of those left out, and of the latter those with another label."""
    keys = image_keys(dataset.images)
    first: dict[str, int] = {}
    for position in [*np.flatnonzero(held_out).tolist(), *np.flatnonzero(~held_out).tolist()]:
        first.setdefault(keys[position], position)
    kept_as = np.array([first[key] for key in keys], np.int64)
    positions = np.arange(len(dataset))
    is_duplicate = kept_as != positions
    other_label = dataset.labels[kept_as] != dataset.labels
    return positions[~is_duplicate], positions[is_duplicate], positions[is_duplicate & other_label]
