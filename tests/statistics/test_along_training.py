"""Means over layers along training: of the same layers at every point."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from weightscape.statistics.trajectory import mean_along_training

LAYERS = {"stem": 1.0, "a": 2.0, "b": 4.0, "frozen": 8.0, "head": 99.0}


@pytest.fixture
def trajectory():
    rows = [
        {
            "condition": condition, "seed": seed, "step": step, "of": of, "layer": layer, "sv_max": 1.0, "sv_min": 0.5,
            "group": layer if layer in ("stem", "head") else "late", "alpha": size + step, "alpha_valid": 1.0,
            "log_norm": size * step + seed,
        }
        for condition, seed, step, of in product(("baseline", "noise"), (0, 1), (0, 5, 10), ("after", "delta"))
        for layer, size in LAYERS.items()
        if of == "after" or step
    ]  # fmt: skip
    return pd.DataFrame(rows)


def mean(along, condition="noise", seed=1):
    values = along.values.set_index(["condition", "seed", "step"])["value"]
    return values[condition, seed].to_dict()


def test_weights_are_compared_with_those_before_the_first_step(trajectory):
    along = mean_along_training(trajectory, "log_norm", "after")
    size = np.mean([1, 2, 4, 8])
    assert mean(along) == {0: 0.0, 5: 5 * size, 10: 10 * size}
    assert (along.used, along.total) == (4, 4)


def test_a_change_is_taken_as_it_is_from_the_first_point_on(trajectory):
    along = mean_along_training(trajectory, "log_norm", "delta")
    assert mean(along) == {5: 5 * np.mean([1, 2, 4, 8]) + 1, 10: 10 * np.mean([1, 2, 4, 8]) + 1}


def test_a_condition_with_frozen_layers_takes_none_from_the_others_and_has_no_mean(trajectory):
    frozen = (trajectory.layer == "frozen") & (trajectory.of == "delta") & (trajectory.condition == "noise")
    for column in ("log_norm", "sv_max"):
        trajectory[column] = trajectory[column].mask(frozen)
    along = mean_along_training(trajectory, "log_norm", "delta")
    assert mean(along, "baseline")[10] == 10 * np.mean([1, 2, 4, 8]) + 1
    assert np.isnan(mean(along, "noise")[10])
    assert (along.used, along.total) == (4, 4)


def test_a_layer_counts_only_if_its_metric_exists_at_every_point_of_every_run(trajectory):
    once_missing = (trajectory.layer == "a") & (trajectory.of == "delta") & (trajectory.step == 5)
    along = mean_along_training(trajectory.assign(log_norm=trajectory.log_norm.mask(once_missing)), "log_norm", "delta")
    assert mean(along)[10] == pytest.approx(10 * np.mean([1, 4, 8]) + 1)
    assert (along.used, along.total) == (3, 4)
    once_invalid = (trajectory.layer == "a") & (trajectory.step == 5) & (trajectory.seed == 0)
    trajectory["alpha_valid"] = (~once_invalid).astype(float)
    assert mean_along_training(trajectory, "alpha", "after").used == 3
    assert mean_along_training(trajectory, "log_norm", "after").used == 4


def test_a_layer_that_the_baselines_training_does_not_reach_at_its_end_is_left_out(trajectory):
    def without_rank(step):
        row = (trajectory.layer == "b") & (trajectory.condition == "baseline") & (trajectory.step == step)
        changed = trajectory.assign(sv_min=trajectory.sv_min.mask(row, 0.0))
        return mean_along_training(changed, "log_norm", "delta").used

    assert (without_rank(5), without_rank(10)) == (4, 3)


def test_without_a_layer_the_value_is_missing(trajectory):
    along = mean_along_training(trajectory.assign(alpha_valid=0.0), "alpha", "after")
    assert along.values["value"].isna().all()
    assert along.used == 0
