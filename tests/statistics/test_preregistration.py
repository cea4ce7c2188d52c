"""The registered plan: its hash follows its content, and changes after registration are shown item by item."""

from copy import deepcopy
from types import SimpleNamespace

import pytest

import register_plan
from weightscape.config.plan import plan_sections
from weightscape.files import read_json
from weightscape.statistics.preregistration import COLUMNS, plan_hash, plan_record, plan_table

CONFIG = {
    "study": "digits",
    "title": "Digits",
    "data": {"image_size": 32, "splits": {"test": 100}},
    "training": {"epochs": 6, "device": "cpu"},
    "seeds": {"count": 8, "per_job": 4},
    "conditions": {"dropout": {"family": "dropout", "doses": [0.1, 0.2]}},
    "claims": {"dropout": ["dropout"], "diversity": ["noise"], "shape": ["alpha", "entropy"]},
}


def changed(**parts):
    config = deepcopy(CONFIG)
    for dotted, value in parts.items():
        keys = dotted.split("__")
        target = config
        for key in keys[:-1]:
            target = target[key]
        target[keys[-1]] = value
    return config


def recorded(config):
    return plan_record(plan_sections(config))


def test_hash_does_not_depend_on_the_order_of_keys_or_on_what_is_no_plan():
    reordered = dict(reversed(CONFIG.items()))
    assert plan_hash(recorded(CONFIG)) == plan_hash(recorded(reordered))
    elsewhere = changed(title="Figures", study="other", training__device="cuda", seeds__per_job=2)
    assert plan_hash(recorded(CONFIG)) == plan_hash(recorded(elsewhere))


@pytest.mark.parametrize(
    "parts",
    [
        {"conditions__dropout__doses": [0.2, 0.1]},
        {"conditions__dropout__family": "noise"},
        {"claims__shape": ["alpha"]},
        {"seeds__count": 12},
        {"training__epochs": 9},
        {"data__splits__test": 200},
    ],
)
def test_hash_changes_with_every_part_of_the_plan(parts):
    assert plan_hash(recorded(CONFIG)) != plan_hash(recorded(changed(**parts)))


def test_table_shows_what_changed_and_only_that():
    after = changed(claims__shape=["alpha"], conditions__noise={"family": "noise", "doses": [0.1]})
    table = plan_table(recorded(CONFIG), recorded(after)).set_index("item")
    assert ["item", *table.columns] == COLUMNS
    assert table.index[0] == "hash"
    assert set(table.index[table.changed]) == {
        "hash", "claims.shape", "conditions.noise.family", "conditions.noise.doses",
    }  # fmt: skip
    assert table.loc["claims.shape"].tolist() == ['["alpha", "entropy"]', '["alpha"]', True]
    assert table.registered["conditions.noise.doses"] == ""
    assert table.current["conditions.dropout.family"] == "dropout"


def test_an_unchanged_plan_has_no_change():
    table = plan_table(recorded(CONFIG), recorded(deepcopy(CONFIG)))
    assert not table.changed.any()
    assert table.registered[0] == table.current[0]


def test_the_order_of_keys_in_a_list_of_sections_is_no_change():
    assert not plan_table({"ood": [{"name": "a", "images": 5}]}, {"ood": [{"images": 5, "name": "a"}]})["changed"].any()


def test_script_writes_the_plan_with_its_hash(tmp_path):
    output = tmp_path / "plan.json"
    register_plan.main(
        SimpleNamespace(
            config=CONFIG,
            output=SimpleNamespace(plan=str(output)),
            log=[str(tmp_path / "log")],
            rule="register_plan",
        )
    )
    written = read_json(output)
    assert written == {"hash": plan_hash(recorded(CONFIG)), "plan": recorded(CONFIG)}


def test_the_registered_plan_names_the_claims_of_each_group_that_is_adjusted_together():
    analysis = recorded(CONFIG)["analysis"]
    assert analysis["claims"] == {
        "primary": ["1-change-noise"],
        "secondary": ["1-change", "1-shape", "1-scale", "2a", "2b", "2c", "2d"],
        "exploratory shape": ["1-shape-noise"],
        "exploratory scale": ["1-scale-noise"],
    }
    assert (analysis["margin"], analysis["removed"]) == (1.0, "nothing")
    learning = recorded(changed(claims__early_stop=["early_stop"], claims__margin=0.5))["analysis"]
    assert learning["margin"] == 0.5
    assert learning["removed"].startswith("the direction of early stopping")
