"""Quality of pools of synthetic images, measured against real ones; no torch.

Five questions: does a classifier that has only seen real images recognise the class that was asked for; are images
copies of those the generator was trained on; how many different images are there; do they lie where real images lie;
and how far from them are they for a frozen encoder.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from weightscape.diversity.prdc import manifold_metrics
from weightscape.diversity.vendi import pixel_features, vendi_score
from weightscape.generator.classifier import Embed, Labelled, RealClassifier, is_grey, train_classifier, unit_pixels
from weightscape.generator.distances import frechet_distance, kernel_distance, nearest_distances
from weightscape.statistics.recognised_share import REAL, class_mean_accuracy, share_of_real

MEMORISED_QUANTILE = 0.01
LARGEST = 5000
"""Images of a set that distances and neighbours in the embedding are taken of, at most: their cost grows as n²."""


@dataclass(frozen=True)
class Real:
    """Real images that synthetic ones are measured against.

    Attributes
    ----------
    unseen
        Images that the generator has not seen; the classifier learns from them.
    seen
        The images that the generator was trained on, or others of the study if it comes from elsewhere.
    test
        Images that neither has seen.
    """

    unseen: Labelled
    seen: Labelled
    test: Labelled


def quality_tables(
    pools: Mapping[str, Labelled], real: Real, embed: Embed, class_names: Sequence[str], threshold: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Measure pools of synthetic images, and as a reference `Real.test` in their place.

    Parameters
    ----------
    pools
        Images and the labels they were drawn for, by the name of the pool, in the order of the rows.
    real
        The real images.
    embed
        The frozen encoder.
    class_names
        Names of the classes, in the order of their labels.
    threshold
        Smallest share of real images' accuracy above chance with which synthetic images count as recognised.

    Returns
    -------
    quality : pandas.DataFrame
        One row per pool, after one of real images that is called `REAL`:

        * pool, n
        * classifier: what the classifier sees, "pixels" or "embedding"
        * classifier_accuracy: its mean accuracy over classes; chance: that of guessing
        * recognised_share, recognised_share_low, threshold, outcome: see `weightscape.statistics.recognised_share`
        * nearest_real_distance: median distance of an image to the nearest image of `Real.seen`
        * memorised_fraction: share of the images nearer to `Real.seen` than 99 % of the images of `Real.test` are;
          0.01 is what new real images give, copies give up to 1
        * vendi_ratio_pixel, vendi_ratio_embedding: Vendi score of order 1 (`weightscape.diversity.vendi`) over that of
          as many images of `Real.unseen`, of the pixels and of the features
        * precision, recall, density, coverage: `weightscape.diversity.prdc`, of features, among those of `Real.unseen`
        * frechet_distance, kernel_distance: between the features and those of `Real.unseen`; the second is 0 on average
          for new real images, and so may be slightly negative

        Precision to frechet_distance depend on numbers of images, and so take as many of every set: the smallest number
        in any, at most `LARGEST`.
    classes : pandas.DataFrame
        One row per pool and class: pool, class_name, n, classifier_accuracy.

    Notes
    -----
    Distances to nearest images are root mean squares over pixels, which lie in [0, 1]. Comparing synthetic–training
    with fresh–training distances is the test of Meehan, Chaudhuri & Dasgupta, A Non-Parametric Test to Detect
    Data-Copying in Generative Models, AISTATS 2020, here read off at one quantile.
    """
    measured = {REAL: real.test, **pools}
    known: dict[int, np.ndarray] = {}

    def once(images: np.ndarray) -> np.ndarray:
        """Return features; no array is freed meanwhile, so none takes the identity of another."""
        return known[id(images)] if id(images) in known else known.setdefault(id(images), embed(images))

    scale = _Scale(real, once, threshold, min(len(labels) for _, labels in measured.values()))
    rows, classes = [], []
    for name, (images, labels) in measured.items():
        right = scale.classifier.right(images, labels)
        rows.append({"pool": name, **scale.row(images, labels, right)})
        for label, class_name in enumerate(class_names):
            answers = right[labels == label]
            accuracy = float(answers.mean()) if len(answers) else float("nan")
            classes.append({"pool": name, "class_name": class_name, "n": len(answers), "classifier_accuracy": accuracy})
    return pd.DataFrame(rows), pd.DataFrame(classes)


class _Scale:
    """What pools are held against, computed once."""

    def __init__(self, real: Real, embed: Embed, threshold: float, count: int) -> None:
        self.real, self.embed, self.threshold = real, embed, threshold
        self.classifier: RealClassifier = train_classifier(real.unseen, real.test, embed)
        self.recognised = class_mean_accuracy(self.classifier.right(*real.test), real.test[1])
        self.chance = 1 / len(np.unique(real.unseen[1]))
        self.grey = is_grey(real.seen[0]) and is_grey(real.test[0])
        self.seen_pixels = unit_pixels(real.seen[0], self.grey)
        fresh = nearest_distances(unit_pixels(real.test[0], self.grey), self.seen_pixels)
        self.close = np.quantile(fresh, MEMORISED_QUANTILE)
        self.features = embed(real.unseen[0])
        self.count = min(count, len(self.features), LARGEST)

    def row(self, images: np.ndarray, labels: np.ndarray, right: np.ndarray) -> dict[str, Any]:
        """Return the columns of a pool, given whether the classifier recognised each of its images."""
        accuracy, error = class_mean_accuracy(right, labels)
        share = share_of_real((accuracy, error), self.recognised, self.chance)
        features = self.embed(images)
        some, reference = features[: self.count], self.features[: self.count]
        distances = nearest_distances(unit_pixels(images, self.grey), self.seen_pixels)
        return {
            "n": len(images),
            "classifier": self.classifier.space,
            "classifier_accuracy": accuracy,
            "chance": self.chance,
            "recognised_share": share.value,
            "recognised_share_low": share.low,
            "threshold": self.threshold,
            "outcome": share.outcome(self.threshold),
            "nearest_real_distance": float(np.median(distances)),
            "memorised_fraction": float((distances < self.close).mean()),
            "vendi_ratio_pixel": vendi_ratio(pixel_features(images), pixel_features(self.real.unseen[0])),
            "vendi_ratio_embedding": vendi_ratio(features, self.features),
            **asdict(manifold_metrics(reference, some)),
            "frechet_distance": frechet_distance(some, reference),
            "kernel_distance": kernel_distance(features[:LARGEST], self.features[:LARGEST]),
        }


def vendi_ratio(features: np.ndarray, references: np.ndarray) -> float:
    """Return the Vendi score of order 1 of features over that of references, at the smaller number of rows of the two.

    Parameters
    ----------
    features, references
        float, shapes (n, d) and (m, d); the first min(n, m) rows of each are used, as the score grows with the number.
    """
    count = min(len(features), len(references))
    return vendi_score(features[:count]) / vendi_score(references[:count])
