"""Simulated studies for the calibration of claim 1: shared baseline noise, correlated features, heavy tails.

Lengths are in units of one run's noise: an effect of length 1 is as long as the noise vector of a single run typically
is. A run's noise has equicorrelated features and, if asked, the tails of Student's t with 4 degrees of freedom; the
features are divided by SDs estimated from two sets of baseline seeds, as in a real study.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import ttest_1samp

from weightscape.statistics.constants import SIGNIFICANCE
from weightscape.statistics.many_studies import contrast_studies
from weightscape.streams import stream

N_FEATURES = 40
HEAVY_DF = 4


@dataclass(frozen=True)
class Cell:
    """One situation: lengths of the effects of dropout (d) and weight decay (w), and the parts of V along each axis.

    Dropout acts along the first axis, weight decay along the second, both spread over all features; `v` is V's part
    along these two and along a third that is orthogonal to both.
    """

    name: str
    d: float
    w: float
    v: tuple[float, float, float]

    @property
    def is_null(self) -> bool:
        """Whether V is no nearer to dropout than to weight decay."""
        return self.v[0] == self.v[1]


HALF = float(np.sqrt(0.5))
CELLS = (
    Cell("nothing acts", 0, 0, (0, 0, 0)),
    Cell("only weight decay acts", 0, 1, (0, 0, 0)),
    Cell("only weight decay acts, strongly", 0, 4, (0, 0, 0)),
    Cell("weak and orthogonal", 0.5, 0.5, (0, 0, 0.5)),
    Cell("equally similar, matched", 1, 1, (HALF, HALF, 0)),
    Cell("equally similar, weak", 0.5, 0.5, (HALF / 2, HALF / 2, 0)),
    Cell("equally similar, unmatched", 0.5, 2, (HALF, HALF, 0)),
    Cell("diversity does nothing", 1, 1, (0, 0, 0)),
    Cell("like dropout, 1", 1, 1, (1, 0, 0)),
    Cell("like dropout, 1, unmatched", 0.5, 2, (1, 0, 0)),
    Cell("like dropout, .5", 1, 1, (0.5, 0, 0)),
    Cell("like dropout, .5, all weak", 0.5, 0.5, (0.5, 0, 0)),
)


def axes(n_features: int = N_FEATURES) -> np.ndarray:
    """Three orthonormal directions that no feature dominates, shape (3, n_features)."""
    matrix = stream("calibration axes", n_features).normal(size=(n_features, 3))
    return np.linalg.qr(matrix)[0].T


@dataclass(frozen=True)
class Noise:
    """Noise of a run: correlation between any two features, and whether its tails are heavy."""

    name: str
    correlation: float
    heavy: bool


NOISES = (
    Noise("normal noise, independent features", 0.0, False),
    Noise("heavy-tailed noise, correlated features", 0.3, True),
)


def simulate(cell: Cell, seeds: int, n_studies: int, noise: Noise) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return V, D and W of many studies, each of shape (n_studies, seeds, features)."""
    rng = stream("calibration", cell.name, seeds, n_studies, noise.name)
    shape = (n_studies, seeds, N_FEATURES)

    def run() -> np.ndarray:
        common = rng.normal(size=(n_studies, seeds, 1))
        values = np.sqrt(noise.correlation) * common + np.sqrt(1 - noise.correlation) * rng.normal(size=shape)
        if noise.heavy:
            chi2 = rng.chisquare(HEAVY_DF, size=(n_studies, seeds, 1))
            values = values * np.sqrt((HEAVY_DF - 2) / chi2)
        return values / np.sqrt(N_FEATURES)

    directions = axes()
    effects = [np.array(cell.v) @ directions, cell.d * directions[0], cell.w * directions[1]]
    baseline, baseline_b = run(), run()
    sd = np.sqrt((baseline.var(axis=1, ddof=1) + baseline_b.var(axis=1, ddof=1)) / 2)[:, None, :]
    V, D, W = ((effect + run() - baseline) / sd for effect in effects)
    return V, D, W


def ours(V: np.ndarray, D: np.ndarray, W: np.ndarray) -> np.ndarray:
    """Return which studies our procedure decides."""
    return contrast_studies(V, D, W).decided()


def naive(V: np.ndarray, D: np.ndarray, W: np.ndarray, resamples: int = 500) -> np.ndarray:
    """Return which studies the usual analysis decides: ordinary cosines of means, percentile bootstrap over seeds."""
    n_seeds = V.shape[1]
    rng = stream("naive bootstrap", n_seeds, resamples)
    counts = rng.multinomial(n_seeds, np.full(n_seeds, 1 / n_seeds), size=resamples) / n_seeds

    def cosine(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return (a * b).sum(-1) / np.sqrt((a * a).sum(-1) * (b * b).sum(-1))

    decided = []
    for v, d, w in zip(V, D, W, strict=True):
        v, d, w = counts @ v, counts @ d, counts @ w
        low, high = np.quantile(cosine(v, d) - cosine(v, w), [0.025, 0.975])
        decided.append(low > 0 or high < 0)
    return np.array(decided)


def layers_as_replicates(V: np.ndarray, D: np.ndarray, W: np.ndarray) -> np.ndarray:
    """Return which studies a t test over features decides, from the first seed alone.

    The features stand for layers: whether V's change is nearer to D's than to W's is tested over them as if they were
    independent.
    """
    v, d, w = V[:, 0], D[:, 0], W[:, 0]
    return ttest_1samp(np.abs(v - w) - np.abs(v - d), 0, axis=1).pvalue <= SIGNIFICANCE
