"""All metrics of one layer: each group of columns, or the reason why it has none."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from weightscape.spectra.columns import Column, spectrum_columns
from weightscape.spectra.eigenvalues import Spectrum, spectrum, zero_level
from weightscape.spectra.erg import det_x
from weightscape.spectra.farms import farms_eigenvalues
from weightscape.spectra.hill import hill_alpha, hill_median
from weightscape.spectra.likelihood import compare_lognormal, compare_truncated
from weightscape.spectra.marchenko_pastur import fit_bulk
from weightscape.spectra.matrices import Layer
from weightscape.spectra.mp_ww077 import fit_mp
from weightscape.spectra.norms import norm_columns
from weightscape.spectra.not_computable import NotComputableError
from weightscape.spectra.power_law import MIN_TAIL, PowerLaw, bootstrap_alpha, fit_power_law
from weightscape.spectra.randomised import random_columns, shuffled_spectra
from weightscape.spectra.settings import Settings
from weightscape.spectra.vectors import vector_columns
from weightscape.streams import stream

SUCCESS = "success"
ALL_ZERO = "all weights are zero"

OVER_TRAINED, UNDER_TRAINED = 2.0, 6.0
"""WeightWatcher's limits of α for its `warning` column."""

GRAM_TAIL = 1e-3
"""An xmin below this share of λmax is recomputed from singular values: its relative error through the Gram matrix would
be ε·λmax/xmin > 1e-12."""


@dataclass(frozen=True)
class _Fitted:
    """What the groups of columns are computed from; `name` names the random streams."""

    layer: Layer
    settings: Settings
    name: str
    spectrum: Spectrum
    positive: np.ndarray
    fit: PowerLaw | None

    def tail(self) -> np.ndarray:
        """Return the eigenvalues that the power law was fitted to."""
        assert self.fit is not None
        return self.positive[self.positive >= self.fit.xmin]


def layer_columns(layer: Layer, settings: Settings, name: str = "") -> tuple[dict[str, Any], np.ndarray]:
    """Return every column of the layer's spectrum, and its eigenvalues.

    A group that can't be computed leaves NaN in its columns and its reason in ``status``; several are joined by
    semicolons.

    Parameters
    ----------
    layer, settings
        What to analyse, and how.
    name
        Names the random streams of shuffles and resamples, with the seed of the settings.
    """
    columns = missing(spectrum_columns(settings.groups))
    layer_spectrum = spectrum(layer.matrices, device=settings.device)
    if not layer_spectrum.eigenvalues[-1] > 0:
        columns |= {"num_evals": len(layer_spectrum.eigenvalues), "status": ALL_ZERO}
        return columns, layer_spectrum.eigenvalues
    reasons: list[str] = []
    fitted = _fit(layer, settings, name, layer_spectrum, reasons)
    columns["has_esd"] = True
    columns |= norm_columns(fitted.spectrum, layer.N)
    for group, compute in _GROUPS.items():
        if group in settings.groups:
            try:
                columns |= compute(fitted)
            except NotComputableError as reason:
                reasons.append(str(reason))
    columns["status"] = "; ".join(dict.fromkeys(reasons)) or SUCCESS
    return {
        column: columns[column] for column in missing(spectrum_columns(settings.groups))
    }, fitted.spectrum.eigenvalues


def missing(columns: list[Column]) -> dict[str, Any]:
    """Return a row in which nothing is known yet."""
    absent: dict[str, Any] = {"text": "", "flag": False, "count": np.nan, "number": np.nan}
    return {column.name: absent[column.kind] for column in columns}


def positive(layer_spectrum: Spectrum, larger: int, floor: float | None) -> np.ndarray:
    """Return the eigenvalues above the floor, by default above what is zero to rounding."""
    if floor is None:
        floor = zero_level(layer_spectrum.sv_max**2, larger)
    return layer_spectrum.eigenvalues[layer_spectrum.eigenvalues > floor]


def _fit(layer: Layer, settings: Settings, name: str, layer_spectrum: Spectrum, reasons: list[str]) -> _Fitted:
    """Fit the power law, with exact singular values where the tail reaches into the Gram matrix's noise."""
    values = positive(layer_spectrum, layer.N, settings.floor)
    fit: PowerLaw | None = None
    if {"power_law", "bootstrap", "hill", "likelihood", "erg", "vectors"} & settings.groups:
        try:
            fit = fit_power_law(values, settings.small_n, settings.xmin)
            if not layer_spectrum.exact and fit.xmin < GRAM_TAIL * fit.xmax:
                layer_spectrum = spectrum(layer.matrices, exact=True, device=settings.device)
                values = positive(layer_spectrum, layer.N, settings.floor)
                fit = fit_power_law(values, settings.small_n, settings.xmin)
        except NotComputableError as reason:
            reasons.append(str(reason))
    return _Fitted(layer, settings, name, layer_spectrum, values, fit)


def _power_law(fitted: _Fitted) -> dict[str, Any]:
    fit = fitted.fit
    if fit is None:
        return {}
    eigenvalues = fitted.spectrum.eigenvalues
    largest = float(np.log10(fit.xmax))
    relative = np.log10(eigenvalues[eigenvalues > 0]) - largest
    flags = fit.flags()
    return {
        "alpha": fit.alpha,
        "xmin": fit.xmin,
        "xmax": fit.xmax,
        "D": fit.D,
        "sigma": fit.sigma,
        "num_pl_spikes": int(np.count_nonzero(eigenvalues >= fit.xmin)),
        "alpha_weighted": fit.alpha * largest,
        "log_alpha_norm": fit.alpha * largest + float(np.log10(np.sum(10 ** (fit.alpha * relative)))),
        "alpha_valid": not flags,
        "alpha_flags": ", ".join(flags),
        "warning": "over-trained" if fit.alpha < OVER_TRAINED else "under-trained" if fit.alpha > UNDER_TRAINED else "",
    }


def _bootstrap(fitted: _Fitted) -> dict[str, Any]:
    if fitted.fit is None:
        return {}
    settings = fitted.settings
    rng = stream("spectra", "bootstrap", settings.seed, fitted.name)
    low, high = bootstrap_alpha(fitted.positive, settings.bootstrap, rng, settings.small_n, settings.xmin)
    return {"alpha_low": low, "alpha_high": high}


def _hill(fitted: _Fitted) -> dict[str, Any]:
    columns = {"alpha_hill": hill_median(fitted.positive)}
    if fitted.fit is not None:
        tail = fitted.tail()
        columns["alpha_hill_xmin"] = 1 + (hill_alpha(tail, 0) - 1) * (len(tail) - 2) / len(tail)
    return columns


def _farms(fitted: _Fitted) -> dict[str, Any]:
    values = farms_eigenvalues(fitted.layer.matrices, fitted.settings.device)
    return {"alpha_farms": hill_median(values[values > 0])}


def _likelihood(fitted: _Fitted) -> dict[str, Any]:
    if fitted.fit is None:
        return {}
    tail = fitted.tail()
    if len(tail) < MIN_TAIL:
        raise NotComputableError(f"likelihood: needs {MIN_TAIL} eigenvalues in the tail, has {len(tail)}")
    lognormal = compare_lognormal(tail, fitted.fit.alpha)
    truncated, exponent, rate = compare_truncated(tail, fitted.fit.alpha)
    return {
        "lognormal_R": lognormal.ratio,
        "lognormal_p": lognormal.pvalue,
        "truncated_R": truncated.ratio,
        "truncated_p": truncated.pvalue,
        "alpha_truncated": exponent,
        "Lambda": rate,
    }


def _mp(fitted: _Fitted) -> dict[str, Any]:
    return vars(fit_mp(fitted.spectrum.eigenvalues, fitted.layer.N, fitted.layer.M))


def _robust_mp(fitted: _Fitted) -> dict[str, Any]:
    eigenvalues = fitted.spectrum.eigenvalues
    bulk = fit_bulk(eigenvalues, fitted.layer.N, fitted.layer.M)
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


def _erg(fitted: _Fitted) -> dict[str, Any]:
    eigenvalues = fitted.spectrum.eigenvalues
    tail = det_x(eigenvalues)
    gap = np.nan if fitted.fit is None else tail.count - int(np.count_nonzero(eigenvalues >= fitted.fit.xmin))
    return {
        "detX_num": tail.count,
        "num_ERG_spikes": tail.count,
        "ERG_gap": gap,
        "detX_val": tail.value,
        "detX_val_unrescaled": tail.scaled,
    }


def _random(fitted: _Fitted) -> dict[str, Any]:
    layer, settings = fitted.layer, fitted.settings
    rng = stream("spectra", "shuffle", settings.seed, fitted.name)
    shuffled = shuffled_spectra(layer.matrices, settings.randomize, rng, settings.device)
    return random_columns(fitted.spectrum.eigenvalues, shuffled, layer.N, layer.M)


def _vectors(fitted: _Fitted) -> dict[str, Any]:
    if fitted.fit is None:
        return {}
    return vector_columns(fitted.layer.matrices, len(fitted.tail()), fitted.settings.device)


_GROUPS: dict[str, Callable[[_Fitted], dict[str, Any]]] = {
    "power_law": _power_law,
    "bootstrap": _bootstrap,
    "hill": _hill,
    "farms": _farms,
    "likelihood": _likelihood,
    "mp": _mp,
    "robust_mp": _robust_mp,
    "erg": _erg,
    "random": _random,
    "vectors": _vectors,
}
