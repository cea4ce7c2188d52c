"""Classifiers that have only seen real images: they judge synthetic ones, and reject those of another class; no torch.

Each is a logistic regression, on pixels or on the features of the frozen encoder, whichever recognises other real
images better: where a pre-trained encoder knows little of the images, as of digits, their pixels tell more.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from weightscape.statistics.recognised_share import class_mean_accuracy

Labelled = tuple[np.ndarray, np.ndarray]
"""Images, uint8 (n, H, W, 3), and their labels, int64 (n,)."""

Embed = Callable[[np.ndarray], np.ndarray]
"""From images to their features in a frozen encoder, float, shape (n, d)."""

PIXEL_STRENGTH = 0.1
FEATURE_STRENGTH = 0.003
"""Inverse strengths of the L2 penalties, of pixels in [0, 1] and of features with SD 1."""


@dataclass(frozen=True)
class RealClassifier:
    """A classifier of real images.

    Attributes
    ----------
    space
        What it sees: "pixels" or "embedding".
    """

    space: str
    _regression: Pipeline
    _features: Embed

    def right(self, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Return whether the most probable class of each image is its label, bool, shape (n,)."""
        found: np.ndarray = self._regression.predict(self._features(images)) == labels
        return found

    def probability(self, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Return the probability of each image's label, float64, shape (n,); 0 for a class that was never seen."""
        known = {int(label): column for column, label in enumerate(self._regression.classes_)}
        table = np.pad(self._regression.predict_proba(self._features(images)), ((0, 0), (0, 1)))
        columns = np.array([known.get(int(label), -1) for label in labels])
        chosen: np.ndarray = table[np.arange(len(labels)), columns]
        return chosen


def train_classifier(learn: Labelled, check: Labelled, embed: Embed | None = None) -> RealClassifier:
    """Train on real images.

    Parameters
    ----------
    learn
        The images to learn from.
    check
        Other real images, whose mean accuracy over classes decides between pixels and features.
    embed
        The encoder; without one the classifier sees pixels.
    """
    grey = is_grey(learn[0])
    # One channel under a penalty of a third is three equal ones.
    pixels, strength = partial(unit_pixels, grey=grey), PIXEL_STRENGTH * (3 if grey else 1)
    candidates = [_trained("pixels", learn, pixels, strength)]
    if embed is not None:
        candidates.append(_trained("embedding", learn, embed, FEATURE_STRENGTH))
    accuracies = [class_mean_accuracy(each.right(*check), check[1])[0] for each in candidates]
    return candidates[int(np.argmax(accuracies))]


def is_grey(images: np.ndarray) -> bool:
    """Return whether the channels of all images are equal."""
    return bool((images == images[..., :1]).all())


def unit_pixels(images: np.ndarray, grey: bool) -> np.ndarray:
    """Return the pixels of images in [0, 1], float64, shape (n, C·H·W), the mean over channels if `grey`."""
    pixels = images.mean(axis=-1, keepdims=True) if grey else images
    return pixels.reshape(len(images), -1) / 255


def _trained(space: str, learn: Labelled, features: Embed, strength: float) -> RealClassifier:
    regression = LogisticRegression(C=strength, max_iter=1000)
    steps = [regression] if space == "pixels" else [StandardScaler(), regression]
    return RealClassifier(space, make_pipeline(*steps).fit(features(learn[0]), learn[1]), features)
