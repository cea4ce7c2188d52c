"""The label filter: synthetic images that do not look like the class that was asked for are left out; no torch.

A classifier decides that has only seen real images, those that the generator was trained on: so the filter brings in no
data that the generator has not seen. What is left is judged by another classifier (`weightscape.generator.quality`).
"""

from collections.abc import Sequence
from typing import Annotated

import numpy as np
import pandas as pd

from weightscape.section import Range, Section


class LabelFilter(Section):
    """Leave out synthetic images that a classifier of real images does not recognise."""

    probability: Annotated[float, Range(0, 1, low_open=True, high_open=True)]
    """smallest probability of the class that an image was drawn for"""
    drawn: Annotated[float, Range(1, 100)] = 2.0
    """images drawn per image that is kept: where fewer than one in so many passes, the job says so and stops"""

    def count(self, images: int) -> int:
        """Return how many images are drawn so that `images` can be kept."""
        return int(np.ceil(self.drawn * images))


def select(
    probability: np.ndarray, labels: np.ndarray, images: int, settings: LabelFilter, class_names: Sequence[str]
) -> tuple[np.ndarray, pd.DataFrame]:
    """Choose the images of a pool.

    Parameters
    ----------
    probability
        That of each drawn image's label, shape (n,).
    labels
        The labels of the drawn images, shape (n,).
    images
        Number of images to keep. They have the labels of the first so many drawn ones, in the same order.
    settings
        The filter.
    class_names
        Names of the classes, in the order of their labels.

    Returns
    -------
    chosen : numpy.ndarray
        Positions of the images kept, int64, shape (images,): of each class the first that pass.
    rejected : pandas.DataFrame
        Columns class_name, drawn (number of images drawn), rejected (share of them that do not pass).

    Raises
    ------
    ValueError
        If too few images of a class pass.
    """
    passes = probability >= settings.probability
    wanted = labels[:images]
    chosen = np.empty(images, np.int64)
    rows = []
    for label, name in enumerate(class_names):
        places, of_class = np.flatnonzero(wanted == label), labels == label
        kept = np.flatnonzero(of_class & passes)
        if len(kept) < len(places):
            raise ValueError(
                f"of {of_class.sum()} images drawn for the class {name!r} the filter lets {len(kept)} pass, and "
                f"{len(places)} are wanted; allowed: a larger generator.filter.drawn (now {settings.drawn:g}), a lower "
                f"generator.filter.probability (now {settings.probability:g}), or a generator with better images"
            )
        chosen[places] = kept[: len(places)]
        share = float((~passes[of_class]).mean()) if of_class.any() else float("nan")
        rows.append({"class_name": name, "drawn": int(of_class.sum()), "rejected": share})
    return chosen, pd.DataFrame(rows)
