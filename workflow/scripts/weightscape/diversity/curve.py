"""How Vendi scores grow with the number of images: at every size, of random parts of the set."""

from collections.abc import Callable, Iterator

import numpy as np

SMALLEST = 16
PARTS = 8


def parts_by_size(n: int, order: np.ndarray) -> Iterator[list[np.ndarray]]:
    """Yield, for 16, 32, 64 … and at last all of n images, disjoint random parts of that size, at most `PARTS`.

    Parameters
    ----------
    n
        Number of images; nothing is yielded for none.
    order
        A random permutation of their positions.
    """
    size = SMALLEST
    while size < n:
        yield [order[start : start + size] for start in range(0, min(n // size, PARTS) * size, size)]
        size *= 2
    if n:
        yield [np.arange(n)]


def score_curve(
    n: int, order: np.ndarray, scores: Callable[[np.ndarray], dict[str, float]]
) -> Iterator[dict[str, float]]:
    """Yield the mean scores of parts of each size: n, parts (how many), and each score.

    Parameters
    ----------
    n, order
        As in `parts_by_size`.
    scores
        From positions of images to their scores by name.
    """
    for parts in parts_by_size(n, order):
        values = [scores(part) for part in parts]
        means = {name: float(np.mean([value[name] for value in values])) for name in values[0]}
        yield {"n": len(parts[0]), "parts": len(parts), **means}
