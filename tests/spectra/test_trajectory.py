"""Spectra along training are those of the table `spectra`, at every point."""

import numpy as np
import pytest
from matrices_for_tests import matrix

from weightscape.spectra import trajectory as module
from weightscape.spectra.cache import Cache
from weightscape.spectra.study import run_rows, start_rows
from weightscape.spectra.trajectory import KEYS, Trajectory

LAYERS = {
    "stem.weight": {"kind": "conv", "groups": 1, "depth": 0},
    "blocks.0.dw.weight": {"kind": "conv", "groups": 24, "depth": 1},
    "blocks.1.attn.in_proj_weight": {"kind": "attention_in_proj", "groups": 1, "depth": 2},
    "blocks.2.fc.weight": {"kind": "dense", "groups": 1, "depth": 3},
}
SHAPES = {
    "stem.weight": (24, 3, 3, 3),
    "blocks.0.dw.weight": (24, 1, 3, 3),
    "blocks.1.attn.in_proj_weight": (72, 24),
    "blocks.2.fc.weight": (48, 24),
}
METRICS = {"after": ["stable_rank", "alpha", "robust_num_spikes", "log_norm"], "delta": ["effective_rank", "log_norm"]}
RUN = {"condition": "dropout-0.1", "series": "dropout", "family": "dropout", "dose": 0.1, "seed": 3}


@pytest.fixture
def before():
    return {name: matrix(shape, seed) for seed, (name, shape) in enumerate(SHAPES.items())} | {"bn.weight": np.ones(24)}


@pytest.fixture
def after(before):
    moved = {name: value + 0.1 * matrix(value.shape, 10) for name, value in before.items()}
    return moved | {"blocks.2.fc.weight": before["blocks.2.fc.weight"], "classifier.weight": matrix((10, 24), 20)}


def table(before, after, cache=None):
    trajectory = Trajectory(before, LAYERS, METRICS, cache or Cache())
    return trajectory.table([(0, 0, trajectory.observe(before)), (2, 14, trajectory.observe(after))], RUN)


def assert_same_values(ours, theirs, metrics):
    ours, theirs = ours.set_index("layer"), theirs.set_index("layer")
    assert set(ours.index) <= set(theirs.index)
    theirs = theirs.loc[ours.index]
    assert (ours[["group", "depth"]] == theirs[["group", "depth"]]).all().all()
    for metric in metrics:
        expected = theirs[metric].astype(float).to_numpy()
        np.testing.assert_allclose(ours[metric], expected, rtol=1e-12, err_msg=metric)


def test_the_first_point_is_the_network_before_training(before, after):
    first = table(before, after).query("step == 0")
    assert list(first["of"].unique()) == ["after"]
    assert len(first) == 6
    assert_same_values(first, start_rows(before, LAYERS), [*METRICS["after"], "alpha_valid"])


def test_the_last_point_is_what_the_spectra_of_the_checkpoint_are(before, after):
    last = table(before, after).query("step == 14")
    theirs = run_rows(after, before, LAYERS, RUN)
    for of, metrics in METRICS.items():
        assert_same_values(last[last["of"] == of], theirs[theirs["of"] == of], metrics)
    delta = last[last["of"] == "delta"].set_index("layer")
    assert delta.loc["blocks.2.fc"][METRICS["delta"]].isna().all()
    assert np.isfinite(delta.drop("blocks.2.fc")[METRICS["delta"]]).all().all()
    assert delta["alpha"].isna().all()


def test_the_table_has_its_keys_and_the_metrics_and_no_classifier(before, after):
    points = table(before, after)
    wanted = {"sv_min", "sv_max", "alpha_valid", *METRICS["after"], *METRICS["delta"]}
    assert list(points.columns[: len(KEYS)]) == list(KEYS)
    assert set(points.columns[len(KEYS) :]) == wanted
    assert points[list(RUN)].drop_duplicates().to_dict("records") == [RUN]
    assert points[["epoch", "step"]].drop_duplicates().to_numpy().tolist() == [[0, 0], [2, 14]]
    assert "classifier" not in set(points["layer"])
    assert {f"blocks.1.attn.in_proj.{part}" for part in "qkv"} <= set(points["layer"])


def test_layers_that_do_not_change_are_decomposed_once_in_all_runs(before, after, monkeypatch):
    decomposed = []
    monkeypatch.setattr(
        "weightscape.spectra.rows.layer_columns",
        lambda layer, *rest: decomposed.append(layer.name) or module.layer_columns(layer, *rest),
    )
    cache = Cache()
    for _ in range(2):
        table(before, after, cache)
    assert decomposed.count("blocks.2.fc") == 1
    assert decomposed.count("stem") == 2
