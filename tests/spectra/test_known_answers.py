"""Spectra whose metrics are known from theory."""

import numpy as np
import pytest
import scipy.stats

from weightscape.spectra import analyze
from weightscape.spectra.eigenvalues import spectrum
from weightscape.spectra.farms import windows
from weightscape.spectra.marchenko_pastur import (
    FALSE_SPIKES,
    VARIANCE_ERROR,
    fit_bulk,
    mp_cdf,
    mp_quantiles,
    tracy_widom_edge,
    tracy_widom_quantile,
)
from weightscape.spectra.power_law import bootstrap_alpha, fit_power_law

SHAPES = [(400, 400), (400, 300), (600, 200), (1000, 100), (80, 1600)]


def gaussian_eigenvalues(shape: tuple[int, int], seed: int) -> np.ndarray:
    return spectrum(np.random.default_rng(seed).standard_normal((1, *shape))).eigenvalues


def pareto(alpha: float, size: int, seed: int = 0) -> np.ndarray:
    return np.sort((1 - np.random.default_rng(seed).random(size)) ** (-1 / (alpha - 1)))


@pytest.mark.parametrize("alpha", [1.7, 2.5, 4.0])
def test_pareto_samples_give_back_alpha(alpha):
    """Within ± 1.96 σ in nearly 95 % of samples: σ takes xmin as known, and the search for it costs a few percent."""
    fits = [fit_power_law(pareto(alpha, 600, seed)) for seed in range(200)]
    assert np.mean([abs(fit.alpha - alpha) < 1.96 * fit.sigma for fit in fits]) >= 0.83
    assert np.mean([fit.alpha for fit in fits]) == pytest.approx(alpha, rel=0.02)
    assert np.mean([bool(fit.flags()) for fit in fits if fit.num_tail > 100]) <= 0.05


def test_pareto_tail_behind_a_bulk_is_found_where_it_starts():
    bulk = np.random.default_rng(1).uniform(0.2, 1, 3000)
    fit = fit_power_law(np.sort(np.concatenate([bulk, pareto(3.0, 2000)])))
    assert abs(fit.alpha - 3) < 4 * fit.sigma
    assert 0.85 < fit.xmin < 1.6


def test_the_bootstrap_interval_covers_alpha():
    intervals = [bootstrap_alpha(pareto(2.5, 200, seed), 60, np.random.default_rng(seed)) for seed in range(40)]
    assert np.mean([low < 2.5 < high for low, high in intervals]) >= 0.85
    assert np.median([high - low for low, high in intervals]) < 1.5


@pytest.mark.parametrize("shape", SHAPES)
def test_gaussian_matrices_follow_the_marchenko_pastur_law(shape):
    for seed in range(3):
        bulk = fit_bulk(gaussian_eigenvalues(shape, seed), max(shape), min(shape))
        assert bulk.ks < 0.05
        assert bulk.sigma == pytest.approx(1, rel=0.02)
        root_larger, root_smaller = np.sqrt(max(shape)), np.sqrt(min(shape))
        assert bulk.upper == pytest.approx((root_larger + root_smaller) ** 2, rel=0.04)


@pytest.mark.parametrize(("shape", "draws"), [((20, 20), 400), ((60, 20), 400), ((100, 100), 200), ((60, 600), 60)])
def test_gaussian_matrices_have_spikes_as_rarely_as_promised(shape, draws):
    """In 1 % of draws, also for small and for square matrices, where the error of σ is as large as the margin."""
    spikes = [fit_bulk(gaussian_eigenvalues(shape, seed), max(shape), min(shape)).num_spikes for seed in range(draws)]
    assert scipy.stats.binomtest(np.count_nonzero(spikes), draws, FALSE_SPIKES, alternative="greater").pvalue > 0.01


@pytest.mark.parametrize(("shape", "error"), [((60, 60), VARIANCE_ERROR), ((600, 40), 1.7)])
def test_the_fitted_variance_errs_as_much_as_the_margin_allows_for(shape, error):
    """The relative SD of σ² times the root of the number of entries: `VARIANCE_ERROR` for squares, less for others."""
    variances = [fit_bulk(gaussian_eigenvalues(shape, seed), *shape).sigma ** 2 for seed in range(300)]
    assert np.std(variances) / np.mean(variances) * np.sqrt(np.prod(shape)) == pytest.approx(error, rel=0.15)


def test_dead_rows_do_not_make_spikes():
    weight = np.random.default_rng(3).standard_normal((300, 100))
    weight[:, :8] = 0
    bulk = fit_bulk(spectrum(weight[None]).eigenvalues, 300, 100)
    assert bulk.num_spikes == 0
    assert bulk.sigma == pytest.approx(1, rel=0.02)
    assert bulk.ks < 0.05


@pytest.mark.parametrize("rank", [4, 8, 40])
def test_a_low_rank_weight_has_no_bulk(rank):
    rng = np.random.default_rng(rank)
    weight = rng.standard_normal((256, rank)) @ rng.standard_normal((rank, 120))
    row = analyze({"fc": weight}).loc[0]
    assert row["matrix_rank"] == rank
    assert f"MP bulk: {120 - rank} of 120 eigenvalues are zero" in row["status"]
    assert np.isnan(row["robust_sigma"])


def test_pooled_slices_of_a_gaussian_kernel_have_no_spikes():
    draws = [
        fit_bulk(spectrum(np.random.default_rng(seed).standard_normal((9, 96, 48))).eigenvalues, 96, 48).num_spikes
        for seed in range(40)
    ]
    assert np.mean(np.array(draws) == 0) >= 0.95


@pytest.mark.parametrize(("strength", "visible"), [(0.7, 0), (1.6, 4)])
def test_planted_spikes_are_counted_above_the_bbp_threshold_only(strength, visible):
    """A rank-one signal of singular value θ leaves the bulk if θ > (NM)^¼ σ (Benaych-Georges & Nadakuditi 2012)."""
    larger, smaller = 800, 300
    rng = np.random.default_rng(5)
    left = np.linalg.qr(rng.standard_normal((larger, 4)))[0]
    right = np.linalg.qr(rng.standard_normal((smaller, 4)))[0]
    signal = strength * (larger * smaller) ** 0.25 * left @ right.T
    values = spectrum((rng.standard_normal((larger, smaller)) + signal)[None]).eigenvalues
    assert fit_bulk(values, larger, smaller).num_spikes == visible


def test_the_law_has_its_moments_and_edges():
    for ratio in (1.0, 0.5, 0.05):
        grid = mp_quantiles(ratio, (np.arange(200_000) + 0.5) / 200_000)
        assert grid.mean() == pytest.approx(1, rel=1e-4)
        assert grid.var() == pytest.approx(ratio, rel=1e-3)
        assert grid[0] >= (1 - np.sqrt(ratio)) ** 2
        assert grid[-1] <= (1 + np.sqrt(ratio)) ** 2
        np.testing.assert_allclose(mp_cdf(ratio, mp_quantiles(ratio, np.array([0.1, 0.5, 0.9]))), [0.1, 0.5, 0.9])


def test_tracy_widom_quantiles():
    """Against the table of Bejan (2005) for β = 1."""
    for tail, value in ((0.1, 0.4501), (0.05, 0.9793), (0.01, 2.0234)):
        assert tracy_widom_quantile(tail) == pytest.approx(value, abs=0.01)


def test_the_tracy_widom_edge_is_exceeded_as_often_as_it_says():
    edge = tracy_widom_edge(200, 50, 0.1)
    share = np.mean([gaussian_eigenvalues((200, 50), seed)[-1] > edge for seed in range(400)])
    assert 0.06 < share < 0.15


def test_norms_of_a_known_matrix():
    row = analyze({"fc": np.diag([3.0, 2, 1, 1, 1, 1, 1, 1, 0, 0])}).loc[0]
    assert row["norm"] == pytest.approx(19)
    assert row["spectral_norm"] == pytest.approx(9)
    assert row["nuclear_norm"] == pytest.approx(11)
    assert row["stable_rank"] == pytest.approx(19 / 9)
    assert (row["matrix_rank"], row["rank_loss"]) == (8, 2)
    p = np.array([9, 4, 1, 1, 1, 1, 1, 1]) / 19
    assert row["entropy"] == pytest.approx(-np.sum(p * np.log(p)) / np.log(8))


def test_equal_singular_values_have_full_rank_by_every_measure():
    orthogonal = np.linalg.qr(np.random.default_rng(0).standard_normal((30, 30)))[0]
    row = analyze({"fc": orthogonal}).loc[0]
    for column in ("stable_rank", "effective_rank", "matrix_rank"):
        assert row[column] == pytest.approx(30)
    assert row["entropy"] == pytest.approx(1)


def test_a_low_rank_update_has_a_low_effective_rank():
    rng = np.random.default_rng(3)
    before = rng.standard_normal((120, 60))
    update = rng.standard_normal((120, 3)) @ rng.standard_normal((3, 60))
    row = analyze({"fc": before + 0.1 * update}, before={"fc": before}).loc[0]
    assert row["delta_effective_rank"] <= 3 + 1e-9
    assert row["delta_matrix_rank"] == 3
    assert row["relative_change"] == pytest.approx(0.1 * np.linalg.norm(update) / np.linalg.norm(before))


def test_subspaces_of_an_unchanged_and_of_a_replaced_layer():
    rng = np.random.default_rng(4)
    before = rng.standard_normal((100, 80)) * np.linspace(0.2, 2, 80)
    same = analyze({"fc": 2 * before}, before={"fc": before}).loc[0]
    assert same["overlap_left_10"] == pytest.approx(1)
    assert same["overlap_right_5"] == pytest.approx(1)
    assert same["log_spectrum_distance"] == pytest.approx(np.log10(4))
    assert same["intruders"] == 0
    other = analyze({"fc": rng.standard_normal((100, 80))}, before={"fc": before}).loc[0]
    assert other["overlap_left_10"] < 0.3
    assert other["intruders"] >= 8


def test_an_intruder_is_a_new_leading_direction():
    rng = np.random.default_rng(6)
    before = 0.1 * rng.standard_normal((200, 100))
    u, v = rng.standard_normal(200), rng.standard_normal(100)
    after = before + 5 * np.outer(u / np.linalg.norm(u), v / np.linalg.norm(v))
    row = analyze({"fc": after}, before={"fc": before}).loc[0]
    assert row["intruders"] == 1
    assert row["overlap_left_1"] < 0.1


def test_shuffling_destroys_planted_spikes():
    rng = np.random.default_rng(7)
    signal = 60 * np.outer(rng.choice([-1, 1], 300), rng.choice([-1, 1], 100)) / np.sqrt(300 * 100)
    row = analyze({"fc": rng.standard_normal((300, 100)) + signal}, randomize=3).loc[0]
    assert row["robust_num_spikes"] == 1
    assert row["rand_num_spikes"] == 0
    assert row["ww_softrank"] < 0.5


def test_a_flat_kernel_is_the_map_of_a_patch():
    kernel = np.random.default_rng(2).standard_normal((24, 8, 3, 3))
    row = analyze({"conv": kernel}, conv="flat").loc[0]
    assert row["spectral_norm"] == pytest.approx(np.linalg.norm(kernel.reshape(24, -1), 2) ** 2)
    assert row["norm"] == pytest.approx(2 * analyze({"conv": kernel}).loc[0, "norm"])


def test_an_orthogonal_matrix_has_no_tail():
    orthogonal = np.linalg.qr(np.random.default_rng(0).standard_normal((60, 60)))[0]
    row = analyze({"fc": orthogonal}).loc[0]
    assert "power law: all eigenvalues are equal" in row["status"]
    assert row[["alpha", "alpha_hill"]].isna().all()


def test_farms_makes_random_matrices_of_any_shape_alike():
    rng = np.random.default_rng(8)
    weights = {str(rows): rng.standard_normal((rows, 60)) for rows in (60, 240, 600)}
    table = analyze(weights, metrics=("hill", "farms"))
    assert np.ptp(table["alpha_farms"]) < 0.25 * np.ptp(table["alpha_hill"])


def test_windows_cover_every_row():
    stack = np.arange(2 * 7 * 3).reshape(2, 7, 3).astype(float)
    squares = windows(stack)
    assert squares.shape == (6, 3, 3)
    assert set(squares[::2].ravel()) | set(squares[1::2].ravel()) == set(stack.ravel())


def test_an_orthogonal_square_has_no_localised_vectors_and_a_diagonal_has_only_such():
    rng = np.random.default_rng(9)
    columns = ["tail_mean_part_ratio", "tail_mean_loc_ratio"]
    dense = analyze({"fc": rng.standard_normal((80, 40))}, metrics=("norms", "power_law", "vectors")).loc[0]
    diagonal = analyze({"fc": np.diag(rng.uniform(1, 2, 40))}, metrics=("norms", "power_law", "vectors")).loc[0]
    assert diagonal[columns].tolist() == pytest.approx([1, 1])
    assert dense["tail_mean_part_ratio"] > 1.6
    assert dense["tail_mean_loc_ratio"] > 8
