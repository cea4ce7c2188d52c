"""The tables of diversity: of each space, overall and by class, and at smaller numbers of images."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from weightscape.diversity.curve import score_curve
from weightscape.diversity.measures import dcscore, mean_distance, paired_similarity, subspace_similarity
from weightscape.diversity.prdc import NEIGHBOURS, Balls, ManifoldMetrics, balls, compare_balls
from weightscape.diversity.rbf import median_bandwidth, rbf_eigenvalues
from weightscape.diversity.vendi import ORDERS, similarity_eigenvalues, vendi_of_eigenvalues
from weightscape.streams import stream

PAIRS = 5000
"""Images at most of which all pairs are compared: the first ones, whose order is random."""

MEASURES = ("wvs", "wvs_published", "mean_distance", "dcscore", *ManifoldMetrics.__annotations__)
"""Columns of a space beside its Vendi scores."""

RBF_ORDERS = {name.replace("vendi", "vendi_rbf"): order for name, order in ORDERS.items()}
"""Order of each Vendi score with the RBF kernel, by its column."""


@dataclass(frozen=True)
class Sets:
    """Three sets of images, or what is known of them: features or labels, one row each.

    Attributes
    ----------
    seen
        The training set whose diversity is measured, as training sees it.
    originals
        The images of the baseline with the same seed, row by row those of `seen` where both have the same images.
    reference
        Real images that no run trains on.
    """

    seen: np.ndarray
    originals: np.ndarray
    reference: np.ndarray

    def where(self, *masks: np.ndarray) -> "Sets":
        """Return the rows of each set that its mask names."""
        return Sets(*(rows[mask] for rows, mask in zip(vars(self).values(), masks, strict=True)))


def diversity_tables(
    spaces: Mapping[str, Sets],
    labels: Sets,
    class_names: Sequence[str],
    stream_name: Sequence[str | int],
    kernels: Collection[str] = (),
    known: dict[tuple[str, str, int], Balls] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the diversity of a training set, overall and of each class.

    Parameters
    ----------
    spaces
        Features in each space ("pixel", "embedding" or the name of an encoder), float, shape (n, d).
    labels
        int, indices into `class_names`.
    class_names
        Names of the classes.
    stream_name
        Start of the name of the random stream that draws parts of the set.
    kernels
        "rbf" for Vendi scores with the RBF kernel too, its bandwidth being the median distance in `reference`.
    known
        Filled with what is found of the reference images, for further calls with the same ones.

    Returns
    -------
    diversity
        Columns space, class_name ("all" or a class), n, those of `ORDERS` and `MEASURES` and, with the kernel, those of
        `RBF_ORDERS` and rbf_bandwidth. A measure that a class is too small for is NaN; wvs_published is of all classes
        only.
    curve
        Columns space, class_name, n, parts and the Vendi scores, a row for each size of `weightscape.diversity.curve`.

    Raises
    ------
    ValueError
        If arrays differ in length, are empty or not finite, or a class is called "all".
    """
    if "all" in class_names:
        raise ValueError('a class cannot be called "all", which stands for the whole set')
    known = {} if known is None else known
    rows: list[dict[str, object]] = []
    curve: list[dict[str, object]] = []
    for space, features in spaces.items():
        if (sizes := [*map(len, _arrays(features))]) != (of_labels := [*map(len, _arrays(labels))]):
            raise ValueError(f"{space}: got {sizes} images seen, original and for reference, and {of_labels} labels")
        bandwidth = median_bandwidth(features.reference) if "rbf" in kernels else None
        for class_name, members in _by_class(features, labels, class_names):
            names = {"space": space, "class_name": class_name}
            found = _scores(members.seen, bandwidth) if len(members.seen) else {}
            measured = _measures(members, found["vendi_1"], class_name == "all") if found else {}
            if min(len(members.seen), len(members.reference)) > NEIGHBOURS:
                key = (space, class_name, members.reference.shape[1])
                if key not in known:
                    known[key] = balls(members.reference[:PAIRS])
                measured |= vars(compare_balls(known[key], balls(members.seen[:PAIRS])))
            rows.append({**names, "n": len(members.seen), **found, **measured, **_stated(bandwidth)})
            order = stream(*stream_name, "diversity", class_name).permutation(len(members.seen))
            parts = score_curve(len(order), order, lambda part: _scores(members.seen[part], bandwidth))  # noqa: B023
            curve += [{**names, **row} for row in parts]
    scores = [*ORDERS, *(RBF_ORDERS if "rbf" in kernels else ())]
    bandwidths = ["rbf_bandwidth"] if "rbf" in kernels else []
    diversity = pd.DataFrame(rows, columns=["space", "class_name", "n", *scores, *MEASURES, *bandwidths])
    return diversity, pd.DataFrame(curve, columns=["space", "class_name", "n", "parts", *scores])


def _arrays(sets: Sets) -> list[np.ndarray]:
    return list(vars(sets).values())


def _by_class(features: Sets, labels: Sets, class_names: Sequence[str]) -> Iterator[tuple[str, Sets]]:
    """Yield the whole of each set, then each class of it."""
    yield "all", features
    for label, name in enumerate(class_names):
        yield name, features.where(*(array == label for array in _arrays(labels)))


def _scores(features: np.ndarray, bandwidth: float | None) -> dict[str, float]:
    eigenvalues = similarity_eigenvalues(features)
    scores = {name: vendi_of_eigenvalues(eigenvalues, order) for name, order in ORDERS.items()}
    if bandwidth is not None:
        eigenvalues = rbf_eigenvalues(features, bandwidth)
        scores |= {name: vendi_of_eigenvalues(eigenvalues, order) for name, order in RBF_ORDERS.items()}
    return scores


def _measures(sets: Sets, vendi: float, whole: bool) -> dict[str, float]:
    measures = {"mean_distance": mean_distance(sets.seen), "dcscore": dcscore(sets.seen[:PAIRS])}
    if whole:
        measures["wvs_published"] = vendi * paired_similarity(sets.seen, sets.originals)
    if len(sets.originals):
        measures["wvs"] = vendi * subspace_similarity(sets.seen, sets.originals)
    return measures


def _stated(bandwidth: float | None) -> dict[str, float]:
    return {} if bandwidth is None else {"rbf_bandwidth": bandwidth}
