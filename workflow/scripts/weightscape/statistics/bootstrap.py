"""Bootstrap intervals: bias-corrected and accelerated for means over seeds, hierarchical for accuracies."""

import numpy as np
from scipy.special import logit, ndtr, ndtri

from weightscape.statistics.constants import CONFIDENCE
from weightscape.statistics.estimate import UNKNOWN, Estimate
from weightscape.streams import stream

RESAMPLES = 4000


def bca_intervals(values: np.ndarray, resamples: int = RESAMPLES) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of the BCa bootstrap interval of each column's mean, at level `CONFIDENCE`.

    Parameters
    ----------
    values : shape (S, n)
        Finite values, one row per seed, S ≥ 2.
    resamples
        Number of bootstrap samples; they come from a named stream and are shared by all columns.

    Notes
    -----
    Efron, *Better bootstrap confidence intervals* (1987). With fewer than about 15 seeds the interval is too narrow
    (docs/calibration.md has its coverage), so it is shown beside the t interval and decides nothing.
    """
    values = np.asarray(values, dtype=float)
    n_seeds, n_columns = values.shape
    rng = stream("bca", n_seeds, resamples)
    counts = rng.multinomial(n_seeds, np.full(n_seeds, 1 / n_seeds), size=resamples) / n_seeds
    low, high = np.empty(n_columns), np.empty(n_columns)
    centre = values.mean(axis=0)
    deviation = values - centre  # proportional to the jackknife's θ_(·) − θ_(i)
    with np.errstate(invalid="ignore"):
        acceleration = np.nan_to_num((deviation**3).sum(axis=0) / (6 * ((deviation**2).sum(axis=0)) ** 1.5))
    for start in range(0, n_columns, 256):
        columns = slice(start, min(start + 256, n_columns))
        means = np.sort(counts @ values[:, columns], axis=0)
        below = ((means < centre[columns]).mean(axis=0) + (means <= centre[columns]).mean(axis=0)) / 2
        bias = ndtri(np.clip(below, 1 / resamples, 1 - 1 / resamples))
        for end, z in ((low, ndtri(0.5 - CONFIDENCE / 2)), (high, ndtri(0.5 + CONFIDENCE / 2))):
            level = ndtr(bias + (bias + z) / (1 - acceleration[columns] * (bias + z)))
            position = level * (resamples - 1)
            lower = np.floor(position).astype(int)
            upper = np.minimum(lower + 1, resamples - 1)
            here = np.arange(means.shape[1])
            end[columns] = means[lower, here] + (position - lower) * (means[upper, here] - means[lower, here])
    return low, high


def hierarchical_bootstrap(correct_a: np.ndarray, correct_b: np.ndarray, resamples: int = RESAMPLES) -> Estimate:
    """Return the difference of mean logit accuracies a − b with an interval over generators, seeds and images.

    Parameters
    ----------
    correct_a, correct_b : shape (generators, seeds, conditions, images)
        Whether each test image was classified rightly; `conditions` are doses that are averaged and may differ in
        number between a and b. Run s of a generator is paired between a and b, and all runs see the same images.
    resamples
        Number of bootstrap samples, from a named stream.

    Returns
    -------
    Estimate
        Percentile interval; p is twice the smaller share of samples on one side of 0, counted with one added.

    Notes
    -----
    Generators are drawn with replacement, seeds within each drawn generator, and images once for all runs, since images
    are crossed with seeds, not nested in them. With one generator its own variation is not covered. Saravanan, Berman &
    Sober, *Application of the hierarchical bootstrap to multi-level data* (2020).
    """
    a, b = np.asarray(correct_a, dtype=float), np.asarray(correct_b, dtype=float)
    if a.ndim != 4 or a.shape[:2] != b.shape[:2] or a.shape[3] != b.shape[3]:
        raise ValueError(
            f"expected (generators, seeds, conditions, images) alike but for conditions: {a.shape}, {b.shape}"
        )
    n_generators, n_seeds, _, n_images = a.shape
    if n_seeds < 2:
        return UNKNOWN
    rng = stream("hierarchical bootstrap", n_generators, n_seeds, n_images, resamples)
    value = float((_mean_logit(a, np.ones((1, n_images))) - _mean_logit(b, np.ones((1, n_images)))).mean())
    samples = np.empty(resamples)
    for start in range(0, resamples, 250):
        size = min(250, resamples - start)
        images = rng.multinomial(n_images, np.full(n_images, 1 / n_images), size=size)
        differences = _mean_logit(a, images) - _mean_logit(b, images)
        generators = rng.integers(n_generators, size=(size, n_generators, 1))
        seeds = rng.integers(n_seeds, size=(size, n_generators, n_seeds))
        samples[start : start + size] = differences[np.arange(size)[:, None, None], generators, seeds].mean(axis=(1, 2))
    low, high = np.quantile(samples, [0.5 - CONFIDENCE / 2, 0.5 + CONFIDENCE / 2])
    smaller = min((samples <= 0).sum(), (samples >= 0).sum())
    pvalue = min(1.0, 2 * (1 + smaller) / (1 + resamples))
    return Estimate(value, float(low), float(high), float(samples.std(ddof=1)), float(pvalue))


def _mean_logit(correct: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the logit accuracy of each run on each resampled set of images, averaged over conditions.

    `correct` is (generators, seeds, conditions, images), `counts` (samples, images); the result is (samples,
    generators, seeds). Half an image is added to the right and to the wrong ones, as in `count_logit`.
    """
    n = counts.sum(axis=1)[:, None, None, None]
    right = np.moveaxis(correct @ counts.T.astype(float), -1, 0)
    return logit((right + 0.5) / (n + 1)).mean(axis=-1)
