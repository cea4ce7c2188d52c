"""Properties that hold for every weight, and refusals."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from matrices_for_tests import matrix

from weightscape.spectra import analyze, change, layer, rows
from weightscape.spectra.columns import CHANGE, SPECTRUM
from weightscape.spectra.not_computable import NotComputableError
from weightscape.spectra.power_law import EQUAL, fit_power_law, tail_fit
from weightscape.spectra.settings import METRICS

SHAPES = st.one_of(
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.tuples(st.integers(1, 12), st.integers(1, 12), st.integers(1, 4), st.integers(1, 4)),
)
SCALE_FREE = [
    *("alpha", "alpha_hill", "entropy", "stable_rank", "effective_rank", "matrix_rank", "D"),
    *("num_spikes", "robust_num_spikes", "robust_softrank", "detX_num", "status", "alpha_valid"),
]


def weight(shape: tuple[int, ...], seed: int, heavy: bool) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.standard_t(2, shape) if heavy else rng.standard_normal(shape)


@settings(max_examples=60, deadline=None)
@given(SHAPES, st.integers(0, 999), st.booleans())
def test_every_row_is_complete_or_says_why(shape, seed, heavy):
    values = weight(shape, seed, heavy)
    row = analyze({"layer.weight": values}).loc[0]
    scale = 1.0 if len(shape) == 2 else 0.5
    np.testing.assert_allclose(row["norm"], scale * np.square(values).sum(), rtol=1e-10)
    assert row["norm"] >= row["spectral_norm"] * (1 - 1e-12)
    assert 1 - 1e-9 <= row["effective_rank"] <= row["num_evals"] * (1 + 1e-9)
    assert 0 <= row["entropy"] <= 1 + 1e-9
    assert row["matrix_rank"] <= row["num_evals"]
    if row["status"] == "success":
        missing = [name for name, value in row.items() if value is None or value != value]
        assert missing == []
    if row.isna()["alpha"]:
        assert "power law" in row["status"]


KINDS = {
    "gauss": lambda rng, shape: rng.standard_normal(shape),
    "zero": lambda _, shape: np.zeros(shape),
    "constant": lambda _, shape: np.ones(shape),
    "ternary": lambda rng, shape: rng.integers(-1, 2, shape).astype(float),
    "tiny and heavy": lambda rng, shape: 1e-8 * rng.standard_t(1, shape),
    "sparse": lambda rng, shape: (rng.random(shape) < 0.1).astype(float),
}


@pytest.mark.slow
@pytest.mark.filterwarnings("error")
@settings(max_examples=60, deadline=None)
@given(
    SHAPES,
    st.sampled_from(list(KINDS)),
    st.sampled_from(list(KINDS)),
    st.integers(0, 999),
    st.sampled_from(["ww", "flat"]),
    st.sampled_from(["plain", "ww077"]),
    st.sampled_from(["ks", "median", "peak"]),
)
@example((2, 2, 2, 2), "constant", "tiny and heavy", 0, "ww", "plain", "ks")  # ΔW differs from a constant by rounding
def test_every_metric_of_every_kind_of_weight_is_a_number_or_has_a_reason(
    shape, kind, earlier, seed, conv, small_n, xmin
):
    rng = np.random.default_rng(seed)
    after, before = KINDS[kind](rng, shape), KINDS[earlier](rng, shape)
    choice = {"metrics": METRICS, "bootstrap": 2, "randomize": 1}
    row = analyze({"w": after}, before={"w": before}, conv=conv, small_n=small_n, xmin=xmin, **choice).loc[0]
    for prefix in ("", "delta_"):
        names = [prefix + column.name for column in SPECTRUM]
        if prefix:  # subspaces larger than the layer's rank are missing without being a failure
            names += [column.name for column in CHANGE if not column.name.startswith("overlap")]
        missing = [name for name in names if row.isna()[name]]
        assert (missing == []) == (row[f"{prefix}status"] == "success"), (missing, row[f"{prefix}status"])


@settings(max_examples=40, deadline=None)
@given(SHAPES, st.integers(0, 999), st.booleans(), st.floats(-30, 30))
def test_shape_metrics_do_not_depend_on_the_scale(shape, seed, heavy, exponent):
    values = weight(shape, seed, heavy)
    # A power of two changes no mantissa, so everything must agree to rounding of the logarithms.
    scaled = values * 2.0 ** round(exponent * 3)
    first, second = (analyze({"w": array}).loc[0] for array in (values, scaled))
    for column in SCALE_FREE:
        if isinstance(first[column], float):
            np.testing.assert_allclose(second[column], first[column], rtol=1e-9, err_msg=column)
        else:
            assert first.isna()[column] == second.isna()[column]
            assert first.isna()[column] or first[column] == second[column], column


@settings(max_examples=25, deadline=None)
@given(st.integers(8, 40), st.integers(8, 40), st.integers(0, 999))
def test_rotations_change_nothing(rows, columns, seed):
    rng = np.random.default_rng(seed)
    values = rng.standard_t(3, (rows, columns))
    left = np.linalg.qr(rng.standard_normal((rows, rows)))[0]
    right = np.linalg.qr(rng.standard_normal((columns, columns)))[0]
    first, second = (analyze({"w": array}).loc[0] for array in (values, left @ values @ right))
    for column in ("norm", "spectral_norm", "nuclear_norm", "entropy", "stable_rank", "effective_rank"):
        assert second[column] == pytest.approx(first[column], rel=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(1e-6, 1e6), min_size=8, max_size=80), st.booleans())
def test_the_pruned_search_finds_the_best_of_all_starts(values, tied):
    array = np.sort(np.round(values, 1) + 1 if tied else np.array(values))
    if not array[-1] > (1 + EQUAL) * array[0]:  # equal, or so near that the power law can't tell them apart
        with pytest.raises(ValueError, match="equal"):
            fit_power_law(array)
        return
    distances = [tail_fit(array, start)[1] for start in range(len(array) - 1)]
    fit = fit_power_law(array)
    assert min(distances) == fit.D
    assert fit.xmin == array[int(np.argmin(distances))]


def test_the_pruned_search_is_exact_for_long_spectra():
    for seed in range(5):
        rng = np.random.default_rng(seed)
        array = np.sort(rng.lognormal(0, 1 + seed, 1500))
        distances = [tail_fit(array, start)[1] for start in range(len(array) - 1)]
        assert min(distances) == fit_power_law(array).D


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_weights_that_are_no_numbers_are_refused_by_name(bad):
    values = np.ones((10, 10))
    values[3, 4] = bad
    with pytest.raises(ValueError, match=r"blocks\.3\.fc\.weight.*1 of 100"):
        analyze({"ok": np.eye(10), "blocks.3.fc.weight": values})
    with pytest.raises(ValueError, match=r"fc.*before"):
        analyze({"fc": np.eye(10)}, before={"fc": values})


def test_zeros_and_constants_have_a_status():
    table = analyze({"zeros": np.zeros((20, 10)), "ones": np.ones((20, 10)), "kernel": np.zeros((8, 4, 3, 3))})
    assert table["status"].tolist()[::2] == ["all weights are zero"] * 2
    assert table.loc[0, "alpha"] != table.loc[0, "alpha"]
    assert "power law: needs 8 positive eigenvalues, has 1" in table.loc[1, "status"]
    assert table.loc[1, "matrix_rank"] == 1
    assert table.loc[1, "entropy"] == 0


def test_rank_deficient_tied_and_few_eigenvalues():
    rng = np.random.default_rng(0)
    table = analyze(
        {
            "deficient": rng.standard_normal((60, 12)) @ rng.standard_normal((12, 40)),
            "tied": np.linalg.qr(rng.standard_normal((40, 40)))[0] @ np.diag(np.repeat([1.0, 2, 4, 8], 10)),
            "seven": rng.standard_normal((50, 7)),
        }
    ).set_index("longname")
    assert table.loc["deficient", ["matrix_rank", "rank_loss"]].tolist() == [12, 28]
    assert np.isfinite(table.loc["deficient", "alpha"])
    assert table.loc["tied", "matrix_rank"] == 40
    assert "needs 8 positive eigenvalues, has 7" in table.loc["seven", "status"]


@pytest.mark.parametrize("conv", ["ww", "flat"])
def test_the_weights_are_left_as_they_are(conv):
    rng = np.random.default_rng(0)
    shapes = {
        "fc": (30, 20),
        "square": (20, 20),
        "conv": (16, 8, 3, 3),
        "pointwise": (24, 16, 1, 1),
        "dw": (12, 1, 3, 3),
    }
    after, before = ({name: rng.standard_normal(shape) for name, shape in shapes.items()} for _ in range(2))
    kept = [{name: value.copy() for name, value in weights.items()} for weights in (after, before)]
    groups = {"dw": {"groups": 12}}
    analyze(after, before=before, layers=groups, metrics=METRICS, conv=conv, randomize=1, bootstrap=5)
    for weights, copies in zip((after, before), kept, strict=True):
        for name, value in weights.items():
            np.testing.assert_array_equal(value, copies[name])


def test_half_precision_weights_are_analysed_in_double():
    values = np.random.default_rng(0).standard_normal((60, 40)).astype(np.float16)
    ours, exact = (analyze({"w": array}).loc[0, "alpha"] for array in (values, values.astype(np.float64)))
    assert ours == exact


def test_tiny_and_huge_weights():
    values = np.random.default_rng(0).standard_normal((40, 20))
    for factor in (1e-135, 1e135):
        row = analyze({"w": values * factor}, metrics=("norms", "power_law")).loc[0]
        assert row["sv_max"] == pytest.approx(factor * np.linalg.norm(values, 2))
        assert row["alpha"] == pytest.approx(analyze({"w": values}).loc[0, "alpha"])


@pytest.mark.parametrize("factor", [1e-200, 1e154, 1e200])
def test_weights_whose_squares_cannot_be_represented_are_refused_by_name(factor):
    with pytest.raises(ValueError, match=r"^w: largest weight .* found, 1e-140 to 1e\+140 is allowed"):
        analyze({"w": np.full((10, 10), factor)})


@pytest.mark.parametrize("values", [np.ones((9, 9), complex), np.full((9, 9), "a"), np.ones((9, 9), bool)])
def test_values_that_are_no_real_numbers_are_refused_by_name(values):
    with pytest.raises(ValueError, match=r"^w: values of type .* found, real numbers are allowed"):
        analyze({"w": values})


def test_torch_tensors_and_parameters_are_taken():
    torch = pytest.importorskip("torch")
    values = np.random.default_rng(0).standard_normal((40, 20)).astype(np.float32)
    expected = analyze({"w": values})
    parameter = torch.nn.Parameter(torch.tensor(values))
    pd.testing.assert_frame_equal(analyze({"w": parameter}), expected, check_exact=True)
    half = torch.tensor(values).bfloat16()
    assert analyze({"w": half}).loc[0, "norm"] == analyze({"w": half.float().numpy()}).loc[0, "norm"]


@pytest.mark.parametrize(
    ("shape", "choices", "limit"),
    [
        ((900, 900), {}, 3),
        ((300, 6000), {}, 3),
        ((6000, 300), {}, 3),
        ((900, 900), {"metrics": ("norms", "power_law", "vectors")}, 3.2),
        ((256, 256, 3, 3), {}, 3),
        ((900, 900), {"before": True}, 3.2),
        ((6000, 300), {"before": True}, 3.2),
        ((300, 6000), {"before": True}, 3.2),
    ],
)
def test_memory_is_a_few_times_the_largest_matrix(shape, choices, limit):
    """In float64, beyond the weights themselves; LAPACK's work space counts."""
    rng = np.random.default_rng(0)
    weight = rng.standard_normal(shape, dtype=np.float32)
    if "before" in choices:
        choices = {"before": {"w": rng.standard_normal(shape, dtype=np.float32)}}
    analyze({"small": weight[:20]}, **choices)  # imports and tables that stay
    tracemalloc.start()
    try:
        analyze({"w": weight}, **choices)
        assert tracemalloc.get_traced_memory()[1] <= limit * weight.size * 8
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"metrics": ["norms", "alpa"]}, "alpa not known"),
        ({"conv": "fft"}, "conv: 'fft' found"),
        ({"xmin": "max"}, "xmin: 'max' found"),
        ({"bootstrap": -1}, "bootstrap: -1"),
        ({"floor": -1.0}, "floor: -1"),
        ({"device": "gpu"}, "device: 'gpu' found, 'numpy' or a torch device with float64 is allowed"),
    ],
)
def test_settings_that_mean_nothing_are_refused(choice, message):
    with pytest.raises(ValueError, match=message):
        analyze({"w": np.eye(10)}, **choice)


def test_shapes_that_no_layer_has_are_refused():
    with pytest.raises(ValueError, match=r"w: shape \(2, 2, 2, 2, 2, 2\)"):
        analyze({"w": np.ones((2,) * 6)})
    with pytest.raises(ValueError, match=r"w: 10 output channels can't be split into 4"):
        analyze({"w": np.ones((10, 2, 3, 3))}, layers={"w": {"groups": 4}})
    with pytest.raises(ValueError, match=r"w: shape \(3, 4\) found, \(4, 3\) before"):
        analyze({"w": np.ones((3, 4))}, before={"w": np.ones((4, 3))})


def test_subspaces_alone_of_a_zero_layer_have_a_reason():
    zero, eye = np.zeros((9, 9)), np.eye(9)
    for after, before in ((eye, zero), (zero, eye)):
        row = analyze({"w": after}, before={"w": before}, metrics=["norms", "subspaces"]).loc[0]
        assert "subspaces: all weights are zero" in row["delta_status"]


def test_biases_are_passed_over_and_new_layers_have_no_change():
    table = analyze({"w": np.eye(12), "bias": np.ones(12), "head": np.eye(9)}, before={"w": np.eye(12)})
    assert table["longname"].tolist() == ["w", "head"]
    assert table.loc[1, "delta_status"] == "layer is not in before"
    assert table.loc[0, "delta_status"] == "all weights are zero"
    assert table.loc[0, "relative_change"] == 0


def test_what_a_layer_does_not_have_is_a_status_but_a_mistake_of_the_code_is_an_error(monkeypatch):
    weights = {"fc.weight": matrix((30, 20))}
    for error in (NotComputableError("no such number"), ValueError("a mistake")):

        def fail(*_: object, error: ValueError = error) -> None:
            raise error

        for module, name in ((layer, "hill_median"), (rows, "subspace_columns"), (change, "fit_bulk")):
            with monkeypatch.context() as patch:
                patch.setattr(module, name, fail)
                if isinstance(error, NotComputableError):
                    (row,) = analyze(weights, before=weights).to_dict("records")
                    assert ("no such number" in row["status"] + row["delta_status"]) == (module is not change)
                else:
                    with pytest.raises(ValueError, match="a mistake"):
                        analyze(weights, before=weights)


def test_eigenvalues_that_are_too_close_for_a_histogram_have_no_peak():
    values = 1e200 * (1 + 2e-12 * np.linspace(0, 1, 30))
    with pytest.raises(NotComputableError, match="differ too little"):
        fit_power_law(values, xmin="peak")
