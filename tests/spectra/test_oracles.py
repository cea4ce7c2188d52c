"""The optional metrics against WeightWatcher, powerlaw and plain transcriptions of the published estimators."""

import numpy as np
import pytest
from matrices_for_tests import matrix

from weightscape.spectra import analyze
from weightscape.spectra.eigenvalues import spectrum
from weightscape.spectra.likelihood import compare_lognormal, compare_truncated
from weightscape.spectra.matrices import layers_of
from weightscape.spectra.power_law import fit_power_law
from weightscape.spectra.randomised import random_columns
from weightscape.spectra.vectors import vector_columns

WEIGHTS = {"tall": matrix((300, 120)), "student": matrix((150, 100), heavy=2.5), "kernel": matrix((48, 24, 3, 3))}


def test_det_x_is_weightwatchers(weightwatcher):
    columns = ["detX_num", "num_ERG_spikes", "ERG_gap", "detX_val", "detX_val_unrescaled"]
    theirs = weightwatcher(WEIGHTS, ERG=True)[columns].to_numpy(float)
    np.testing.assert_allclose(analyze(WEIGHTS, floor=1e-5)[columns].to_numpy(float), theirs, rtol=1e-10)


def test_localisation_is_weightwatchers(weightwatcher):
    """WeightWatcher may put the eigenvalue at xmin on either side by rounding; here it is in the tail."""
    ours = analyze(WEIGHTS, floor=1e-5, metrics=("norms", "power_law", "vectors")).set_index("longname")
    theirs = weightwatcher(WEIGHTS, vectors=True)
    for name, weight in WEIGHTS.items():
        tail = int(ours.loc[name, "num_pl_spikes"])
        matrices = next(layers_of(name, weight)).matrices
        as_here, without_xmin = vector_columns(matrices, tail), vector_columns(matrices, tail - 1)
        assert ours.loc[name, list(as_here)].to_dict() == as_here
        expected = theirs.loc[name, list(as_here)].to_dict()
        assert expected in (pytest.approx(as_here, rel=1e-6), pytest.approx(without_xmin, rel=1e-6)), name


def test_shuffled_columns_are_weightwatchers(weightwatcher):
    """On the same kind of shuffle; the draws themselves differ, since WeightWatcher's can't be seeded."""
    np.random.seed(0)  # noqa: NPY002  (WeightWatcher shuffles with the global state)
    weights = {name: WEIGHTS[name] for name in ("tall", "kernel")}
    theirs = weightwatcher(weights, randomize=True)
    ours = analyze(weights, randomize=5).set_index("longname").loc[theirs.index]
    for column in ("max_rand_eval", "ww_softrank", "rand_sigma_mp", "rand_bulk_max", "rand_mp_softrank"):
        np.testing.assert_allclose(ours[column], theirs[column].astype(float), rtol=0.15, err_msg=column)
    np.testing.assert_allclose(ours["rand_W_scale"], theirs["rand_W_scale"].astype(float), rtol=1e-12)
    np.testing.assert_allclose(ours["rand_distance"], theirs["rand_distance"].astype(float), atol=0.02)


def test_shuffled_columns_on_the_same_draw(weightwatcher):  # noqa: ARG001  (sets WeightWatcher's logging)
    util = pytest.importorskip("weightwatcher.RMT_Util")
    values, shuffled = (spectrum(matrix((90, 60), seed)[None].astype(float)).eigenvalues for seed in (0, 1))
    ours = random_columns(values, shuffled[None], 90, 60)
    assert ours["rand_distance"] == pytest.approx(util.jensen_shannon_distance(values, shuffled), rel=1e-12)


def test_shuffles_depend_on_content_and_seed_only():
    first, second, other = (
        analyze({name: WEIGHTS["tall"]}, randomize=2, bootstrap=20, seed=seed)
        for name, seed in (("a", 0), ("b", 0), ("a", 1))
    )
    columns = ["max_rand_eval", "rand_distance", "alpha_low", "alpha_high"]
    assert first.loc[0, columns].tolist() == second.loc[0, columns].tolist()
    assert first.loc[0, "max_rand_eval"] != other.loc[0, "max_rand_eval"]
    assert first.loc[0, "alpha_low"] <= first.loc[0, "alpha"] <= first.loc[0, "alpha_high"]


def _lognormal_sample() -> np.ndarray:
    return np.random.default_rng(2).lognormal(0, 0.6, 400)


def _pareto_sample() -> np.ndarray:
    return np.random.default_rng(0).pareto(1.8, 400) + 1


def _truncated_sample() -> np.ndarray:
    rng = np.random.default_rng(2)
    exponential = rng.exponential(1, 6000) + 1
    return exponential[rng.random(6000) < exponential**-1.5][:400]


@pytest.mark.parametrize("law", ["lognormal", "truncated", "pareto"])
def test_likelihood_ratios_are_those_of_powerlaw(law):
    powerlaw = pytest.importorskip("powerlaw")
    values = {"lognormal": _lognormal_sample, "truncated": _truncated_sample, "pareto": _pareto_sample}[law]()
    tail = np.sort(values)[100:]
    with np.errstate(all="ignore"):
        fit = powerlaw.Fit(tail, xmin=float(tail[0]), verbose=False)
        alpha = float(fit.power_law.alpha)
        normal = fit.distribution_compare("power_law", "lognormal", normalized_ratio=True)
        nested = fit.distribution_compare("power_law", "truncated_power_law", normalized_ratio=True)
    ours = compare_lognormal(tail, alpha)
    assert (ours.ratio, ours.pvalue) == pytest.approx(normal, rel=2e-3, abs=2e-3)
    truncated, exponent, rate = compare_truncated(tail, alpha)
    if law == "lognormal":  # powerlaw keeps its exponent above 1 and stops there; without that limit the fit is better
        assert exponent < 1
        assert truncated.pvalue < nested[1]
    else:
        assert (truncated.ratio, truncated.pvalue) == pytest.approx(nested, rel=2e-3, abs=2e-3)
        assert exponent == pytest.approx(float(fit.truncated_power_law.parameter1), abs=3e-3)
        assert rate == pytest.approx(float(fit.truncated_power_law.parameter2), rel=1e-2)


def test_likelihoods_tell_the_laws_apart():
    rng = np.random.default_rng(0)
    pareto = np.sort(rng.pareto(1.5, 3000) + 1)
    assert compare_truncated(pareto, fit_power_law(pareto).alpha)[0].pvalue > 0.01
    cut = np.sort(rng.exponential(1, 3000) + 1)
    comparison, _, rate = compare_truncated(cut, 1 + 1 / np.mean(np.log(cut / cut[0])))
    assert comparison.pvalue < 1e-6
    assert rate == pytest.approx(1, rel=0.2)
    normal = np.sort(rng.lognormal(1, 0.5, 3000))
    assert compare_lognormal(normal, 1 + 1 / np.mean(np.log(normal / normal[0]))).pvalue < 1e-6


def tempbalance_median(eigenvalues: np.ndarray) -> float:
    start = int(len(eigenvalues) / 2)
    logs = np.log(eigenvalues)
    n = float(len(eigenvalues) - start)
    return 1 + n / (np.sum(logs[start:]) - n * logs[start])


def test_the_median_fit_is_tempbalances():
    for name, weight in WEIGHTS.items():
        values: list[np.ndarray] = []
        table = analyze({name: weight}, xmin="median", on_layer=lambda _, found, __, keep=values: keep.append(found))
        assert table.loc[0, "alpha"] == pytest.approx(tempbalance_median(values[0]), rel=1e-12)
        assert table.loc[0, "alpha_hill"] == pytest.approx(table.loc[0, "alpha"], rel=1e-12)


def test_the_peak_fit_starts_near_the_peak():
    values = spectrum(matrix((400, 200))[None].astype(float)).eigenvalues
    fit = fit_power_law(values, xmin="peak")
    counts, edges = np.histogram(np.log10(values), bins=100)
    peak = 10 ** edges[np.argmax(counts)]
    assert 0.95 * peak <= fit.xmin <= 1.5 * peak
    distances = {start: abs(value) for start, value in enumerate(values) if 0.95 * peak <= value <= 1.5 * peak}
    assert len(values) - fit.num_tail in distances


def test_hill_at_xmin_is_alpha_without_its_bias():
    row = analyze({"student": WEIGHTS["student"]}).loc[0]
    n = row["num_pl_spikes"]
    assert row["alpha_hill_xmin"] - 1 == pytest.approx((row["alpha"] - 1) * (n - 1) / n, rel=1e-12)


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_torch_gives_the_same_numbers(device):
    torch = pytest.importorskip("torch")
    if device == "cuda" and not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    deficient = {"deficient": matrix((60, 12)) @ matrix((12, 40), 1)}
    ours, there = (analyze(WEIGHTS | deficient, device=name) for name in ("numpy", device))
    for column in ("alpha", "xmin", "D", "norm", "entropy", "sigma_mp", "stable_rank"):
        np.testing.assert_allclose(there[column], ours[column], rtol=1e-10, err_msg=column)
    assert there["matrix_rank"].tolist() == ours["matrix_rank"].tolist()
