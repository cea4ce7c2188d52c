"""Simulated studies for the calibration of claim 1: all runs of a study, with the code's own units, effects and tests.

Lengths are in units of one run's noise: an effect of length 1 is as long as the noise vector of a single run typically
is. Every condition has noise of its own, all effects share the noise of the baseline, and the units of the features are
estimated from the runs, as in a real study.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np
from scipy.stats import ttest_1samp

from weightscape.statistics.constants import SIGNIFICANCE
from weightscape.statistics.cross_validated import without_each_seed
from weightscape.statistics.features import within_condition_sd
from weightscape.statistics.many_studies import ContrastsOfStudies, contrast_studies
from weightscape.streams import stream

HEAVY_DF = 4
AT_ONCE = 250
"""Studies that are held in memory at once."""


@dataclass(frozen=True)
class Cell:
    """One situation: lengths of the effects of dropout (d) and weight decay (w), and the parts of V along each axis.

    Dropout acts along the first axis, weight decay along the second; `v` is V's part along these two and along a third
    that is orthogonal to both. Every study has axes of its own. The noise of weight decay's runs is multiplied by
    `noise_w`.
    """

    name: str
    d: float
    w: float
    v: tuple[float, float, float]
    noise_w: float = 1.0

    @property
    def answer(self) -> str:
        """The right verdict: for dropout if V reaches along it, and further than along weight decay."""
        return "dropout" if self.v[0] > max(self.v[1], 0) else "undetermined"


HALF = float(np.sqrt(0.5))
CELLS = (
    Cell("nothing acts", 0, 0, (0, 0, 0)),
    Cell("only weight decay acts", 0, 1, (0, 0, 0)),
    Cell("only weight decay acts, strongly", 0, 4, (0, 0, 0)),
    Cell("diversity does nothing", 1, 1, (0, 0, 0)),
    Cell("diversity does nothing, unmatched", 1, 4, (0, 0, 0)),
    Cell("orthogonal, weak", 0.5, 0.5, (0, 0, 0.5)),
    Cell("orthogonal", 1, 1, (0, 0, 1)),
    Cell("orthogonal, unmatched", 1, 4, (0, 0, 1)),
    Cell("orthogonal, runs of weight decay three times as noisy", 1, 4, (0, 0, 1), noise_w=3),
    Cell("equally similar, weak", 0.5, 0.5, (HALF / 2, HALF / 2, 0)),
    Cell("equally similar", 1, 1, (HALF, HALF, 0)),
    Cell("equally similar, unmatched", 0.7, 4, (HALF, HALF, 0)),
    Cell("only opposed to weight decay", 1, 1, (0, -1, 0)),
    Cell("like dropout, 1", 1, 1, (1, 0, 0)),
    Cell("like dropout, 1, unmatched", 0.7, 4, (1, 0, 0)),
    Cell("like dropout, .5", 1, 1, (0.5, 0, 0)),
    Cell("like dropout, .5, all weak", 0.5, 0.5, (0.5, 0, 0)),
)


@dataclass(frozen=True)
class Noise:
    """Noise of a run: its law, the correlation between any two features, and how many features there are."""

    name: str
    law: str
    correlation: float
    n_features: int


NOISES = (
    Noise("normal noise, 40 independent features", "normal", 0.0, 40),
    Noise("heavy-tailed noise (t with 4 degrees of freedom), 40 correlated features", "heavy", 0.3, 40),
    Noise("skewed noise (exponential), 16 correlated features", "skewed", 0.3, 16),
)


@dataclass(frozen=True)
class Layout:
    """The conditions of a study beside the two baselines: doses of each series of diversity, of dropout, of decay."""

    name: str
    diversity: tuple[int, ...]
    dropout: int
    weight_decay: int

    @property
    def n_conditions(self) -> int:
        """Number of all conditions."""
        return 2 + sum(self.diversity) + self.dropout + self.weight_decay

    @property
    def series(self) -> list[list[int]]:
        """Places of the conditions of each series, diversity's first, then dropout's and weight decay's."""
        ends = accumulate((*self.diversity, self.dropout, self.weight_decay), initial=2)
        return [list(range(start, end)) for start, end in pairwise(ends)]


DEFAULT = Layout("default study", (1, 1, 2, 2), 2, 2)
"""The conditions of claim 1 in config/digits.yaml."""

SMALL = Layout("small study", (1, 1), 1, 1)


def axes(n_studies: int, n_features: int, rng: np.random.Generator) -> np.ndarray:
    """Three orthonormal directions for each study, of no preferred orientation: shape (n_studies, 3, n_features)."""
    return np.swapaxes(np.linalg.qr(rng.normal(size=(n_studies, n_features, 3)))[0], -1, -2)


def simulate(cell: Cell, layout: Layout, noise: Noise, seeds: int, n_studies: int) -> Iterator[np.ndarray]:
    """Yield the runs of many studies, some at a time: shape (studies, conditions, seeds, features)."""
    rng = stream("calibration", cell.name, layout.name, noise.name, seeds)
    parts = np.zeros((layout.n_conditions, 3))
    parts[2:] = cell.v
    parts[layout.series[-2]] = (cell.d, 0, 0)
    parts[layout.series[-1]] = (0, cell.w, 0)
    spread = np.ones((layout.n_conditions, 1, 1))
    spread[layout.series[-1]] = cell.noise_w
    for start in range(0, n_studies, AT_ONCE):
        shape = (min(AT_ONCE, n_studies - start), layout.n_conditions, seeds, noise.n_features)
        truth = (parts @ axes(shape[0], noise.n_features, rng))[:, :, None]
        yield truth + spread * draw(noise, shape, rng)


def draw(noise: Noise, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Return noise of mean 0 whose last axis is a run's vector of length about 1."""
    parts = (*shape[:-1], 1), shape
    if noise.law == "skewed":
        common, own = (rng.exponential(size=part) - 1 for part in parts)
    else:
        common, own = (rng.normal(size=part) for part in parts)
    values = np.sqrt(noise.correlation) * common + np.sqrt(1 - noise.correlation) * own
    if noise.law == "heavy":
        values = values * np.sqrt((HEAVY_DF - 2) / rng.chisquare(HEAVY_DF, size=parts[0]))
    return values / np.sqrt(shape[-1])


def effects(runs: np.ndarray, layout: Layout, units: np.ndarray | None = None) -> list[np.ndarray]:
    """Return V, D and W of runs (…, conditions, seeds, features), in `units` if they are not those of the code."""
    units = within_condition_sd(runs) if units is None else units
    differences = (runs - runs[..., :1, :, :]) / units[..., None, None, :]
    means = [differences[..., places, :, :].mean(axis=-3) for places in layout.series]
    return [np.mean(means[:-2], axis=0), means[-2], means[-1]]


def ours(runs: np.ndarray, layout: Layout) -> ContrastsOfStudies:
    """Return what our procedure finds."""
    deleted = np.moveaxis(without_each_seed(runs), -3, -4)
    return contrast_studies(*effects(runs, layout), deleted=effects(deleted, layout))


def decided(cell: Cell, layout: Layout, noise: Noise, seeds: int, n_studies: int) -> float:
    """Return the share of simulated studies in which our procedure comes to a verdict."""
    found = [ours(runs, layout).decided() for runs in simulate(cell, layout, noise, seeds, n_studies)]
    return float(np.concatenate(found).mean())


def naive(V: np.ndarray, D: np.ndarray, W: np.ndarray, resamples: int = 500) -> np.ndarray:
    """Return which studies the usual analysis decides: ordinary cosines of means, percentile bootstrap over seeds."""
    n_seeds = V.shape[1]
    rng = stream("naive bootstrap", n_seeds, resamples)
    counts = rng.multinomial(n_seeds, np.full(n_seeds, 1 / n_seeds), size=resamples) / n_seeds

    def cosine(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return (a * b).sum(-1) / np.sqrt((a * a).sum(-1) * (b * b).sum(-1))

    found = []
    for v, d, w in zip(V, D, W, strict=True):
        v, d, w = counts @ v, counts @ d, counts @ w
        low, high = np.quantile(cosine(v, d) - cosine(v, w), [0.025, 0.975])
        found.append(low > 0 or high < 0)
    return np.array(found)


def layers_as_replicates(V: np.ndarray, D: np.ndarray, W: np.ndarray) -> np.ndarray:
    """Return which studies a t test over features decides, from the first seed alone.

    The features stand for layers: whether V's change is nearer to D's than to W's is tested over them as if they were
    independent.
    """
    v, d, w = V[:, 0], D[:, 0], W[:, 0]
    return ttest_1samp(np.abs(v - w) - np.abs(v - d), 0, axis=1).pvalue <= SIGNIFICANCE
