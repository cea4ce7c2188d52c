"""Spectral fingerprints: what a condition does to the weights, as a vector per seed in units of seed noise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from weightscape.statistics.constants import BASELINE, BASELINE_B
from weightscape.statistics.layers import LayerMeans, layer_means
from weightscape.statistics.paired import CONSTANT


@dataclass(frozen=True)
class Fingerprints:
    """Paired differences of all features from the baseline, each divided by the baseline's between-seed SD.

    Attributes
    ----------
    effects
        Per condition an array (S, features); rows are the seeds of `seeds`.
    features
        Names ``group/metric``.
    seeds
        The paired seeds that all conditions have.
    scales
        The SD that each feature was divided by.
    dropped
        Features that were left out, with the reason.
    layers
        Per kept feature the number of layers used and the number that the group has.
    """

    effects: dict[str, np.ndarray]
    features: tuple[str, ...]
    seeds: tuple[int, ...]
    scales: np.ndarray
    dropped: dict[str, str]
    layers: dict[str, tuple[int, int]]

    def series_effect(self, conditions: Sequence[str]) -> np.ndarray:
        """Return the mean effect of a series' conditions (its doses), shape (S, features)."""
        return np.mean([self.effects[condition] for condition in conditions], axis=0)


def fingerprints(spectra: pd.DataFrame, metrics: Sequence[str], of: str = "after") -> Fingerprints:
    """Return the fingerprints of all conditions in a spectra table.

    Parameters
    ----------
    spectra
        Spectra table of the runs to compare, `BASELINE` among them; `BASELINE_B`, where there, only adds to the SD and
        is a condition like any other.
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
    features, scales, dropped = _scales(means, per_condition)
    baseline = per_condition[BASELINE].loc[seeds, features].to_numpy()
    effects = {
        name: (frame.loc[seeds, features].to_numpy() - baseline) / scales
        for name, frame in per_condition.items()
        if name != BASELINE
    }
    layers = {feature: (means.used[feature], means.total[feature]) for feature in features}
    return Fingerprints(effects, tuple(features), tuple(int(s) for s in seeds), scales, dropped, layers)


def _scales(
    means: LayerMeans, per_condition: Mapping[str, pd.DataFrame]
) -> tuple[list[str], np.ndarray, dict[str, str]]:
    """Return the features to keep, the baseline's between-seed SD of each, and why the others are dropped."""
    references = [per_condition[name] for name in (BASELINE, BASELINE_B) if name in per_condition]
    features: list[str] = []
    scales: list[float] = []
    dropped: dict[str, str] = {}
    for feature in means.values.columns:
        samples = [frame[feature].to_numpy() for frame in references if len(frame) > 1]
        if means.used[feature] == 0:
            dropped[feature] = f"none of {means.total[feature]} layers has a value in every run"
        elif not samples:
            dropped[feature] = "one baseline seed has no spread"
        elif (sd := pooled_sd(samples)) <= CONSTANT * max(np.abs(sample).max() for sample in samples):
            dropped[feature] = "the baseline's seeds do not differ in it"
        else:
            features.append(feature)
            scales.append(sd)
    return features, np.array(scales), dropped


def pooled_sd(samples: Sequence[np.ndarray]) -> float:
    """Return the SD within samples: √(Σ sums of squares / Σ degrees of freedom), each about its own mean."""
    squares = sum(((sample - sample.mean()) ** 2).sum() for sample in samples)
    return float(np.sqrt(squares / sum(len(sample) - 1 for sample in samples)))
