"""Simulated studies for the calibration of claim 1: all runs of a study, with the code's own units, effects and tests.

Lengths are in between-seed SDs of one feature, the unit of T: an effect of length 3 along dropout and nothing along
weight decay has T = 3. Every condition has noise of its own, all effects share the noise of the baseline, and the units
of the features are estimated from the runs, as in a real study.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
from scipy.stats import ttest_1samp

from weightscape.statistics.constants import SIGNIFICANCE
from weightscape.statistics.cross_validated import without_each_seed
from weightscape.statistics.features import within_condition_sd
from weightscape.statistics.many_studies import ContrastsOfStudies, contrast_studies
from weightscape.statistics.spectral_contrast import opposed_series
from weightscape.streams import stream

HEAVY_DF = 4
AT_ONCE = 250
"""Studies that are held in memory at once."""

Vector = tuple[float, float, float, float]
NOTHING: Vector = (0, 0, 0, 0)
DROPOUT: Vector = (6, 0, 0, 0)
DECAY: Vector = (0, 6, 0, 0)
LEARNING: Vector = (0, 0, 0, 6)


@dataclass(frozen=True)
class Cell:
    """One situation: the effects of a series of diversity (v), of dropout, of weight decay and of early stopping.

    Their parts are along four orthogonal axes: dropout's, weight decay's, one of neither, and that of how far training
    went. Every study has axes of its own. The noise of weight decay's runs is multiplied by `noise_w`.
    """

    name: str
    v: Vector
    d: Vector = DROPOUT
    w: Vector = DECAY
    e: Vector = LEARNING
    noise_w: float = 1.0

    @property
    def answer(self) -> str:
        """The right verdict: for dropout if V reaches along it, and further than along weight decay."""
        return "dropout" if self.v[0] > max(self.v[1], 0) else "undetermined"

    @property
    def contrast(self) -> float:
        """The true T."""
        return self.v[0] - self.v[1]


HALF = float(np.sqrt(0.5))
CELLS = (
    Cell("nothing acts", NOTHING, NOTHING, NOTHING, NOTHING),
    Cell("only weight decay and early stopping act", NOTHING, NOTHING, (0, 25, 0, 0)),
    Cell("diversity does nothing", NOTHING),
    Cell("only learning", (0, 0, 0, 6)),
    Cell("only learning, much of it", (0, 0, 0, 20)),
    Cell("only learning, dropout and decay learn less and more", (0, 0, 0, 6), (6, 0, 0, 6), (0, 6, 0, -3)),
    Cell("only learning, dropout hardly anything else", (0, 0, 0, 6), (2, 0, 0, 6)),
    Cell("only learning, early stopping weak", (0, 0, 0, 2.5), e=(0, 0, 0, 2.5)),
    Cell("the same, dropout learns less", (0, 0, 0, 5), (6, 0, 0, 4), (0, 6, 0, -4), (0, 0, 0, 2.5)),
    Cell("equally along both", (3, 3, 0, 0)),
    Cell("equally along both, and learning", (3, 3, 0, 4), (6, 0, 0, 4), (0, 6, 0, 4)),
    Cell("equally along both, decay 10 times dropout", (3, 3, 0, 0), (4, 0, 0, 0), (0, 40, 0, 0)),
    Cell("far along both, decay 25 times dropout", (14, 14, 0, 0), (4, 0, 0, 0), (0, 100, 0, 0)),
    Cell("orthogonal", (0, 0, 6, 0)),
    Cell("orthogonal, far", (0, 0, 20, 0)),
    Cell("orthogonal, all weak", (0, 0, 3, 0), (3, 0, 0, 0), (0, 3, 0, 0), (0, 0, 0, 3)),
    Cell("orthogonal, decay three times as noisy", (0, 0, 6, 0), noise_w=3),
    Cell("only opposed to weight decay", (0, -4, 0, 0)),
    Cell("T = 1", (1, 0, 0, 0)),
    Cell("T = 2", (2, 0, 0, 0)),
    Cell("T = 3", (3, 0, 0, 0)),
    Cell("T = 3, and learning", (3, 0, 0, 4), (6, 0, 0, 4), (0, 6, 0, -2)),
    Cell("T = 3, and something else", (3, 0, 5, 0)),
)


@dataclass(frozen=True)
class Noise:
    """Noise of a run: its law, the correlation between any two features, and how many features there are."""

    name: str
    law: str
    correlation: float
    n_features: int


NOISES = (
    Noise("normal noise, 12 independent features", "normal", 0.0, 12),
    Noise("heavy-tailed noise (t with 4 degrees of freedom), 12 correlated features", "heavy", 0.3, 12),
    Noise("skewed noise (exponential), 16 correlated features", "skewed", 0.3, 16),
)


@dataclass(frozen=True)
class Layout:
    """A study of one dose each: two baselines, dropout, weight decay, early stopping, and series of diversity."""

    name: str
    n_series: int

    @property
    def n_conditions(self) -> int:
        """Number of all conditions."""
        return FIRST_SERIES + self.n_series


FIRST_SERIES = 5
"""Place of the first series of diversity; before it are the baselines, dropout, weight decay and early stopping."""

DEFAULT = Layout("default study", 4)
"""The conditions of claim 1 in config/digits.yaml."""

SMALL = Layout("small study", 2)


def axes(n_studies: int, n_features: int, rng: np.random.Generator) -> np.ndarray:
    """Four orthonormal directions for each study, of no preferred orientation: shape (n_studies, 4, n_features)."""
    return np.swapaxes(np.linalg.qr(rng.normal(size=(n_studies, n_features, 4)))[0], -1, -2)


def simulate(
    cell: Cell, layout: Layout, noise: Noise, seeds: int, n_studies: int, series: Sequence[Vector] = ()
) -> Iterator[np.ndarray]:
    """Yield the runs of many studies, some at a time: shape (studies, conditions, seeds, features).

    All series of diversity have the effect of the cell, unless `series` gives one for each.
    """
    rng = stream("calibration", cell.name, layout.name, noise.name, seeds)
    parts = np.zeros((layout.n_conditions, 4))
    parts[2:FIRST_SERIES] = cell.d, cell.w, cell.e
    parts[FIRST_SERIES:] = series or cell.v
    spread = np.ones((layout.n_conditions, 1, 1))
    spread[3] = cell.noise_w
    for start in range(0, n_studies, AT_ONCE):
        shape = (min(AT_ONCE, n_studies - start), layout.n_conditions, seeds, noise.n_features)
        truth = (parts @ axes(shape[0], noise.n_features, rng))[:, :, None]
        yield truth + spread * draw(noise, shape, rng)


def draw(noise: Noise, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Return noise of mean 0 and SD 1 in every feature."""
    parts = (*shape[:-1], 1), shape
    if noise.law == "skewed":
        common, own = (rng.exponential(size=part) - 1 for part in parts)
    else:
        common, own = (rng.normal(size=part) for part in parts)
    values = np.sqrt(noise.correlation) * common + np.sqrt(1 - noise.correlation) * own
    if noise.law == "heavy":
        values = values * np.sqrt((HEAVY_DF - 2) / rng.chisquare(HEAVY_DF, size=parts[0]))
    return values


def effects(runs: np.ndarray, pooled: bool = False, units: np.ndarray | None = None) -> list[np.ndarray]:
    """Return V, D, W and E of runs (…, conditions, seeds, features), in `units` if they are not those of the code.

    V is the effect of the first series of diversity, or the mean over all.
    """
    units = within_condition_sd(runs) if units is None else units
    differences = (runs - runs[..., :1, :, :]) / units[..., None, None, :]
    last = FIRST_SERIES + 1 if not pooled else None
    return [
        differences[..., FIRST_SERIES:last, :, :].mean(axis=-3),
        *(differences[..., i, :, :] for i in range(2, FIRST_SERIES)),
    ]


def ours(runs: np.ndarray, pooled: bool = False, removed: bool = True) -> ContrastsOfStudies:
    """Return what our procedure finds of the first series or of all together, or would find if it removed nothing."""
    deleted = np.moveaxis(without_each_seed(runs), -3, -4)
    n_effects = 3 + removed
    return contrast_studies(effects(runs, pooled)[:n_effects], effects(deleted, pooled)[:n_effects])


def decided(
    cell: Cell, layout: Layout, noise: Noise, seeds: int, n_studies: int, pooled: bool = False, removed: bool = True
) -> float:
    """Return the share of simulated studies in which our procedure comes to a verdict."""
    found = [ours(runs, pooled, removed).decided() for runs in simulate(cell, layout, noise, seeds, n_studies)]
    return float(np.concatenate(found).mean())


def mixed(series: Sequence[Vector], noise: Noise, seeds: int, n_studies: int) -> float:
    """Return the share of studies in which two of the series are called opposed."""
    layout = Layout("mixed", len(series))
    names = [str(i) for i in range(len(series))]
    of_series = {name: [name] for name in [*names, "early"]}
    found = []
    for runs in simulate(Cell("mixed", NOTHING), layout, noise, seeds, n_studies, series):
        for study in runs:
            whole, deleted = by_condition(study), by_condition(np.moveaxis(without_each_seed(study), -3, -4))
            prints = SimpleNamespace(effects=whole, effects_deleted=deleted, seeds=range(seeds), features=names)
            found.append(bool(opposed_series(prints, of_series, names, removed=["early"])))
    return float(np.mean(found))


def by_condition(runs: np.ndarray) -> dict[str, np.ndarray]:
    """Return the effects of early stopping and of each series by name."""
    differences = (runs - runs[..., :1, :, :]) / within_condition_sd(runs)[..., None, None, :]
    series = {str(i): differences[..., FIRST_SERIES + i, :, :] for i in range(runs.shape[-3] - FIRST_SERIES)}
    return {"early": differences[..., FIRST_SERIES - 1, :, :]} | series


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
