"""Spectral fingerprints: what a condition does to the weights, as a vector per seed in units of seed noise.

A feature is the mean of a metric over the layers of a group, each layer in units of its own between-seed SD: in a raw
mean one layer of large values would stand for all. The feature is then divided by its own between-seed SD.

Both units are SDs within conditions, pooled over all conditions that are compared. Units from the baselines alone would
hold the very noise that every effect shares: features in which the baseline's seeds happen to agree would be blown up,
effects that do not exist would look alike (⟨A,B⟩ > 0) and act, and T would differ from 0 too often where diversity is
orthogonal to both regularisers (docs/statistics.md).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from weightscape.statistics.constants import BASELINE, MINIMUM_SEEDS
from weightscape.statistics.cross_validated import without_each_seed
from weightscape.statistics.layers import LayerMetrics, layer_metrics
from weightscape.statistics.paired import CONSTANT

Pooling = Literal["standardised mean", "raw mean", "standardised median"]
"""How the layers of a group become a feature."""


@dataclass(frozen=True)
class Dropped:
    """Why a feature has no unit.

    `why` is "no layer" (none of `n_layers` has a value in every run), "one seed" (there is no spread to measure),
    "constant" (the seeds of a condition do not differ), or "one differs" (only one seed does).
    """

    why: str
    n_layers: int = 0


@dataclass(frozen=True, eq=False)
class Fingerprints:
    """Layers of all runs that are compared, and the paired differences from the baseline in units of seed noise.

    Attributes
    ----------
    layer_values
        Per condition, the baseline among them, an array (S, values): a metric of a layer each, those of a feature side
        by side; rows are the seeds of `seeds`.
    feature_of
        The place in `features` of each of the values.
    features
        Names ``group/metric``.
    seeds
        The paired seeds that all conditions have.
    beside
        Conditions that have no part in the units.
    dropped
        Features that were left out, and why.
    layers
        Per kept feature the number of layers used and the number that the group has; the others have no value in some
        run, or are constant.
    unreached
        Layers that are left out since the baseline's training does not reach all of their weights.
    pooling
        How layers become a feature.
    """

    layer_values: dict[str, np.ndarray]
    feature_of: np.ndarray
    features: tuple[str, ...]
    seeds: tuple[int, ...]
    beside: frozenset[str]
    dropped: dict[str, Dropped]
    layers: dict[str, tuple[int, int]]
    unreached: tuple[str, ...]
    pooling: Pooling = "standardised mean"

    @cached_property
    def runs(self) -> dict[str, np.ndarray]:
        """Per condition its features before they are divided by their units, (S, features)."""
        if not self.features:
            return {name: np.empty((len(self.seeds), 0)) for name in self.layer_values}
        units = self._unit_runs(self.layer_values)
        middle = self.layer_values[BASELINE].mean(axis=0)
        sd = np.ones(len(self.feature_of)) if self.pooling == "raw mean" else within_condition_sd(units)
        parts = [self.feature_of == place for place in range(len(self.features))]
        pool = np.median if self.pooling == "standardised median" else np.mean
        whole = (np.stack(list(self.layer_values.values())) - middle) / sd
        pooled = np.stack([pool(whole[:, :, part], axis=-1) for part in parts], axis=-1)
        return dict(zip(self.layer_values, pooled, strict=True))

    @cached_property
    def scales(self) -> np.ndarray:
        """The unit of each feature: its between-seed SD within conditions, pooled over all of them."""
        return within_condition_sd(self._unit_runs(self.runs)) if self.features else np.empty(0)

    @cached_property
    def effects(self) -> dict[str, np.ndarray]:
        """Per condition its difference from the baseline of the same seed in units of `scales`, (S, features)."""
        baseline = self.runs[BASELINE]
        return {name: (values - baseline) / self.scales for name, values in self.runs.items() if name != BASELINE}

    @cached_property
    def deletions(self) -> tuple["Fingerprints", ...]:
        """The fingerprints without each seed in turn."""
        return tuple(self.without_seed(place) for place in range(len(self.seeds)))

    @cached_property
    def effects_deleted(self) -> dict[str, np.ndarray]:
        """Per condition its effects without each seed in turn, (S, S − 1, features)."""
        return {name: np.stack([part.effects[name] for part in self.deletions]) for name in self.effects}

    def series_effect(self, conditions: Sequence[str]) -> np.ndarray:
        """Return the mean effect of a series' conditions (its doses), shape (S, features)."""
        return series_effect(self.effects, conditions)

    def without_seed(self, place: int) -> "Fingerprints":
        """Return the fingerprints without the seed at a place; all units are estimated without it too."""
        return replace(
            self,
            layer_values={name: np.delete(values, place, axis=0) for name, values in self.layer_values.items()},
            seeds=self.seeds[:place] + self.seeds[place + 1 :],
        )

    def only(self, kept: Sequence[bool]) -> "Fingerprints":
        """Return the fingerprints with some of their features."""
        places = np.flatnonzero(kept)
        values = np.isin(self.feature_of, places)
        features = tuple(self.features[place] for place in places)
        return replace(
            self,
            layer_values={name: array[:, values] for name, array in self.layer_values.items()},
            feature_of=np.searchsorted(places, self.feature_of[values]),
            features=features,
            layers={feature: self.layers[feature] for feature in features},
        )

    def _unit_runs(self, values: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the values of the conditions whose spread makes the units, (conditions, S, …)."""
        return np.stack([array for name, array in values.items() if name not in self.beside])


def fingerprints(
    spectra: pd.DataFrame, metrics: Sequence[str], of: str = "after", beside: Collection[str] = ()
) -> Fingerprints:
    """Return the fingerprints of all conditions in a spectra table.

    Parameters
    ----------
    spectra
        Spectra table of the runs to compare, `BASELINE` among them.
    metrics
        Names of the metrics of one feature family.
    of
        Which weights: "after" or "delta".
    beside
        Conditions that must change nothing for the others: they have no part in the units or in the choice of layers
        and seeds. One that lacks a seed of the others is left out, one that lacks a layer's value has NaN.

    Raises
    ------
    ValueError
        If the baseline is missing.

    Notes
    -----
    The weights before fine-tuning are the same in all runs, so (after − before) of the condition minus that of the
    baseline is the difference of the two "after".
    """
    runs = spectra[spectra["of"] == of]
    names = sorted(set(runs["condition"]))
    if BASELINE not in names:
        raise ValueError(f"the spectra table has no condition {BASELINE!r}")
    layers = layer_metrics(runs, metrics, of)
    seeds_of = {str(name): set(rows) for name, rows in runs.groupby("condition")["seed"].unique().items()}
    seeds = sorted(set.intersection(*(found for name, found in seeds_of.items() if name not in beside)))
    kept = [name for name in names if set(seeds) <= seeds_of[name]]
    values: dict[str, list[np.ndarray]] = {name: [] for name in kept}
    feature_of: list[int] = []
    dropped: dict[str, Dropped] = {}
    used: dict[str, tuple[int, int]] = {}
    for feature, columns in _features(layers):
        arrays = {name: columns.loc[name].loc[seeds].to_numpy(dtype=float) for name in kept}
        whole = np.stack([arrays[name] for name in kept if name not in beside])
        finite = np.isfinite(whole).all(axis=(0, 1))
        spread, lasting = _spread(np.where(finite, whole, 0.0))
        if lasting.any():
            feature_of += [len(used)] * int(lasting.sum())
            used[feature] = int(lasting.sum()), len(finite)
            for name, array in arrays.items():
                values[name].append(array[:, lasting])
        else:
            dropped[feature] = _why(finite, spread, len(seeds))
    return Fingerprints(
        layer_values={name: np.concatenate(parts, axis=1) if parts else np.empty((len(seeds), 0))
                      for name, parts in values.items()},
        feature_of=np.array(feature_of, dtype=int),
        features=tuple(used),
        seeds=tuple(int(seed) for seed in seeds),
        beside=frozenset(beside) & set(kept),
        dropped=dropped,
        layers=used,
        unreached=layers.unreached,
    )  # fmt: skip


def series_effect(effects: Mapping[str, np.ndarray], conditions: Sequence[str]) -> np.ndarray:
    """Return the mean of the effects of a series' conditions (its doses)."""
    if len(conditions) == 1:
        return effects[conditions[0]]
    return np.mean([effects[condition] for condition in conditions], axis=0)


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


def _features(layers: LayerMetrics) -> list[tuple[str, pd.DataFrame]]:
    """Return each feature's name and the values of its layers, metric by metric."""
    return [
        (f"{group}/{metric}", wide.loc[:, (layers.group_of.reindex(wide.columns) == group).to_numpy()])
        for metric, wide in layers.values.items()
        for group in layers.groups
    ]


def _spread(runs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which values differ between the seeds of a condition, and which do so without any one seed.

    A unit must exist without any one seed, since the jackknife estimates it anew each time.
    """
    n_seeds = runs.shape[1]
    if n_seeds < 2:
        none = np.zeros(runs.shape[-1], dtype=bool)
        return none, none
    size = CONSTANT * np.abs(runs).max(axis=(0, 1), initial=0)
    spread = within_condition_sd(runs) > size
    if n_seeds < MINIMUM_SEEDS:
        return spread, spread
    return spread, (within_condition_sd(np.moveaxis(without_each_seed(runs), 1, 0)) > size).all(axis=0)


def _why(finite: np.ndarray, spread: np.ndarray, n_seeds: int) -> Dropped:
    """Return why no layer of a feature is left."""
    if not finite.any():
        return Dropped("no layer", len(finite))
    if n_seeds < 2:
        return Dropped("one seed")
    return Dropped("one differs" if spread.any() else "constant")
