"""Spectral fingerprints: what a condition does to the weights, as a vector per seed in units of seed noise.

The unit of a feature is its between-seed SD within conditions, pooled over all conditions that are compared. A unit
from the baselines alone would hold the very noise that every effect shares: features in which the baseline's seeds
happen to agree would be blown up, effects that do not exist would look alike (⟨A,B⟩ > 0) and act, and T would differ
from 0 too often where diversity is orthogonal to both regularisers (docs/statistics.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from weightscape.statistics.constants import BASELINE, MINIMUM_SEEDS
from weightscape.statistics.cross_validated import without_each_seed
from weightscape.statistics.layers import LayerMeans, layer_means
from weightscape.statistics.paired import CONSTANT


@dataclass(frozen=True)
class Dropped:
    """Why a feature has no unit.

    `why` is "no layer" (none of `n_layers` has a value in every run), "one seed" (there is no spread to measure),
    "constant" (the seeds of a condition do not differ), or "one differs" (only one seed does).
    """

    why: str
    n_layers: int = 0


@dataclass(frozen=True)
class Fingerprints:
    """Features of all runs that are compared, and the paired differences from the baseline in units of seed noise.

    Attributes
    ----------
    runs
        Per condition, the baseline among them, an array (S, features); rows are the seeds of `seeds`.
    features
        Names ``group/metric``.
    seeds
        The paired seeds that all conditions have.
    dropped
        Features that were left out, and why.
    layers
        Per kept feature the number of layers used and the number that the group has.
    """

    runs: dict[str, np.ndarray]
    features: tuple[str, ...]
    seeds: tuple[int, ...]
    dropped: dict[str, Dropped]
    layers: dict[str, tuple[int, int]]

    @cached_property
    def scales(self) -> np.ndarray:
        """The unit of each feature: its between-seed SD within conditions, pooled over all of them."""
        return within_condition_sd(np.stack(list(self.runs.values()))) if self.features else np.empty(0)

    @cached_property
    def effects(self) -> dict[str, np.ndarray]:
        """Per condition its difference from the baseline of the same seed in units of `scales`, (S, features)."""
        baseline = self.runs[BASELINE]
        return {name: (values - baseline) / self.scales for name, values in self.runs.items() if name != BASELINE}

    def series_effect(self, conditions: Sequence[str]) -> np.ndarray:
        """Return the mean effect of a series' conditions (its doses), shape (S, features)."""
        return np.mean([self.effects[condition] for condition in conditions], axis=0)

    def without_seed(self, place: int) -> "Fingerprints":
        """Return the fingerprints without the seed at a place; their units are estimated without it too."""
        return replace(
            self,
            runs={name: np.delete(values, place, axis=0) for name, values in self.runs.items()},
            seeds=self.seeds[:place] + self.seeds[place + 1 :],
        )


def fingerprints(spectra: pd.DataFrame, metrics: Sequence[str], of: str = "after") -> Fingerprints:
    """Return the fingerprints of all conditions in a spectra table.

    Parameters
    ----------
    spectra
        Spectra table of the runs to compare, `BASELINE` among them.
    metrics
        Names of the metrics of one feature family.
    of
        Which weights: "after" or "delta".

    Raises
    ------
    ValueError
        If the baseline is missing.

    Notes
    -----
    A feature is the mean of a metric over the layers of a group. The weights before fine-tuning are the same in all
    runs, so (after − before) of the condition minus that of the baseline is the difference of the two "after".
    """
    runs = spectra[spectra["of"] == of]
    names = list(dict.fromkeys(runs["condition"]))
    if BASELINE not in names:
        raise ValueError(f"the spectra table has no condition {BASELINE!r}")
    means = layer_means(runs, metrics, of=of, overall=False)
    per_condition = {name: means.values.xs(name, level="condition") for name in sorted(names)}
    seeds = sorted(set.intersection(*(set(frame.index) for frame in per_condition.values())))
    values = {name: frame.loc[seeds].to_numpy(dtype=float) for name, frame in per_condition.items()}
    dropped = _dropped(means, values)
    kept = [feature not in dropped for feature in means.values.columns]
    features = [str(feature) for feature in means.values.columns[kept]]
    return Fingerprints(
        runs={name: array[:, kept] for name, array in values.items()},
        features=tuple(features),
        seeds=tuple(int(seed) for seed in seeds),
        dropped=dropped,
        layers={feature: (means.used[feature], means.total[feature]) for feature in features},
    )


def within_condition_sd(runs: np.ndarray) -> np.ndarray:
    """Return the SD between the seeds of a condition, pooled over conditions: √ of the mean of the variances.

    Parameters
    ----------
    runs : shape (…, conditions, S, features)
        Features of all runs, S ≥ 2.

    Returns
    -------
    shape (…, features)
    """
    return np.sqrt(runs.var(axis=-2, ddof=1).mean(axis=-2))


def _dropped(means: LayerMeans, values: Mapping[str, np.ndarray]) -> dict[str, Dropped]:
    """Return the features that have no unit, and why.

    A unit must exist without any one seed, since the jackknife estimates it anew each time.
    """
    runs = np.stack(list(values.values()))
    n_seeds = runs.shape[1]
    size = CONSTANT * np.abs(runs).max(axis=(0, 1), initial=0)
    spread = lasting = np.zeros(len(size), dtype=bool)
    if n_seeds > 1:
        spread = lasting = within_condition_sd(runs) > size
    if n_seeds >= MINIMUM_SEEDS:
        lasting = (within_condition_sd(np.moveaxis(without_each_seed(runs), 1, 0)) > size).all(axis=0)
    dropped: dict[str, Dropped] = {}
    for place, feature in enumerate(means.values.columns):
        if means.used[feature] == 0:
            dropped[feature] = Dropped("no layer", means.total[feature])
        elif n_seeds < 2:
            dropped[feature] = Dropped("one seed")
        elif not spread[place]:
            dropped[feature] = Dropped("constant")
        elif not lasting[place]:
            dropped[feature] = Dropped("one differs")
    return dropped
