"""Conditions: names, doses, and which of them change the data."""

import pytest

from weightscape.conditions import BASELINE, BASELINE_B, FAMILIES, Range, expand_series
from weightscape.training.treatment import Treatment

OPTIONS = {
    "weight_decay": {"mode": "l2"},
    "augment": {"policy": "affine"},
    "synthetic": {"mode": "add", "guidance_scale": 2},
}
DOSES = {"more_real": 2.0, "duplicate": 3}
DATA_FAMILIES = {"noise", "augment", "synthetic", "more_real", "duplicate"}


def first(family: str):
    return expand_series("name", {"family": family, "doses": [DOSES.get(family, 0.5)], **OPTIONS.get(family, {})})[0]


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_every_family_differs_from_the_baseline_in_its_own_setting(family):
    condition = first(family)
    changed = {key for key, value in condition.settings().items() if value != BASELINE.settings()[key]}
    assert changed
    assert condition.treatment.changes_data == (family in DATA_FAMILIES)
    assert condition.dose in FAMILIES[family].dose_range(OPTIONS.get(family, {}))


def test_a_series_becomes_one_condition_per_dose():
    conditions = expand_series("d", {"family": "dropout", "doses": [0.1, 0.25]})
    assert [condition.name for condition in conditions] == ["d-0.1", "d-0.25"]
    assert conditions[1].columns() == {"condition": "d-0.25", "series": "d", "family": "dropout", "dose": 0.25}
    assert conditions[0].treatment == Treatment(dropout=0.1)


def test_the_second_baseline_differs_in_its_seeds_only():
    assert BASELINE.settings() == BASELINE_B.settings()
    assert BASELINE.stream_seed(3) == 3
    assert BASELINE_B.stream_seed(3) == 1003


def test_ranges_say_what_they_hold():
    open_range, whole = Range(0, 1, low_open=True, high_open=True), Range(1, 30, integer=True)
    assert (0 in open_range, 0.5 in open_range, 1 in open_range) == (False, True, False)
    assert (1 in whole, 2.5 in whole, 31 in whole) == (True, False, False)
    assert str(open_range) == "a number in (0, 1)"
    assert str(whole) == "a whole number in [1, 30]"
