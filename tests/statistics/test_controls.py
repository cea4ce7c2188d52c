"""The controls table: each control can fail."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from weightscape.statistics.controls import COLUMNS, control_power, controls_table
from weightscape.statistics.cross_validated import cross_validated_cosine
from weightscape.statistics.features import fingerprints
from weightscape.statistics.presence import presence
from weightscape.statistics.robustness import robustness_table
from weightscape.streams import stream
from weightscape.words.reasons import reason


def test_the_power_of_a_null_control_is_that_of_the_test_on_simulated_effects():
    """Against studies that are simulated one by one; a longer effect is found more often."""
    rng = stream("power of controls")
    noise = rng.normal(size=(10, 8))
    effect = (noise - noise.mean(axis=0)) / noise.std(axis=0, ddof=1)
    direction = np.eye(8)[0]
    found = []
    for _ in range(300):
        simulated = rng.multivariate_normal(np.zeros(8), np.cov(effect.T), size=10) + 2 * direction
        found.append(presence(simulated).pvalue <= 0.05 / 2)
    power = control_power(effect, 2)
    assert power == pytest.approx(np.mean(found), abs=0.15)
    assert control_power(effect, 2, length=4.0) > power > control_power(effect, 20)
    assert 0 < control_power(effect[:5], 0) < 1


def controls(tables, plan, runs=None):
    prints = {"shape": fingerprints(tables.spectra, plan.shape), "scale": fingerprints(tables.spectra, plan.scale)}
    table = controls_table(tables if runs is None else replace(tables, runs=runs), prints, plan)
    return table.assign(reason=table["facts"].map(reason))


def test_the_null_control_passes_and_fails_if_the_second_baseline_acts(study_tables, simulate_study, plan):
    good, bad = (
        controls(tables, plan).set_index(["control", "subject", "feature_family"])
        for tables in (study_tables, simulate_study(strength={"baseline_b": 8.0}))
    )
    assert set(good.reset_index().columns) == {*COLUMNS, "reason"}
    assert good.loc[("no effect", "baseline_b", "shape")].outcome == "passed"
    assert bad.loc[("no effect", "baseline_b", "shape")].outcome == "failed"
    assert "Baseline b moves the shape" in bad.loc[("no effect", "baseline_b", "shape")].reason


def test_too_few_seeds_to_fail_leave_the_null_control_undetermined(simulate_study, plan):
    """Six seeds have 32 patterns of signs; two tests cannot reach .05 after Holm."""
    table = controls(simulate_study(seeds=6), plan)
    null = table[table.control == "no effect"]
    assert list(null.outcome) == ["undetermined", "undetermined"]
    assert null.reason.str.contains("over 2 null controls, which cannot reach .05 with 6 seeds", regex=False).all()


@pytest.mark.parametrize(("strength", "outcome"), [(0.0, "passed"), (8.0, "failed")])
def test_few_seeds_judge_the_null_control_by_its_interval(simulate_study, plan, strength, outcome):
    table = controls(simulate_study(seeds=5, strength={"baseline_b": strength}), plan)
    null = table[(table.control == "no effect") & (table.feature_family == "shape")].iloc[0]
    assert null.outcome == outcome
    assert (null.low > 0) == (outcome == "failed")
    assert "squared length" in null.reason
    assert "p\N{NO-BREAK SPACE}=" not in null.reason


def test_duplicates_are_a_null_control_too(study_tables, plan):
    runs = study_tables.runs.copy()
    runs.loc[runs["series"] == "affine", "family"] = "duplicate"
    table = controls(study_tables, plan, runs)
    assert table[table.subject == "affine"].outcome.tolist() == ["failed", "failed"]


def test_neighbouring_doses_pass_unless_another_family_is_nearer(study_tables, plan):
    """One dose of dropout is swapped with weight decay's: then the other dose's neighbour is of another family."""
    good = controls(study_tables, plan)
    good = good[(good.control == "neighbours") & (good.feature_family == "shape")].set_index("subject")
    assert set(good.outcome) <= {"passed", "undetermined"}
    names = {"dropout-0.2": "weight_decay-0.3", "weight_decay-0.3": "dropout-0.2"}
    swapped = study_tables.spectra.assign(condition=study_tables.spectra["condition"].replace(names))
    bad = controls(replace(study_tables, spectra=swapped), plan)
    bad = bad[(bad.feature_family == "shape")].set_index("subject")
    assert bad.outcome["dropout-0.1, dropout-0.2"] == "failed"
    reason = bad.reason["dropout-0.1, dropout-0.2"]
    assert float(re.search(r"Holm p.[=<].(\.\d+)", reason)[1]) <= 0.05


def test_doses_that_do_not_act_are_undetermined_with_the_reason(simulate_study, plan):
    table = controls(simulate_study(strength={"dropout": 0.0}), plan).set_index(
        ["control", "subject", "feature_family"]
    )
    found = table.loc[("neighbours", "dropout-0.1, dropout-0.2", "shape")]
    assert found.outcome == "undetermined"
    assert "not shown to act on the shape, so there is no direction to compare" in found.reason
    assert np.isnan(found.statistic)


def test_neighbours_are_adjusted_for_all_rivals_of_all_pairs(study_tables, plan):
    """Three pairs of doses, each dose against the acting conditions of other families, on two feature families."""
    table = controls(study_tables, plan)
    rows = table[table.control == "neighbours"]
    assert len(rows) == 6
    pairs = {"dropout-0.1, dropout-0.2": 6, "randaugment-5, randaugment-9": 5, "synthetic-0.5, synthetic-1": 6}
    assert rows.reason.str.contains(f"over {2 * 2 * sum(pairs.values())} comparisons").all()
    one = rows[rows.feature_family == "shape"].set_index("subject").loc["dropout-0.1, dropout-0.2"]
    prints = fingerprints(study_tables.spectra, plan.shape)
    own = cross_validated_cosine(prints.effects["dropout-0.1"], prints.effects["dropout-0.2"]).value
    family = dict(zip(study_tables.runs["condition"], study_tables.runs["family"], strict=True))
    others = [c for c in prints.effects if family[c] not in ("dropout", "baseline")]
    nearest = max(
        cross_validated_cosine(prints.effects[dose], prints.effects[other]).value
        for dose in ("dropout-0.1", "dropout-0.2")
        for other in others
    )
    assert one.statistic == pytest.approx(own - nearest)


@pytest.mark.parametrize("family", ["head_dropout", "combination"])
def test_variants_and_combinations_are_no_rivals_of_neighbours(study_tables, plan, family):
    """Of dropout and of all; a family of its own is a rival of all three pairs of doses on both feature families."""
    combinations = {"affine-0.5": ["dropout-0.1", "randaugment-5"]} if family == "combination" else {}

    def comparisons(name, **changes):
        runs = study_tables.runs.assign(
            family=study_tables.runs["family"].where(study_tables.runs["series"] != "affine", name)
        )
        table = controls(replace(study_tables, **changes), plan, runs)
        texts = table.loc[table["control"] == "neighbours", "reason"]
        return {int(re.search(r"over (\d+) comparisons", text)[1]) for text in texts}

    assert comparisons("unheard_of") == {72}
    assert comparisons(family, combinations=combinations) == {60 if combinations else 68}


def test_synthetic_must_not_beat_more_real_images(study_tables, plan):
    runs = study_tables.runs.copy()
    runs.loc[runs["series"] == "affine", "family"] = "more_real"
    evaluation = study_tables.evaluation.copy()
    rows = (evaluation["kind"] == "test") & (evaluation["series"] == "affine")
    for accuracy, outcome in ((0.99, "passed"), (0.2, "failed")):
        evaluation.loc[rows, "accuracy"] = accuracy
        table = controls(replace(study_tables, evaluation=evaluation), plan, runs).set_index("control")
        assert table.outcome["upper bound"] == outcome


def test_two_seeds_have_no_controls_and_no_failure(simulate_study, plan):
    tables = simulate_study(seeds=2)
    assert controls(tables, plan).empty
    table = robustness_table(tables, plan)
    assert set(table.verdict) == {"undetermined"}


def test_the_table_does_not_depend_on_the_order_of_rows(study_tables, change_each, plan):
    shuffled = change_each(study_tables, lambda part: part.sample(frac=1, random_state=5))
    pd.testing.assert_frame_equal(controls(study_tables, plan), controls(shuffled, plan), check_exact=True)
