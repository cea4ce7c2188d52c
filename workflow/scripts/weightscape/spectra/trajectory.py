"""Spectra along training: some metrics of W and of ΔW, at some points of a run."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from weightscape.spectra.cache import Cache
from weightscape.spectra.columns import SPECTRUM, used_as
from weightscape.spectra.layer import layer_columns
from weightscape.spectra.matrices import Layers, layers_of
from weightscape.spectra.rows import Weight, spectrum_row
from weightscape.spectra.settings import METRICS, Settings
from weightscape.spectra.study import places

KEYS = ("condition", "series", "family", "dose", "seed", "epoch", "step", "of", "layer", "group", "depth")
"""First columns of the table; the metrics follow."""

AFTER, DELTA = "after", "delta"
RANK = ("sv_min", "sv_max")
"""Of ΔW always, to tell the layers that training does not reach (`weightscape.statistics.layers`)."""


class Trajectory:
    """The points of one run at which its spectra are taken.

    Only what the metrics need is computed, of the backbone's layers. Values are those of the table `spectra`.

    Parameters
    ----------
    before
        Weight name → array, of the network that training starts from.
    layers
        The backbone's layers: weight name → ``{"kind", "groups", "depth"}``.
    metrics
        Columns of the spectra table: those of W under ``"after"``, those of ΔW under ``"delta"``.
    cache
        Shared by the runs of a job: the network that they start from is decomposed once, and so are frozen layers.
    """

    def __init__(
        self, before: Mapping[str, np.ndarray], layers: Layers, metrics: Mapping[str, Sequence[str]], cache: Cache
    ):
        self._before = {name: before[name] for name in before if name in layers}
        self._layers, self._cache = layers, cache
        self._columns = {AFTER: _with_validity(metrics[AFTER]), DELTA: [*_with_validity(metrics[DELTA]), *RANK]}
        self._settings = {of: _settings(columns) for of, columns in self._columns.items()}

    @cached_property
    def columns(self) -> list[str]:
        """The metrics in the table, and what tells where they are valid."""
        wanted = {name for columns in self._columns.values() for name in columns}
        return [column.name for column in SPECTRUM if column.name in wanted]

    def observe(self, weights: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the metrics of every layer's W, and then of every layer's ΔW, at one point of training.

        Parameters
        ----------
        weights
            The network's state, with the names and shapes of `before` among others.

        Returns
        -------
        numpy.ndarray
            float64, shape (2 · layers, columns); flags are 0 or 1, NaN is what cannot be computed.
        """
        rows: dict[str, list[Mapping[str, Any]]] = {AFTER: [], DELTA: []}
        for name, before in self._before.items():
            weight = Weight(name, weights[name], self._layers[name], self._settings[AFTER])
            rows[AFTER] += [spectrum_row(weight, part, self._cache).row for part in range(weight.parts)]
            difference = np.subtract(weights[name], before, dtype=np.float64)
            settings = self._settings[DELTA]
            for delta in layers_of(name, difference, self._layers[name], settings.conv):
                rows[DELTA].append(layer_columns(delta, settings)[0])
        return np.array(
            [
                [float(row[name]) if name in columns else np.nan for name in self.columns]
                for of, columns in self._columns.items()
                for row in rows[of]
            ]
        )

    def table(self, points: Iterable[tuple[int, int, np.ndarray]], keys: Mapping[str, Any]) -> pd.DataFrame:
        """Return the points of a run as a table: a row per point and layer of W, and after the first point of ΔW.

        Parameters
        ----------
        points
            Epoch, optimiser step and what `observe` returned, in order; the first is before training.
        keys
            ``condition``, ``series``, ``family``, ``dose`` (``None`` where there is none) and ``seed`` of the run.
        """
        names = [
            layer.name
            for name, array in self._before.items()
            for layer in layers_of(name, array, self._layers[name], self._settings[AFTER].conv)
        ]
        groups, depths = zip(*places(names, self._layers), strict=True)
        parts = [
            pd.DataFrame(values[half * len(names) :][: len(names)], columns=self.columns).assign(
                epoch=epoch, step=step, of=of, layer=names, group=groups, depth=depths
            )
            for epoch, step, values in points
            for half, of in enumerate((AFTER, DELTA))
            if of == AFTER or step > 0
        ]
        table = pd.concat(parts, ignore_index=True).assign(**keys).astype({"dose": "float64"})
        ordered = table[[*KEYS, *self.columns]]
        return ordered.sort_values(["step", "of", "depth", "layer"], kind="stable", ignore_index=True)


def _with_validity(metrics: Sequence[str]) -> list[str]:
    """Return the metrics, and the flag of the power law's validity where one of them comes from its fit."""
    return [*metrics, *(["alpha_valid"] if {*metrics} & {*used_as("fit")} else [])]


def _settings(columns: Sequence[str]) -> Settings:
    """Return the settings that compute these columns, and as little else as can be."""
    groups = {column.group for column in SPECTRUM if column.name in columns}
    return Settings(tuple(metric for metric in METRICS if metric in groups))
