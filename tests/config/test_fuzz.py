"""Whatever stands in a config: it is accepted and every rule can ask of it what it needs, or refused in one line."""

import copy
import math
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weightscape.config.load import load_study
from weightscape.config.messages import ConfigError
from weightscape.config.plan import plan_sections
from weightscape.config.study import Study

ODD_TEXTS = [
    "", " ", "x", "no", "../../x", "/", "a/b", "a" * 300, "{x}", "{", "$\\foo$", "\n", "digits\n", "test-rotation-1",
    "test", "baseline", "all", "0", "é", "\ud800", "\x00", "nan", "dropout", "mnist5k", "uci_digits", "l2", "add",
]  # fmt: skip
ODD_NUMBERS = [0, 1, -1, 2, 3, 5, 7, 0.5, -0.0, 1e-300, 1e300, math.inf, -math.inf, math.nan, 10**18, 10**400, 10**4000]
SCALARS = st.one_of(
    st.sampled_from(ODD_TEXTS), st.sampled_from(ODD_NUMBERS), st.none(), st.booleans(), st.integers(), st.floats(),
    st.text(max_size=50), st.dates(),
)  # fmt: skip
KEYS = st.one_of(st.sampled_from(ODD_TEXTS), st.integers(), st.none(), st.booleans(), st.floats(), st.text(max_size=8))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)


def places(config: Any, path: tuple = ()) -> list[tuple]:
    """Every place of a config that holds a value."""
    items = config.items() if isinstance(config, dict) else enumerate(config) if isinstance(config, list) else ()
    return [place for key, value in items for place in [(*path, key), *places(value, (*path, key))]]


@st.composite
def mutated(draw: st.DrawFn, config: dict) -> dict:
    """A valid config after one to three changes: a value replaced, dropped, added, moved or taken from elsewhere."""
    config = copy.deepcopy(config)
    for _ in range(draw(st.integers(1, 3))):
        *above, last = draw(st.sampled_from(places(config)))
        holder = config
        for key in above:
            holder = holder[key]
        change = draw(st.sampled_from(["replace", "drop", "add", "copy", "perturb"]))
        if change == "replace":
            holder[last] = draw(VALUES)
        elif change == "drop":
            del holder[last]
        elif change == "add" and isinstance(holder, dict):
            holder[draw(KEYS)] = draw(VALUES)
        elif change == "add":
            holder.append(draw(VALUES))
        elif change == "copy":
            other = config
            for key in draw(st.sampled_from(places(config) or [()])):
                other = other[key]
            holder[last] = copy.deepcopy(other)
        elif isinstance(holder[last], int | float) and abs(holder[last]) < 10**6:
            holder[last] = draw(
                st.sampled_from([holder[last] * 2, holder[last] + 1, -holder[last], float(holder[last])])
            )
        if not places(config):
            break
    return config


def use(study: Study) -> None:
    """Ask of a study everything that the rules ask of it."""
    for condition in study.conditions:
        assert set(condition.name) <= set("abcdefghijklmnopqrstuvwxyz0123456789_.-+")
        assert condition.described()["condition"] == condition.name
        assert study.condition(condition.name) is condition
        assert condition.settings() == [intervention.given() for intervention in condition.treatment]
    for evaluation_set in study.evaluation_sets:
        assert "/" not in evaluation_set.name
        assert "\n" not in evaluation_set.name
    assert len({evaluation_set.name for evaluation_set in study.evaluation_sets}) == len(study.evaluation_sets)
    assert [seed for block in study.blocks for seed in study.seeds_of(block)] == list(range(study.seeds.count))
    if study.pools:
        assert study.generator is not None
        assert study.generator.params("sampling")["kind"] == study.generator.kind
    plan = plan_sections(study.given())
    assert yaml.safe_load(yaml.safe_dump(plan)) == plan


@pytest.mark.slow
@settings(max_examples=1000, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_every_config_is_accepted_or_refused_in_one_line(project, data):
    base = yaml.safe_load((project / "config/smoke.yaml").read_text())
    config = data.draw(mutated(base))
    try:
        study = load_study(config, "config/mine.yaml")
    except ConfigError as error:
        message = str(error)
        assert message.startswith("config/mine.yaml: ")
        assert "\n" not in message
        assert len(message) < 1000
    else:
        use(study)
