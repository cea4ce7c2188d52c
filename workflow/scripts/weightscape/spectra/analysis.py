"""The spectra of a model's weights as a table with a row for each layer."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from weightscape.spectra.cache import Cache, Uncached
from weightscape.spectra.columns import IDENTITY, Column, change_columns, spectrum_columns
from weightscape.spectra.layer import missing
from weightscape.spectra.matrices import LayerDescription, Layers
from weightscape.spectra.rows import DELTA, Weight, change_row, spectrum_row
from weightscape.spectra.settings import DEFAULT_METRICS, Conv, Settings, SmallN, Xmin

NO_BEFORE = "layer is not in before"

Watch = Callable[[str, np.ndarray, dict[str, Any]], None]
"""What `analyze` calls after each layer: with the layer's name, its eigenvalues and its row."""


def analyze(
    weights: Mapping[str, ArrayLike],
    *,
    before: Mapping[str, ArrayLike] | None = None,
    layers: Layers | None = None,
    metrics: Iterable[str] = DEFAULT_METRICS,
    conv: Conv = "ww",
    small_n: SmallN = "plain",
    xmin: Xmin = "ks",
    floor: float | None = None,
    bootstrap: int = 0,
    randomize: int = 0,
    seed: int = 0,
    device: str = "numpy",
    cache: Cache | None = None,
    on_layer: Watch | None = None,
) -> pd.DataFrame:
    """Analyse the spectrum of every layer, and its change.

    Parameters
    ----------
    weights
        Weight name → array or torch tensor: out × in for a dense layer, out × in/groups × kh × kw for a convolution,
        3·d × d for a fused attention projection. Arrays of fewer than two dimensions (biases, norms) are passed over.
        The mapping is read one array at a time, so it may load lazily.
    before
        The same weights before training. Adds the columns of the change, and those of the spectrum of
        ΔW = W − W_before, named as those of W with the prefix ``delta_``.
    layers
        What the model says of its layers: weight name → ``{"kind": …, "groups": …}``. Without it, kernels
        count as ungrouped; see `weightscape.spectra.matrices.layers_of`.
    metrics, conv, small_n, xmin, floor, bootstrap, randomize, seed, device
        See `weightscape.spectra.settings.Settings`.
    cache
        Results of earlier calls, to which those of this call are added.
    on_layer
        Called after each layer with its name, its eigenvalues and its row; for progress and plots.

    Returns
    -------
    pandas.DataFrame
        One row for each layer, in the order of `weights`; the columns are those of `weightscape.spectra.columns`, a
        superset of WeightWatcher 0.7.7's ``details``. What a layer does not have is missing, and ``status`` says why.

    Raises
    ------
    ValueError
        If a weight holds NaN or infinity or other things than real numbers, has a shape that no layer has, or differs
        in shape from `before`: the message starts with its name. Also for settings that are not allowed.

    Examples
    --------
    >>> import numpy as np
    >>> table = analyze({"fc.weight": np.random.default_rng(0).normal(size=(300, 100))})
    >>> table[["longname", "N", "M", "robust_num_spikes", "status"]].to_string(index=False, header=False)
    'fc 300 100 0 success'
    """
    chosen = Settings(tuple(metrics), conv, small_n, xmin, floor, bootstrap, randomize, seed, device)
    columns = [*IDENTITY, *spectrum_columns(chosen.groups)]
    if before is not None:
        columns += change_columns(chosen.groups)
        columns += [column._replace(name=DELTA + column.name) for column in spectrum_columns(chosen.groups)]
    rows: list[dict[str, Any]] = []
    for name in weights:
        for row in _weight_rows(name, weights, before, (layers or {}).get(name), chosen, cache, on_layer):
            unknown = missing(columns) | ({DELTA + "status": NO_BEFORE} if before is not None else {})
            rows.append(unknown | row | {"layer_id": len(rows)})
    return _table(rows, columns)


def _weight_rows(
    name: str,
    weights: Mapping[str, ArrayLike],
    before: Mapping[str, ArrayLike] | None,
    description: LayerDescription | None,
    settings: Settings,
    cache: Cache | None,
    on_layer: Watch | None,
) -> Iterator[dict[str, Any]]:
    """Yield the rows of the layers that one weight holds."""
    array = _as_array(name, weights[name])
    if array.ndim < 2:
        return
    store = cache or Uncached()
    weight = Weight(name, array, description, settings)
    earlier = Weight(name, _as_array(name, before[name]), description, settings) if before and name in before else None
    if earlier is not None and earlier.array.shape != array.shape:
        raise ValueError(f"{name}: shape {array.shape} found, {earlier.array.shape} before")
    for part in range(weight.parts):
        spectrum = spectrum_row(weight, part, store)
        row = spectrum.row
        if earlier is not None:
            row |= change_row(weight, earlier, part, spectrum.eigenvalues, store)
        if on_layer is not None:
            on_layer(str(row["longname"]), spectrum.eigenvalues(), row)
        yield row


def _as_array(name: str, weight: Any) -> np.ndarray:
    """Return a weight as a NumPy array of real numbers; a torch tensor or parameter is taken as well."""
    if hasattr(weight, "detach"):
        tensor = weight.detach().cpu()
        weight = tensor.float() if "float8" in str(tensor.dtype) or "bfloat16" in str(tensor.dtype) else tensor
    array = np.asarray(weight)
    if array.dtype.kind not in "fiu":
        raise ValueError(f"{name}: values of type {array.dtype} found, real numbers are allowed")
    return array


def _table(rows: list[dict[str, Any]], columns: list[Column]) -> pd.DataFrame:
    """Return the rows with one type for each column: counts are whole numbers that may be missing."""
    types = {"text": "str", "flag": "bool", "count": "Int64", "number": "float64"}
    table = pd.DataFrame(rows, columns=[column.name for column in columns])
    return table.astype({column.name: types[column.kind] for column in columns})
