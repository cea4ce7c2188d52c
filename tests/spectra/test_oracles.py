"""The optional metrics against WeightWatcher, powerlaw and plain transcriptions of the published estimators."""

import numpy as np
import pytest
import scipy.stats
from matrices_for_tests import matrix

from weightscape.spectra import analyze
from weightscape.spectra.eigenvalues import spectrum
from weightscape.spectra.likelihood import compare_lognormal, compare_truncated
from weightscape.spectra.matrices import layers_of
from weightscape.spectra.mp_ww077 import fit_mp
from weightscape.spectra.power_law import fit_power_law
from weightscape.spectra.randomised import random_columns
from weightscape.spectra.settings import DEFAULT_METRICS
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
    assert ours["max_rand_eval"] == shuffled[-1]
    assert ours["ww_softrank"] == shuffled[-1] / values[-1]
    assert ours["ww_maxdist"] == values[-1] - shuffled[-1]
    fit = fit_mp(shuffled, 90, 60)  # held to WeightWatcher's in test_weightwatcher.py
    assert ours["num_traps"] == ours["rand_num_spikes"] == fit.num_spikes
    assert ours["rand_sigma_mp"] == fit.sigma_mp
    assert (ours["rand_bulk_min"], ours["rand_bulk_max"]) == (fit.bulk_min, fit.bulk_max)


def test_shuffled_columns_do_not_grow_with_the_number_of_shuffles():
    heavy = {"fc": matrix((120, 80), heavy=2.1)}
    few, many = (analyze(heavy, randomize=draws).loc[0] for draws in (2, 30))
    assert few["num_traps"] > 2
    for column in ("num_traps", "max_rand_eval", "rand_distance"):
        assert many[column] == pytest.approx(few[column], rel=0.35)


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


def test_farms_is_the_hill_estimate_of_all_square_windows():
    """A plain transcription: singular values of each window, pooled, and TempBalance's estimator at their middle."""
    weight = matrix((130, 40)).astype(float)
    pooled = []
    for start in (0, 30, 60, 90):  # ⌈130/40⌉ = 4 windows, the last at the end
        pooled += [float(value) ** 2 for value in np.linalg.svd(weight[start : start + 40], compute_uv=False)]
    row = analyze({"fc": weight}, metrics=("norms", "farms")).loc[0]
    assert row["alpha_farms"] == pytest.approx(tempbalance_median(np.sort(pooled)), rel=1e-9)


def test_effective_rank_and_distance_of_spectra_are_scipys():
    after, before = matrix((90, 60)), matrix((90, 60), 1, heavy=3)
    row = analyze({"fc": after}, before={"fc": before}).loc[0]
    singular, earlier = (np.linalg.svd(w.astype(float), compute_uv=False) for w in (after, before))
    assert row["effective_rank"] == pytest.approx(np.exp(scipy.stats.entropy(singular)), rel=1e-10)
    distance = np.mean(np.abs(np.log10(np.sort(singular) ** 2) - np.log10(np.sort(earlier) ** 2)))
    assert row["log_spectrum_distance"] == pytest.approx(distance, rel=1e-8)


def test_the_bootstrap_is_of_the_same_estimator():
    few = {"fc": matrix((100, 12))}
    plain, theirs = (analyze(few, small_n=rule, bootstrap=100).loc[0] for rule in ("plain", "ww077"))
    assert theirs["alpha_low"] != plain["alpha_low"]
    for row in (plain, theirs):
        assert row["alpha_low"] <= row["alpha"] <= row["alpha_high"]


def test_the_peak_fit_starts_near_the_peak():
    values = spectrum(matrix((400, 200))[None].astype(float)).eigenvalues
    fit = fit_power_law(values, xmin="peak")
    counts, edges = np.histogram(np.log10(values), bins=100)
    peak = 10 ** edges[np.argmax(counts)]
    assert 0.95 * peak <= fit.xmin <= 1.5 * peak
    distances = {start: abs(value) for start, value in enumerate(values) if 0.95 * peak <= value <= 1.5 * peak}
    assert len(values) - fit.num_tail in distances


def test_hill_at_xmin_is_alpha_without_its_bias():
    """For a tail that starts at its smallest value, Σ ln(λ/xmin) is a gamma variable of shape n − 1."""
    row = analyze({"student": WEIGHTS["student"]}).loc[0]
    n, sigma = row["num_pl_spikes"], row["sigma"]
    excess = n / (sigma * np.sqrt(n))
    assert row["alpha_hill_xmin"] == pytest.approx(1 + (n - 2) / excess, rel=1e-12)
    tails = np.sort(np.random.default_rng(0).pareto(1.5, (20_000, 12)) + 1, axis=1)
    estimates = 1 + (12 - 2) / np.log(tails / tails[:, :1]).sum(axis=1)
    assert estimates.mean() == pytest.approx(2.5, abs=4 * estimates.std() / np.sqrt(20_000))


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_torch_gives_the_same_numbers(device):
    """Of W and of its change, on any device."""
    torch = pytest.importorskip("torch")
    if device == "cuda" and not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    deficient = {"deficient": matrix((60, 12)) @ matrix((12, 40), 1)}
    after = WEIGHTS | deficient
    before = {name: weight + matrix(weight.shape, 5) for name, weight in after.items()}
    metrics = (*DEFAULT_METRICS, "farms", "vectors")
    ours, there = (analyze(after, before=before, metrics=metrics, device=name) for name in ("numpy", device))
    columns = ("alpha", "xmin", "D", "norm", "entropy", "sigma_mp", "stable_rank", "robust_bulk_tw", "alpha_farms")
    changes = ("delta_alpha", "overlap_left_10", "overlap_right_5", "intruders", "tail_mean_loc_ratio")
    for column in (*columns, *changes):
        np.testing.assert_allclose(there[column], ours[column], rtol=1e-10, atol=1e-20, err_msg=column)
    assert there["matrix_rank"].tolist() == ours["matrix_rank"].tolist()
