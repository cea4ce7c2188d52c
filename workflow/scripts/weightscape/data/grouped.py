"""Splits that no group of images is torn apart by: all images of a patient, a video or a place go to one split.

The groups are put in one random order, stratified by their most frequent class, and each split takes groups from it
until they hold enough images. What its last group has beyond its number is left out, so that every split has exactly
the images that were asked for and no group is in two.
"""

from collections.abc import Mapping

import numpy as np


def deal_groups(
    labels: np.ndarray, groups: np.ndarray, sizes: Mapping[str, int], rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Give each split whole groups, until it has as many images as it asks for.

    Parameters
    ----------
    labels, groups
        Class and group of each image; int, shape (n,).
    sizes
        Number of images asked for, by split, in the order in which the splits take their groups.
    rng
        Source of the randomness.

    Returns
    -------
    dict
        For each split the positions of all images of its groups: at least as many as it asks for.

    Raises
    ------
    ValueError
        If the groups run out.
    """
    _, group_of, counts = np.unique(groups, return_inverse=True, return_counts=True)
    order = _stratified_groups(labels, group_of, counts, rng)
    dealt: dict[str, np.ndarray] = {}
    first = 0
    for split, size in sizes.items():
        held = np.cumsum(counts[order[first:]])
        last = first + int(np.searchsorted(held, size)) + 1 if size else first
        left = int(held[-1]) if len(held) else 0
        if left < size:
            raise ValueError(
                f"data.splits.{split} asks for {size} images, but the groups that the splits before it leave hold "
                f"{left} (each of the {len(counts)} groups, the largest of {counts.max()} images, is in one split as a "
                "whole); allowed: smaller splits"
            )
        dealt[split] = np.flatnonzero(np.isin(group_of, order[first:last]))
        first = last
    return dealt


def _stratified_groups(
    labels: np.ndarray, group_of: np.ndarray, counts: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return a random order of groups of which every prefix has the classes nearly in proportion.

    As `weightscape.data.splits.stratified_order` does with images, the groups of a class are spread evenly over [0, 1]:
    one that covers the images a … b of the N images in its class's groups is placed at (a + b) / 2N.
    """
    frequency = np.zeros((len(counts), labels.max(initial=0) + 1), np.int64)
    np.add.at(frequency, (group_of, labels), 1)
    main_class = frequency.argmax(1)
    place = np.empty(len(counts))
    for label in np.unique(main_class):
        members = rng.permutation(np.flatnonzero(main_class == label))
        ends = np.cumsum(counts[members])
        place[members] = (ends - counts[members] / 2) / ends[-1]
    return np.lexsort((rng.random(len(counts)), place))
