"""Conditions: names, doses, and which of them change the data."""

import pytest

from weightscape.conditions import BASELINE, BASELINE_B, baseline_replicates, expand_series
from weightscape.data.corruption import CORRUPTIONS
from weightscape.section import Range
from weightscape.training.intervention import FAMILIES, POLICIES, parse_treatment

OPTIONS = {
    "irrelevant": {"mode": "add", "generator": "far"},
    "weight_decay": {"mode": "l2"},
    "l2_sp": {"mode": "decoupled"},
    "synthetic": {"mode": "add", "guidance_scale": 2.0},
    "autoaugment": {"learned_on": "svhn"},
}
DOSES = {"more_real": 2.0, "duplicate": 3, "randaugment": 9, "augmix": 3, "jpeg": 50, "elastic": 0.05}
DATA_FAMILIES = {"noise", "mixup", "cutmix", "synthetic", "irrelevant", "more_real", "duplicate", *POLICIES.names()}


def first(name: str):
    policy = {"family": "augment", "policy": name} if name in POLICIES.names() else {"family": name}
    return expand_series("name", parse_treatment([{**policy, "dose": DOSES.get(name, 0.5), **OPTIONS.get(name, {})}]))[
        0
    ]


@pytest.mark.parametrize("name", [*FAMILIES.names(), *POLICIES.names()])
def test_a_condition_holds_what_differs_from_the_baseline_and_nothing_else(name):
    condition = first(name)
    (settings,) = condition.settings()
    assert set(settings) == {
        "family",
        "dose",
        *({"policy"} if name in POLICIES.names() else ()),
        *OPTIONS.get(name, ()),
    }
    assert parse_treatment(condition.settings()) == list(condition.treatment)
    assert condition.changes_data == (name in DATA_FAMILIES)
    assert condition.described()["dose_label"]


def test_replicates_of_the_baseline_are_one_series_on_the_same_streams():
    conditions = baseline_replicates(3)
    assert [condition.name for condition in conditions] == ["baseline", "baseline_2", "baseline_3"]
    assert {condition.series for condition in conditions} == {"baseline"}
    assert [condition.replicate for condition in conditions] == [1, 2, 3]
    assert {condition.stream_seed(4) for condition in conditions} == {4}
    assert not any(condition.changes_data for condition in conditions)


def test_a_series_becomes_one_condition_per_dose():
    doses = parse_treatment([{"family": "dropout", "dose": 0.1}, {"family": "dropout", "dose": 0.25}])
    conditions = expand_series("d", doses)
    assert [condition.name for condition in conditions] == ["d-0.1", "d-0.25"]
    assert conditions[1].columns() == {"condition": "d-0.25", "series": "d", "family": "dropout", "dose": 0.25}
    assert conditions[1].described()["dose_label"] == "dropout probability"


def test_the_second_baseline_differs_in_its_seeds_only():
    assert BASELINE.settings() == BASELINE_B.settings() == []
    assert BASELINE.stream_seed(3) == 3
    assert BASELINE_B.stream_seed(3) == 1003


def test_ranges_say_what_they_hold():
    open_range, whole = Range(0, 1, low_open=True, high_open=True), Range(1, 30, integer=True)
    assert (0 in open_range, 0.5 in open_range, 1 in open_range) == (False, True, False)
    assert (1 in whole, 2.5 in whole, 31 in whole, True in whole, 10**400 in whole) == (
        True,
        False,
        False,
        False,
        False,
    )
    assert str(open_range) == "a number in (0, 1)"
    assert str(whole) == "a whole number in [1, 30]"


def test_a_condition_names_the_corruptions_that_its_training_sees():
    assert first("noise").corruptions_seen == ["gaussian_noise", "shot_noise", "speckle_noise"]
    assert first("rotation").corruptions_seen == ["rotation"]
    assert first("dropout").corruptions_seen == BASELINE.corruptions_seen == []


def test_every_corruption_that_a_family_or_policy_names_is_one():
    """The standard ones and our own are modules; four more are files of CIFAR-10-C."""
    known = {*CORRUPTIONS.names(), "gaussian_blur", "saturate", "spatter", "speckle_noise"}
    for entry in (*FAMILIES.classes(), *POLICIES.classes()):
        assert entry.corruptions_seen <= known, entry
