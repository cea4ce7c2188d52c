"""Quality of synthetic images, measured against real ones; no torch.

Four questions: does a classifier that has only seen real images recognise the class that was asked for; are images
copies of those the generator was trained on; how many different images are there; and how far from real images do they
lie for a frozen encoder.
"""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from weightscape.diversity.vendi import pixel_features, vendi_score

Labelled = tuple[np.ndarray, np.ndarray]
"""Images, uint8 (n, H, W, 3), and their labels, int64 (n,)."""

MEMORISED_QUANTILE = 0.01
INVERSE_PENALTY = 0.1
CHUNK = 256


def quality_table(
    synthetic: Mapping[str, Labelled],
    train: Labelled,
    generator: Labelled,
    test: Labelled,
    embed: Callable[[np.ndarray], np.ndarray],
) -> pd.DataFrame:
    """Measure the synthetic images of every pool.

    Parameters
    ----------
    synthetic
        Images and the labels they were drawn for, by the name of the pool.
    train
        Real images that the generator has not seen; the classifier learns from them.
    generator
        The real images that the generator was trained on.
    test
        Real images that neither has seen.
    embed
        From images to their features in a frozen encoder, float, shape (n, d).

    Returns
    -------
    pandas.DataFrame
        One row per pool, in the order given:

        * pool, n
        * classifier_accuracy: of a logistic regression on pixels, trained on `train`, on the synthetic images
        * classifier_accuracy_real: of the same classifier on `test`
        * nearest_real_distance: median distance of a synthetic image to the nearest image of `generator`
        * real_real_distance: the same for the images of `test`
        * memorised_fraction: share of the synthetic images nearer to `generator` than 99 % of the images of `test` are;
          0.01 is what new real images would give, copies give up to 1
        * vendi_ratio_pixel, vendi_ratio_embedding: Vendi score of order 1 (`weightscape.diversity.vendi`) over that of
          as many images of `train`, of the pixels and of the features
        * embedding_distance: `kernel_distance` between the features of the synthetic images and those of `train`
        * embedding_distance_real: the same for `test`; it is 0 on average, and so may be slightly negative

    Notes
    -----
    Distances are root mean squares over pixels, which lie in [0, 1]. Comparing synthetic–training with fresh–training
    distances is the test of Meehan, Chaudhuri & Dasgupta, A Non-Parametric Test to Detect Data-Copying in Generative
    Models, AISTATS 2020, here read off at one quantile.
    """
    pools = [images for images, _ in (train, generator, test, *synthetic.values())]
    channels = 1 if all((images == images[..., :1]).all() for images in pools) else 3
    train_pixels, generator_pixels, test_pixels = (
        _unit_pixels(images, channels) for images, _ in (train, generator, test)
    )
    classifier = LogisticRegression(C=INVERSE_PENALTY, max_iter=1000).fit(train_pixels, train[1])
    train_features, test_features = embed(train[0]), embed(test[0])
    real_distance = kernel_distance(test_features, train_features)
    fresh = nearest_distances(test_pixels, generator_pixels)
    threshold = np.quantile(fresh, MEMORISED_QUANTILE)
    rows = []
    for pool, (images, labels) in synthetic.items():
        pixels, features = _unit_pixels(images, channels), embed(images)
        distances = nearest_distances(pixels, generator_pixels)
        rows.append(
            {
                "pool": pool,
                "n": len(images),
                "classifier_accuracy": float(classifier.score(pixels, labels)),
                "classifier_accuracy_real": float(classifier.score(test_pixels, test[1])),
                "nearest_real_distance": float(np.median(distances)),
                "real_real_distance": float(np.median(fresh)),
                "memorised_fraction": float((distances < threshold).mean()),
                "vendi_ratio_pixel": vendi_ratio(pixel_features(images), pixel_features(train[0])),
                "vendi_ratio_embedding": vendi_ratio(features, train_features),
                "embedding_distance": kernel_distance(features, train_features),
                "embedding_distance_real": real_distance,
            }
        )
    return pd.DataFrame(rows)


def nearest_distances(points: np.ndarray, references: np.ndarray) -> np.ndarray:
    """Return the distance of each point to its nearest reference, as root mean square over the coordinates.

    Parameters
    ----------
    points, references
        float64, shapes (n, d) and (m, d).

    Returns
    -------
    numpy.ndarray
        float64, shape (n,).

    Notes
    -----
    ‖x − y‖² = ‖x‖² + ‖y‖² − 2 x·y finds the nearest reference, in chunks of points; the distance to it is then taken
    from the difference itself, so that a copy is at distance 0 exactly.
    """
    squares = (references**2).sum(axis=1)
    distances = np.empty(len(points))
    for start in range(0, len(points), CHUNK):
        chunk = points[start : start + CHUNK]
        nearest = (squares - 2 * chunk @ references.T).argmin(axis=1)
        distances[start : start + CHUNK] = np.sqrt(((chunk - references[nearest]) ** 2).mean(axis=1))
    return distances


def vendi_ratio(features: np.ndarray, references: np.ndarray) -> float:
    """Return the Vendi score of order 1 of features over that of references, at the smaller number of rows of the two.

    Parameters
    ----------
    features, references
        float, shapes (n, d) and (m, d); the first min(n, m) rows of each are used, as the score grows with the number.
    """
    count = min(len(features), len(references))
    return vendi_score(features[:count]) / vendi_score(references[:count])


def kernel_distance(features: np.ndarray, references: np.ndarray) -> float:
    """Return the kernel distance between two sets of features.

    Parameters
    ----------
    features, references
        float, shapes (n, d) and (m, d), n and m at least 2.

    Returns
    -------
    float
        Unbiased: 0 on average where both sets are drawn from the same distribution, then as often negative as positive.

    Notes
    -----
    The squared maximum mean discrepancy with the kernel k(x, y) = (x·y/d + 1)³: the mean of k over pairs of different
    features, plus that over pairs of different references, minus twice that over pairs of one of each (Bińkowski,
    Sutherland, Arbel & Gretton, Demystifying MMD GANs, ICLR 2018, arXiv 1801.01401, eq. 4 and section 4).
    """
    x, y = np.asarray(features, np.float64), np.asarray(references, np.float64)
    n, m = len(x), len(y)
    within_x = (_kernel_sum(x, x) - _kernel_diagonal(x).sum()) / (n * (n - 1))
    within_y = (_kernel_sum(y, y) - _kernel_diagonal(y).sum()) / (m * (m - 1))
    return float(within_x + within_y - 2 * _kernel_sum(x, y) / (n * m))


def _kernel_sum(x: np.ndarray, y: np.ndarray) -> float:
    chunks = (x[start : start + CHUNK] for start in range(0, len(x), CHUNK))
    return sum(float(((chunk @ y.T / x.shape[1] + 1) ** 3).sum()) for chunk in chunks)


def _kernel_diagonal(x: np.ndarray) -> np.ndarray:
    return ((x**2).mean(axis=1) + 1) ** 3


def _unit_pixels(images: np.ndarray, channels: int) -> np.ndarray:
    return images[..., :channels].reshape(len(images), -1) / 255
