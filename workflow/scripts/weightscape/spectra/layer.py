"""All metrics of one layer: each group of columns, or the reason why it has none."""

from collections.abc import Callable
from typing import Any

import numpy as np

from weightscape.spectra.columns import spectrum_columns
from weightscape.spectra.eigenvalues import Spectrum, spectrum
from weightscape.spectra.hill import hill_median
from weightscape.spectra.marchenko_pastur import fit_bulk
from weightscape.spectra.matrices import Layer
from weightscape.spectra.mp_ww077 import fit_mp
from weightscape.spectra.norms import norm_columns
from weightscape.spectra.power_law import PowerLaw, fit_power_law
from weightscape.spectra.settings import Settings

SUCCESS = "success"

OVER_TRAINED, UNDER_TRAINED = 2.0, 6.0
"""WeightWatcher's limits of α for its `warning` column."""

GRAM_TAIL = 1e-3
"""An xmin below this share of λmax is recomputed from singular values: its relative error through the Gram matrix would
be ε·λmax/xmin > 1e-12."""


def layer_columns(layer: Layer, settings: Settings) -> dict[str, Any]:
    """Return every column of the layer's spectrum.

    A group that can't be computed leaves NaN in its columns and its reason in ``status``; several are joined by
    semicolons.
    """
    found = spectrum(layer.matrices)
    columns = _missing(settings)
    if not found.eigenvalues[-1] > 0:
        return columns | {"num_evals": len(found.eigenvalues), "status": "all weights are zero"}
    fit: PowerLaw | None = None
    reasons: list[str] = []
    if "power_law" in settings.metrics:
        try:
            fit = _fit(found, layer, settings)
            if not found.exact and fit.xmin < GRAM_TAIL * fit.xmax:
                found = spectrum(layer.matrices, exact=True)
                fit = _fit(found, layer, settings)
            columns |= power_law_columns(fit, found.eigenvalues)
        except ValueError as reason:
            reasons.append(str(reason))
    columns |= {"has_esd": True} | {
        name: value for name, value in norm_columns(found, layer.N).items() if name in columns
    }
    groups: dict[str, Callable[[], dict[str, Any]]] = {
        "hill": lambda: {"alpha_hill": hill_median(_positive(found, layer, settings))},
        "mp": lambda: vars(fit_mp(found.eigenvalues, layer.N, layer.M)),
        "robust_mp": lambda: robust_columns(found.eigenvalues, layer),
    }
    for group, compute in groups.items():
        if group in settings.metrics:
            try:
                columns |= compute()
            except ValueError as reason:
                reasons.append(str(reason))
    columns["status"] = "; ".join(reasons) or SUCCESS
    return columns


def power_law_columns(fit: PowerLaw, eigenvalues: np.ndarray) -> dict[str, Any]:
    """Return the columns of a power-law fit."""
    largest = np.log10(fit.xmax)
    relative = np.log10(eigenvalues[eigenvalues > 0]) - largest
    flags = fit.flags()
    warning = "over-trained" if fit.alpha < OVER_TRAINED else "under-trained" if fit.alpha > UNDER_TRAINED else ""
    return {
        "alpha": fit.alpha,
        "xmin": fit.xmin,
        "xmax": fit.xmax,
        "D": fit.D,
        "sigma": fit.sigma,
        "num_pl_spikes": int(np.count_nonzero(eigenvalues >= fit.xmin)),
        "alpha_weighted": fit.alpha * float(largest),
        "log_alpha_norm": fit.alpha * float(largest) + float(np.log10(np.sum(10 ** (fit.alpha * relative)))),
        "alpha_valid": not flags,
        "alpha_flags": ", ".join(flags),
        "warning": warning,
    }


def robust_columns(eigenvalues: np.ndarray, layer: Layer) -> dict[str, Any]:
    """Return the columns of the robust Marchenko–Pastur fit."""
    bulk = fit_bulk(eigenvalues, layer.N, layer.M)
    return {
        "robust_sigma": bulk.sigma,
        "robust_bulk_min": bulk.lower,
        "robust_bulk_max": bulk.upper,
        "robust_bulk_tw": bulk.upper_tw,
        "robust_softrank": bulk.upper / float(eigenvalues[-1]),
        "robust_num_spikes": bulk.num_spikes,
        "robust_spike_mass": bulk.spike_mass,
        "robust_bulk_ks": bulk.ks,
    }


def _fit(found: Spectrum, layer: Layer, settings: Settings) -> PowerLaw:
    return fit_power_law(_positive(found, layer, settings), settings.small_n)


def _positive(found: Spectrum, layer: Layer, settings: Settings) -> np.ndarray:
    """Return the eigenvalues above the floor, by default above what is zero to rounding."""
    floor = settings.floor
    if floor is None:
        floor = (found.sv_max * layer.N * float(np.finfo(np.float64).eps)) ** 2
    return found.eigenvalues[found.eigenvalues > floor]


def _missing(settings: Settings) -> dict[str, Any]:
    """Return a row in which nothing is known yet."""
    absent: dict[str, Any] = {"text": "", "flag": False, "count": np.nan, "number": np.nan}
    return {column.name: absent[column.kind] for column in spectrum_columns(settings.metrics)}
