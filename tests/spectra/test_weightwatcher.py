"""The same numbers as WeightWatcher 0.7.7 wherever the definition is the same, and named deviations elsewhere."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from matrices_for_tests import matrix

from weightscape.spectra import analyze, mp_ww077
from weightscape.spectra.mp_ww077 import fit_mp, plateau

WW_SETTINGS = {"floor": 1e-5, "small_n": "ww077"}
TO_1E10 = ("alpha", "alpha_weighted", "log_alpha_norm", "sigma")
TO_1E12 = (
    *("xmin", "xmax", "norm", "log_norm", "spectral_norm", "log_spectral_norm", "stable_rank", "lambda_max"),
    *("sv_max", "W_scale"),
)
MP = ("sigma_mp", "mp_softrank", "bulk_max", "num_spikes")
EQUAL = (
    *("N", "M", "Q", "rf", "num_evals", "has_esd", "rank_loss", "weak_rank_loss", "matrix_rank"),
    *("num_pl_spikes", "warning"),
)


def small_integers(shape: tuple[int, int]) -> np.ndarray:
    """Return small whole numbers, whose products float32 holds exactly, so that a product keeps its rank."""
    return np.random.default_rng(shape[1]).integers(-3, 4, shape).astype(np.float32)


DENSE = {
    "wide": matrix((60, 200)),
    "tall": matrix((200, 60)),
    "square": matrix((120, 120)),
    "student": matrix((150, 100), heavy=2.5),
    "spiked": matrix((240, 80), spikes=5),
    "few": matrix((100, 15)),
    "eight": matrix((100, 8)),
    "nineteen": matrix((19, 40)),
    "twenty": matrix((20, 40)),
    "deficient": small_integers((80, 25)) @ small_integers((25, 60)),
    "nearly_deficient": matrix((80, 25)) @ matrix((25, 60), 1),
    "tied": np.diag(np.repeat(np.array([1, 2, 4, 8], np.float32), 10)),
    "half_precision": matrix((90, 70)).astype(np.float16),
}
KERNELS = {
    "pointwise": matrix((96, 24, 1, 1)),
    "three": matrix((32, 16, 3, 3)),
    "three_wide": matrix((16, 32, 3, 3)),
    "seven": matrix((64, 3, 7, 7)),
    "heavy": matrix((64, 48, 3, 3), heavy=3),
    "even": matrix((48, 20, 2, 2)),
    "ungrouped_depthwise": matrix((96, 1, 3, 3)),
}


def assert_gates(ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    """Compare two tables layer by layer with the gates of the design."""
    ours = ours.set_index("longname").loc[theirs.index]
    for column in EQUAL:
        assert ours[column].tolist() == theirs[column].tolist(), column
    # WeightWatcher has no robust bulk fit, so it cannot say that one is not possible.
    without_bulk = ours["status"].where(~ours["status"].str.fullmatch(r"MP bulk: [^;]*"), "success")
    assert without_bulk.tolist() == theirs["status"].tolist()
    for gate, columns in ((1e-10, TO_1E10), (1e-12, (*TO_1E12, "entropy_ww"))):
        for column in columns:
            expected = theirs["entropy" if column == "entropy_ww" else column].to_numpy(float)
            np.testing.assert_allclose(ours[column].to_numpy(float), expected, rtol=gate, atol=1e-300, err_msg=column)
    # The smallest singular value is known as well as the largest, in absolute terms.
    assert ((ours["sv_min"] - theirs["sv_min"]).abs() <= 1e-12 * theirs["sv_max"]).all()
    # D is a difference of numbers near 1: with 1,000 eigenvalues WeightWatcher's own rounding moves it by 1e-14.
    np.testing.assert_allclose(ours["D"], theirs["D"].to_numpy(float), rtol=1e-12, atol=2e-14)
    for layer, eigenvalues in theirs.attrs["eigenvalues"].items():
        assert_mp_gate(ours.loc[layer], theirs.loc[layer], eigenvalues)


def assert_mp_gate(ours: pd.Series, theirs: pd.Series, eigenvalues: np.ndarray) -> None:
    """Compare the MP fit of one layer; where WeightWatcher's density is flat at its top, it takes any of the points."""
    places: list[int] = []

    def taken(place: int) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
        def points(grid: np.ndarray, density: np.ndarray) -> np.ndarray:
            places[:] = range(len(plateau(grid, density)))
            return plateau(grid, density)[place:]

        return points

    def fits(place: int) -> bool:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(mp_ww077, "plateau", taken(place))
            fit = pd.Series(vars(fit_mp(eigenvalues, int(theirs["N"]), int(theirs["M"]))))
        # A bulk edge of (nearly) zero has no relative precision; its scale is that of the spectrum.
        lower = abs(fit["bulk_min"] - theirs["bulk_min"]) <= 1e-12 * theirs["lambda_max"]
        return lower and fit[list(MP)].to_list() == pytest.approx(theirs[list(MP)].to_list(), rel=1e-12)

    assert fits(0) or any(fits(place) for place in places[1:]), theirs.name
    if len(places) <= 1:
        assert ours[list(MP)].to_list() == pytest.approx(theirs[list(MP)].to_list(), rel=1e-12), theirs.name


@pytest.mark.parametrize("name", [*DENSE, *KERNELS])
def test_one_layer(name, weightwatcher):
    weights = {name: {**DENSE, **KERNELS}[name]}
    assert_gates(analyze(weights, **WW_SETTINGS), weightwatcher(weights, mp_fit=True))


def test_bfloat16_weights(weightwatcher):
    torch = pytest.importorskip("torch")
    value = torch.tensor(matrix((90, 70))).bfloat16()
    assert_gates(analyze({"fc": value.float().numpy()}, **WW_SETTINGS), weightwatcher({"fc": value}, mp_fit=True))


def test_the_spectrum_of_the_change(weightwatcher):
    """WeightWatcher subtracts in float32; on weights whose difference float32 holds exactly it has the same numbers."""
    after, before = (
        {name: (np.round(64 * weight) / 64).astype(np.float32) for name, weight in weights.items()}
        for weights in (
            {"fc": matrix((150, 100)), "kernel": matrix((32, 16, 3, 3))},
            {"fc": matrix((150, 100), 1, spikes=2), "kernel": matrix((32, 16, 3, 3), 1)},
        )
    )
    ours = analyze(after, before=before, **WW_SETTINGS)
    change = ours[["longname", "N", "M", "Q", "rf"]].assign(
        **{name.removeprefix("delta_"): ours[name] for name in ours if name.startswith("delta_")}
    )
    assert_gates(change, weightwatcher(after, base_model=before, mp_fit=True))


@pytest.mark.slow
def test_every_layer_of_a_real_network(efficientnet, weightwatcher):
    assert_gates(analyze(efficientnet, **WW_SETTINGS), weightwatcher(efficientnet, mp_fit=True))


def test_deviation_a_flat_top_is_taken_at_its_first_point(efficientnet, weightwatcher):
    """Changes of the eigenvalues in the last digit move WeightWatcher's σ of this layer by percents, and not ours."""
    weights = {"kernel": efficientnet["_blocks_0__depthwise_conv"]}
    details = weightwatcher(weights, mp_fit=True)
    eigenvalues = details.attrs["eigenvalues"]["kernel"]
    N, M = details.loc["kernel", ["N", "M"]].astype(int)

    def rounded(seed: int) -> np.ndarray:
        return eigenvalues * (1 + 1e-15 * np.random.default_rng(seed).standard_normal(len(eigenvalues)))

    def theirs(values: np.ndarray) -> float:
        sigma, _ = pytest.importorskip("weightwatcher.RMT_Util").fit_density_with_range(values / values.mean(), N / M)
        return float(sigma)

    assert np.ptp([theirs(rounded(seed)) for seed in range(12)]) > 0.001
    assert np.ptp([fit_mp(rounded(seed), N, M).sigma_mp for seed in range(12)]) < 1e-12


def test_the_default_rule_is_the_plain_fit_at_any_size(weightwatcher):
    large = {name: weight for name, weight in DENSE.items() if min(weight.shape) >= 20}
    theirs = weightwatcher(large)
    np.testing.assert_allclose(analyze(large)["alpha"], theirs["alpha"].to_numpy(float), rtol=1e-10)
    assert (
        analyze({"few": DENSE["few"]}).loc[0, "alpha"] != analyze({"few": DENSE["few"]}, **WW_SETTINGS).loc[0, "alpha"]
    )


def test_deviation_entropy_has_no_epsilon(weightwatcher):
    """WeightWatcher adds 1e-10 to every p; ours doesn't, and differs by about n·1e-10·ln(1e10)."""
    weights = {"fc": matrix((200, 60))}
    ours, theirs = analyze(weights).loc[0, "entropy"], float(weightwatcher(weights).loc["fc", "entropy"])
    assert 0 < abs(ours - theirs) < 1e-7


def test_deviation_grouped_kernels(weightwatcher):
    """WeightWatcher takes a grouped kernel for an ungrouped one; told of the groups, we analyse the blocks."""
    weights = {"dw": matrix((96, 1, 3, 3)), "grouped": matrix((64, 8, 3, 3))}
    theirs = weightwatcher(weights)
    groups = {"dw": {"groups": 96}, "grouped": {"groups": 8}}
    ours = analyze(weights, layers=groups).set_index("longname")
    assert ours["layer_type"].tolist() == ["depthwise", "grouped"]
    assert ours["num_evals"].tolist() == [9, 8 * 8 * 9]
    assert theirs["num_evals"].tolist() == [9, 8 * 9]
    np.testing.assert_allclose(ours["norm"], theirs["norm"].to_numpy(float), rtol=1e-12)
    assert (ours["spectral_norm"] != theirs["spectral_norm"]).all()


def test_deviation_even_kernels_keep_their_larger_side(weightwatcher):
    """WeightWatcher swaps N and M once a slice where out < in, so an even number of slices leaves N < M."""
    weights = {"even": matrix((20, 48, 2, 2))}
    theirs = weightwatcher(weights).loc["even"]
    assert (theirs["N"], theirs["M"]) == (20, 48)
    ours = analyze(weights, **WW_SETTINGS).loc[0]
    assert (ours["N"], ours["M"]) == (48, 20)
    np.testing.assert_allclose(ours["alpha"], theirs["alpha"], rtol=1e-10)


def test_deviation_fused_projection():
    """WeightWatcher skips ``in_proj_weight``; we analyse q, k and v apart."""
    torch, watcher = pytest.importorskip("torch"), pytest.importorskip("weightwatcher")
    model = torch.nn.ModuleDict({"attn": torch.nn.MultiheadAttention(32, 2)})
    assert watcher.WeightWatcher(model=model).analyze()["longname"].tolist() == ["attn.out_proj"]
    weight = model["attn"].in_proj_weight.detach().numpy()
    ours = analyze({"attn.in_proj_weight": weight}, layers={"attn.in_proj_weight": {"kind": "attention_in_proj"}})
    assert ours["longname"].tolist() == ["attn.in_proj.q", "attn.in_proj.k", "attn.in_proj.v"]
    np.testing.assert_allclose(ours["norm"].sum(), np.square(weight.astype(float)).sum(), rtol=1e-12)
    assert len(analyze({"attn.in_proj_weight": weight})) == 3


def test_deviation_small_weights_have_an_alpha(weightwatcher):
    """WeightWatcher leaves out eigenvalues up to 1e-5, reports −1 where none is left, and calls it over-trained."""
    weights = {"fc": matrix((100, 60))}
    small = {"fc": 1e-4 * weights["fc"]}
    theirs = weightwatcher(small).loc["fc"]
    assert (theirs["alpha"], theirs["status"], theirs["warning"]) == (-1, "failed", "over-trained")
    np.testing.assert_allclose(analyze(small).loc[0, "alpha"], analyze(weights).loc[0, "alpha"], rtol=1e-6)
    refused = analyze(small, floor=1e-5).loc[0]
    assert refused["status"].startswith("power law: needs 8 positive eigenvalues, has 0")
    assert np.isnan(refused["alpha"])


def test_deviation_layers_with_few_eigenvalues_stay_in_the_table(weightwatcher):
    """WeightWatcher drops layers with fewer than 8 eigenvalues."""
    weights = {"seven": matrix((100, 7)), "eight": matrix((100, 8))}
    assert weightwatcher(weights).index.tolist() == ["eight"]
    ours = analyze(weights).set_index("longname")
    assert ours.loc["seven", "norm"] > 0
    assert ours.loc["seven", "status"].startswith("power law: needs 8 positive eigenvalues, has 7")
