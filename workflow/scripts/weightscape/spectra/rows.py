"""The rows of one layer: of its spectrum, and of its change, each computed once for the same content."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from weightscape.files import array_sha256
from weightscape.spectra.cache import Store, content_key
from weightscape.spectra.change import Decomposition, decompose, size_columns, subspace_columns
from weightscape.spectra.columns import change_columns
from weightscape.spectra.eigenvalues import spectrum
from weightscape.spectra.layer import SUCCESS, layer_columns, missing
from weightscape.spectra.matrices import Layer, LayerDescription, layers_of, split_fused
from weightscape.spectra.not_computable import NotComputableError
from weightscape.spectra.settings import Settings

DELTA = "delta_"
"""Prefix of the columns that describe the spectrum of ΔW."""


@dataclass(frozen=True)
class Weight:
    """A named weight with its description and the settings of its analysis."""

    name: str
    array: np.ndarray
    description: LayerDescription | None
    settings: Settings

    @cached_property
    def content(self) -> str:
        """The sha256 of the array, which names its random streams."""
        return array_sha256(self.array)

    @cached_property
    def key(self) -> str:
        """What the results of this weight are kept under."""
        return content_key(self.content, {"parts": self.parts}, self.description or {}, vars(self.settings))

    @cached_property
    def parts(self) -> int:
        """The number of layers that the weight holds."""
        return len(split_fused(self.name, self.array, self.description))

    def layer(self, part: int) -> Layer:
        """Return one of these layers."""
        return list(layers_of(self.name, self.array, self.description, self.settings.conv))[part]

    def part(self, index: int) -> np.ndarray:
        """Return the array of one of these layers."""
        return split_fused(self.name, self.array, self.description)[index]


@dataclass(frozen=True)
class SpectrumRow:
    """The row of a layer's spectrum, and its eigenvalues on demand (a row from the cache comes without them)."""

    row: dict[str, Any]
    eigenvalues: Callable[[], np.ndarray]


def spectrum_row(weight: Weight, part: int, store: Store) -> SpectrumRow:
    """Return the row of one layer of `weight`.

    Nothing that is returned holds the layer's matrices, so that they are not in memory while its change is analysed.
    """
    computed: dict[str, np.ndarray] = {}
    layers = [weight.layer(part)]
    identity = _identity(layers[0])

    def compute() -> dict[str, Any]:
        row, computed["eigenvalues"] = layer_columns(layers.pop(), weight.settings, f"{weight.content}-{part}")
        return row

    def eigenvalues() -> np.ndarray:
        if "eigenvalues" not in computed:
            matrices = weight.layer(part).matrices
            computed["eigenvalues"] = spectrum(matrices, device=weight.settings.device).eigenvalues
        return computed["eigenvalues"]

    return SpectrumRow(identity | store.row(f"{weight.key}-{part}", compute), eigenvalues)


def _identity(layer: Layer) -> dict[str, Any]:
    return {
        "name": layer.name.rsplit(".", 1)[-1],
        "longname": layer.name,
        "layer_type": layer.layer_type,
        "N": layer.N,
        "M": layer.M,
        "rf": layer.rf,
        "Q": layer.N / layer.M,
    }


def change_row(
    weight: Weight, before: Weight, part: int, eigenvalues: Callable[[], np.ndarray], store: Store
) -> dict[str, Any]:
    """Return the columns of the change of one layer, and with the prefix ``delta_`` those of the spectrum of ΔW.

    What can't be computed is missing, and its reason is in ``delta_status``.

    Raises
    ------
    ValueError
        If the weight before holds NaN or infinity; the message starts with its name.
    """

    def compute() -> dict[str, Any]:
        settings = weight.settings
        row = missing(change_columns(settings.groups))
        reasons = []
        try:
            if "change" in settings.groups:
                row |= _size(weight, before, part, eigenvalues(), store)
            if "subspaces" in settings.groups:
                row |= _subspaces(weight, before, part, store)
        except NotComputableError as reason:
            reasons.append(str(reason))
        difference = np.subtract(weight.array, before.array, dtype=np.float64)
        delta = list(layers_of(weight.name, difference, weight.description, settings.conv))[part]
        of_delta, _ = layer_columns(delta, settings, f"{weight.content}-{before.content}-{part}")
        if of_delta["status"] != SUCCESS:
            reasons.append(of_delta["status"])
        of_delta["status"] = "; ".join(reasons) or SUCCESS
        return row | {DELTA + name: value for name, value in of_delta.items()}

    if not np.isfinite(before.array).all():
        raise ValueError(f"{before.name}: NaN or infinite weights before")
    return store.row(f"{weight.key}-{before.key}-{part}", compute)


def keep_reference(before: Weight, store: Store) -> None:
    """Put into the store what `change_row` needs of a weight before training."""
    for part in range(before.parts):
        if "change" in before.settings.groups:
            _eigenvalues_before(before, part, store)
        if "subspaces" in before.settings.groups:
            _decomposition_before(before, part, store)


def _size(weight: Weight, before: Weight, part: int, eigenvalues: np.ndarray, store: Store) -> dict[str, Any]:
    spectra = (eigenvalues, _eigenvalues_before(before, part, store))
    return size_columns(weight.part(part), before.part(part), spectra)


def _subspaces(weight: Weight, before: Weight, part: int, store: Store) -> dict[str, Any]:
    reference = _decomposition_before(before, part, store)
    return subspace_columns(weight.part(part), reference, weight.settings.device)


def _eigenvalues_before(before: Weight, part: int, store: Store) -> np.ndarray:
    def compute() -> dict[str, np.ndarray]:
        return {"eigenvalues": spectrum(before.layer(part).matrices, device=before.settings.device).eigenvalues}

    return store.arrays(f"{before.key}-{part}-eigenvalues", compute)["eigenvalues"]


def _decomposition_before(before: Weight, part: int, store: Store) -> Decomposition:
    def compute() -> dict[str, np.ndarray]:
        decomposed = decompose(before.part(part), before.settings.device)
        return {**vars(decomposed), "spikes": np.array([decomposed.spikes])}

    arrays = store.arrays(f"{before.key}-{part}-vectors", compute)
    return Decomposition(arrays["left"], arrays["right"], arrays["spikes"].item())
