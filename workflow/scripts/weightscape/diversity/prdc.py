"""Precision, recall, density and coverage: how a set of images lies among real ones, by their nearest neighbours.

Around each image of a set lies a ball that reaches to its k-th nearest neighbour in the same set; together the balls
stand for where the set's images come from. *Precision* is the share of the images that lie among the real ones, and
*recall* the share of the real images that lie among them (Kynkäänniemi, Karras, Laine, Lehtinen & Aila, *Improved
Precision and Recall Metric for Assessing Generative Models*, NeurIPS 2019). *Density* counts how many balls of real
images an image lies in, and *coverage* is the share of real images whose ball holds at least one image (Naeem, Oh, Uh,
Choi & Yoo, *Reliable Fidelity and Diversity Metrics for Generative Models*, ICML 2020); a few outliers change these two
little.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

NEIGHBOURS = 5
"""k, as in the code of Naeem et al."""

CHUNK = 1024
ROUNDING = 1e-12
"""Squared distances below this share of the largest squared lengths are those of copies."""


@dataclass(frozen=True)
class ManifoldMetrics:
    """How a set of images lies among real ones.

    Attributes
    ----------
    precision, recall, coverage
        Between 0 and 1.
    density
        At least 0; 1 on average where both sets come from the same distribution.
    """

    precision: float
    recall: float
    density: float
    coverage: float


@dataclass(frozen=True)
class Balls:
    """The balls around the images of a set, which reach to their k-th nearest neighbours.

    Attributes
    ----------
    centres
        Features, float64, shape (n, d).
    squared_lengths, squared_radii
        Of the features, and of the balls, shape (n,).
    """

    centres: np.ndarray
    squared_lengths: np.ndarray
    squared_radii: np.ndarray


def manifold_metrics(real: np.ndarray, images: np.ndarray, neighbours: int = NEIGHBOURS) -> ManifoldMetrics:
    """Compare a set of images with a set of real ones.

    Parameters
    ----------
    real, images
        Features, float, shapes (n, d) and (m, d).
    neighbours
        k, the neighbour that an image's ball reaches to, the image itself not counted.

    Raises
    ------
    ValueError
        If the shapes do not fit, a feature is not finite, or a set has no more than k images.

    Notes
    -----
    With x_i the real features, y_j the others, B(x_i) the ball around x_i that reaches to its k-th nearest neighbour in
    its own set, and 1[·] one or zero,

        precision = Σ_j 1[y_j ∈ ∪_i B(x_i)] / m,    recall   = Σ_i 1[x_i ∈ ∪_j B(y_j)] / n,
        density   = Σ_j Σ_i 1[y_j ∈ B(x_i)] / (k m), coverage = Σ_i 1[∃ j: y_j ∈ B(x_i)] / n.

    Balls are closed (Kynkäänniemi et al., eq. 1); in the code of Naeem et al. they are open, which differs only where
    an image lies exactly on an edge, as copies of an image that the other set holds more than k times do. All four
    depend on n, m and k: compare sets of equal size with the same real images.

    Memory grows with n + m: distances are computed in blocks.
    """
    return compare_balls(balls(real, neighbours), balls(images, neighbours), neighbours)


def balls(features: np.ndarray, neighbours: int = NEIGHBOURS) -> Balls:
    """Return the balls around the images of a set, for several comparisons with it; see `manifold_metrics`."""
    rows = np.asarray(features, np.float64)
    if rows.ndim != 2 or len(rows) <= neighbours:
        raise ValueError(f"features must be of shape (n, d) with more than {neighbours} rows, got {rows.shape}")
    if not np.isfinite(rows).all():
        raise ValueError("features must be finite")
    squares, radii = (rows**2).sum(axis=1), np.empty(len(rows))
    for block, distances in _squared_distances(rows, squares, rows, squares):
        # The smallest distance of a row is that to itself.
        radii[block] = np.partition(distances, neighbours, axis=1)[:, neighbours]
    return Balls(rows, squares, radii)


def compare_balls(real: Balls, images: Balls, neighbours: int = NEIGHBOURS) -> ManifoldMetrics:
    """Compare the balls of a set of images with those of a set of real ones; see `manifold_metrics`."""
    x, y = real.centres, images.centres
    if x.shape[1] != y.shape[1]:
        raise ValueError(f"real features have {x.shape[1]} columns, those compared with them {y.shape[1]}")
    inside, held = 0, 0
    covered, recalled = np.zeros(len(x), bool), np.zeros(len(x), bool)
    for block, distances in _squared_distances(y, images.squared_lengths, x, real.squared_lengths):
        holds = distances <= real.squared_radii
        inside += int(holds.any(axis=1).sum())
        held += int(holds.sum())
        covered |= holds.any(axis=0)
        recalled |= (distances <= images.squared_radii[block, None]).any(axis=0)
    return ManifoldMetrics(
        precision=inside / len(y),
        recall=float(recalled.mean()),
        density=held / (neighbours * len(y)),
        coverage=float(covered.mean()),
    )


def _squared_distances(
    points: np.ndarray, of_points: np.ndarray, references: np.ndarray, of_references: np.ndarray
) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield blocks of rows of `points` with their squared distances to all `references`; those of copies are 0.

    `of_points` and `of_references` are the squared lengths of the rows.
    """
    copy = ROUNDING * (of_points.max() + of_references.max())
    for start in range(0, len(points), CHUNK):
        block = slice(start, start + CHUNK)
        distances = points[block] @ references.T
        distances *= -2
        distances += of_points[block, None] + of_references  # the same whichever set comes first
        distances[distances < copy] = 0
        yield block, distances
