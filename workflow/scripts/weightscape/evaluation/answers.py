"""Which images a network classifies rightly, from saved logits."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypedDict

import numpy as np


class Block(TypedDict):
    """The runs whose logits are in one file."""

    condition: str
    seeds: Sequence[int]


def right_answers(
    paths: Iterable[str], blocks: Sequence[Block], labels: Mapping[str, str]
) -> dict[str, np.ndarray] | None:
    """Return, per condition, whether each image of some sets was classified rightly, (seeds, images).

    Parameters
    ----------
    paths
        Files of logits, with an array ``<seed>/<set>`` of shape (images, classes) for each run and set.
    blocks
        Condition and seeds of each file.
    labels
        The file of labels of each set; the images of several sets follow each other.

    Returns
    -------
    None if there is no set.
    """
    if not labels:
        return None
    truth = {name: np.load(path) for name, path in labels.items()}
    rows: dict[str, dict[int, np.ndarray]] = {}
    for block, path in zip(blocks, paths, strict=True):
        with np.load(path) as logits:
            for seed in block["seeds"]:
                right = [logits[f"{seed}/{name}"].argmax(axis=1) == truth[name] for name in truth]
                rows.setdefault(block["condition"], {})[seed] = np.concatenate(right)
    return {condition: np.stack([seeds[seed] for seed in sorted(seeds)]) for condition, seeds in rows.items()}
