"""The spectra of a model's weights as a table with a row for each layer."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from weightscape.spectra.columns import IDENTITY, Column, spectrum_columns
from weightscape.spectra.layer import layer_columns
from weightscape.spectra.matrices import Layer, layers_of
from weightscape.spectra.settings import Settings

DELTA = "delta_"
"""Prefix of the columns that describe ΔW."""

NO_BEFORE = "layer is not in before"


def analyze(
    weights: Mapping[str, ArrayLike],
    *,
    before: Mapping[str, ArrayLike] | None = None,
    layers: Mapping[str, Mapping[str, Any]] | None = None,
    **settings: Any,
) -> pd.DataFrame:
    """Analyse the spectrum of every layer, and of its change.

    Parameters
    ----------
    weights
        Weight name → array: out × in for a dense layer, out × in/groups × kh × kw for a convolution, 3·d × d for
        a fused attention projection. Arrays of fewer than two dimensions (biases, norms) are passed over. The mapping
        is read one array at a time, so it may load lazily.
    before
        The same weights before training. Adds the columns of ΔW = W − W_before, named as those of W with the prefix
        ``delta_``.
    layers
        What the model says of its layers: weight name → ``{"kind": …, "groups": …}``. Without it, kernels
        count as ungrouped; see `weightscape.spectra.matrices.layers_of`.
    **settings
        See `weightscape.spectra.settings.Settings`: ``metrics``, ``conv``, ``small_n``, ``floor``.

    Returns
    -------
    pandas.DataFrame
        One row for each layer, in the order of `weights`; the columns are those of `weightscape.spectra.columns`, a
        superset of WeightWatcher 0.7.7's ``details``. What a layer does not have is NaN, and ``status`` says why.

    Raises
    ------
    ValueError
        If a weight holds NaN or infinity, has a shape that no layer has, or differs in shape from `before`: the
        message starts with its name. Also for unknown settings.

    Examples
    --------
    >>> import numpy as np
    >>> table = analyze({"fc.weight": np.random.default_rng(0).normal(size=(300, 100))})
    >>> table.loc[0, ["longname", "N", "M", "robust_num_spikes", "status"]].tolist()
    ['fc', 300, 100, 0, 'success']
    """
    chosen = Settings.of(**settings)
    rows: list[dict[str, Any]] = []
    for name in weights:
        weight = np.asarray(weights[name])
        if weight.ndim < 2:
            continue
        description = (layers or {}).get(name)
        parts = list(layers_of(name, weight, description, chosen.conv))
        changes: list[Layer | None] = [None] * len(parts)
        if before is not None and name in before:
            changes = list(layers_of(name, _difference(name, weight, before[name]), description, chosen.conv))
        for layer, change in zip(parts, changes, strict=True):
            row = _identity(len(rows), layer) | layer_columns(layer, chosen)
            if before is not None:
                delta = layer_columns(change, chosen) if change else {"status": NO_BEFORE}
                row |= {DELTA + column: value for column, value in delta.items()}
            rows.append(row)
    columns = [*IDENTITY, *spectrum_columns(chosen.metrics)]
    if before is not None:
        columns += [column._replace(name=DELTA + column.name) for column in spectrum_columns(chosen.metrics)]
    return _table(rows, columns)


def _difference(name: str, weight: np.ndarray, before: ArrayLike) -> np.ndarray:
    earlier = np.asarray(before)
    if earlier.shape != weight.shape:
        raise ValueError(f"{name}: shape {weight.shape} found, {earlier.shape} before")
    return weight.astype(np.float64) - earlier.astype(np.float64)


def _identity(layer_id: int, layer: Layer) -> dict[str, Any]:
    return {
        "layer_id": layer_id,
        "name": layer.name.rsplit(".", 1)[-1],
        "longname": layer.name,
        "layer_type": layer.layer_type,
        "N": layer.N,
        "M": layer.M,
        "rf": layer.rf,
        "Q": layer.N / layer.M,
    }


def _table(rows: list[dict[str, Any]], columns: list[Column]) -> pd.DataFrame:
    """Return the rows with one type for each column: counts are whole numbers that may be missing."""
    types = {"text": "str", "flag": "bool", "count": "Int64", "number": "float64"}
    table = pd.DataFrame(rows, columns=[column.name for column in columns])
    for column in columns:
        if column.kind == "text":
            table[column.name] = table[column.name].fillna("")
        elif column.kind == "flag":
            table[column.name] = table[column.name].eq(True)
        table[column.name] = table[column.name].astype(types[column.kind])
    return table
