"""The sections on other analyses, controls and the plan follow their tables: changed tables change the sentences."""

import pandas as pd
import pytest
from simulated_study import SimulatedStudy

from weightscape.report.checks import (
    judgement_points,
    judgement_sentences,
    plan_points,
    plan_sentences,
    plan_warning,
    stability_points,
    stability_sentences,
)
from weightscape.report.page import render_html, render_markdown
from weightscape.statistics.controls import NeighboursWithoutRival, NullControl, UpperBound
from weightscape.statistics.estimate import Estimate
from weightscape.statistics.facts import (
    Case,
    Change,
    Changed,
    ConditionName,
    Name,
    TooFew,
    write_facts,
)
from weightscape.statistics.preregistration import plan_record, plan_table

CONFIG = {"claims": {"shape": ["alpha"]}, "conditions": {"dropout": {"doses": [0.1]}}, "seeds": {"count": 8}}


@pytest.fixture
def analyses() -> pd.DataFrame:
    rows = [
        ("2a", "plan", Change("as planned"), "supported", True),
        ("2a", "measure", Change("pixel space"), "supported", True),
        ("2a", "series", Change("without {}", Name("series", "more_real")), "supported", True),
        ("2c", "plan", Change("as planned"), "undetermined", True),
    ]
    table = pd.DataFrame(rows, columns=["claim", "kind", "change", "verdict", "same_verdict"]).assign(statistic=0.5)
    return table.assign(facts=[write_facts(Changed(change, Case("no feature"))) for change in table["change"]])


def changed_plan() -> pd.DataFrame:
    later = {**CONFIG, "conditions": {"dropout": {"doses": [0.1, 0.2]}, "noise": {"doses": [1]}}}
    return plan_table(plan_record(CONFIG), plan_record(later))


def test_agreeing_analyses_are_counted(analyses: pd.DataFrame) -> None:
    assert stability_sentences(analyses)[0].startswith(
        "The verdict is that of the planned analysis in 2 of 2 other analyses of the 1 claim that it decides."
    )
    assert stability_points(analyses) == [
        "Claim 2a: supported in the planned analysis and in 2 of 2 others.",
        "Claim 2c: undetermined in the planned analysis; no other analysis is possible.",
    ]


def test_a_claim_that_could_not_be_tested_agrees_with_nothing(analyses: pd.DataFrame) -> None:
    analyses.loc[:2, "statistic"] = float("nan")
    assert stability_sentences(analyses) == [
        "No claim that the planned analysis decides could be analysed in another way."
    ]
    assert stability_points(analyses)[0] == "Claim 2a could not be tested."


def test_analyses_without_an_estimate_are_told(analyses: pd.DataFrame) -> None:
    analyses.loc[1, "statistic"] = float("nan")
    assert stability_points(analyses)[0] == (
        "Claim 2a: supported in the planned analysis and in 2 of 2 others (1 without an estimate)."
    )


def test_another_verdict_is_named_with_its_analysis(analyses: pd.DataFrame) -> None:
    analyses.loc[2, ["verdict", "same_verdict"]] = ["contradicted", False]
    assert stability_sentences(analyses)[0].startswith("The verdict is that of the planned analysis in 1 of 2")
    assert stability_points(analyses)[0] == (
        "Claim 2a: supported in the planned analysis and in 1 of 2 others; contradicted under “without more real”."
    )


def test_a_study_without_other_analyses_says_so(analyses: pd.DataFrame) -> None:
    planned = analyses[analyses["kind"] == "plan"]
    assert stability_sentences(planned) == [
        "No claim that the planned analysis decides could be analysed in another way."
    ]
    assert stability_points(analyses.head(0)) == []


def test_controls_are_counted_and_those_that_did_not_pass_are_named(large: SimulatedStudy) -> None:
    controls = large.tables["controls"].head(3).assign(outcome="passed", feature_family="shape")
    assert judgement_sentences(controls) == ["Of 3 automatic controls: 3 passed."]
    assert judgement_points(controls) == []
    moved = UpperBound(("of_some",), "more_real", Estimate(0.5, 0.1, 0.9, 0.2, 0.01))
    controls.loc[controls.index[0], ["outcome", "facts"]] = ["failed", write_facts(moved)]
    assert judgement_sentences(controls) == ["Of 3 automatic controls: 2 passed and 1 failed."]
    assert judgement_points(controls) == [
        "Failed (no effect, shape): The logit accuracy of of some on the test set is 0.500 above that of more real, "
        "difference [0.100, 0.900]."
    ]
    doses = (ConditionName("a-1", "a", 1.0), ConditionName("a_b-2", "a_b", 2.0))
    facts = write_facts(NeighboursWithoutRival(doses, (), "shape"))
    open_ = controls.assign(
        outcome="undetermined", control="neighbours", facts=facts, feature_family=["shape", "", "scale"]
    )
    assert judgement_points(open_) == [
        "Undetermined: a 1, a b 2 (neighbours, shape); a 1, a b 2 (neighbours); a 1, a b 2 (neighbours, scale)."
    ]
    assert judgement_sentences(controls.head(0)) == ["No control could be judged."]
    with pytest.raises(ValueError, match="'good'; allowed: passed, failed, undetermined"):
        judgement_sentences(controls.assign(outcome="good"))


def test_an_unchanged_plan_is_said_to_be_so() -> None:
    plan = plan_table(plan_record(CONFIG), plan_record(CONFIG))
    registered, unchanged = plan_sentences(plan)
    assert plan.at[0, "registered"] in registered
    assert f"{len(plan) - 1} items" in registered
    assert unchanged == "It has not been changed since."
    assert plan_points(plan) == plan_warning(plan) == []


def test_a_change_of_the_plan_is_shown_item_by_item_with_both_sums() -> None:
    plan = changed_plan()
    registered, changed = plan_sentences(plan)
    assert plan.at[0, "registered"] in registered
    assert plan.at[0, "current"] in changed
    assert "2 of its items were changed" in changed
    assert plan_points(plan) == [
        "conditions.dropout.doses: registered [0.1], now [0.1, 0.2]",
        "conditions.noise.doses: registered nothing, now [1]",
    ]


def test_page_and_summary_show_the_three_tables_and_warn_of_a_changed_plan(large: SimulatedStudy, make_report) -> None:
    robustness = large.tables["robustness"].copy()
    row = robustness.index[robustness["claim"] == "2a"][1]
    other = write_facts(Changed(Change("quite another way"), TooFew("seeds", 77, 78, "patience of a saint")))
    robustness.loc[row, ["statistic", "low", "high", "facts"]] = [-77.5, -78.5, -76.5, other]
    controls = large.tables["controls"].copy()
    moved = NullControl("it_was_moved", "shape", True, Estimate(1.0, 0.5, 1.5, 0.2, 0.01), 8, 0.01, 0.02, 2, False, 0.5)
    controls.loc[controls.index[0], ["outcome", "facts"]] = ["failed", write_facts(moved)]
    before = make_report(large)
    study = large.with_table("plan", changed_plan()).with_table("robustness", robustness)
    after = make_report(study.with_table("controls", controls))
    page, text = render_html(after), render_markdown(after)
    for words in ("quite another way", "the patience of a saint needs 78", "−78.5 to −76.5"):
        assert words in page
        assert words not in render_html(before)
    for words in (
        "It was moved moves the shape",
        "conditions.noise.doses: registered nothing, now [1]",
        "was changed after",
    ):
        assert words in page
        assert words in text
        assert words not in render_html(before)
        assert words not in render_markdown(before)


def test_amendments_stand_at_the_head_of_the_report_and_in_the_plan() -> None:
    config = {**CONFIG, "amendments": ["The dose was raised after a first run."]}
    plan = plan_table(plan_record(config), plan_record(config))
    assert plan_warning(plan) == [
        "The plan was amended after an earlier run had been seen: The dose was raised after a first run."
    ]
    assert plan_points(plan) == ["Amended before registration: The dose was raised after a first run."]


def test_several_amendments_are_introduced_once() -> None:
    config = {**CONFIG, "amendments": ["The dose was raised.", "The seeds are new."]}
    plan = plan_table(plan_record(config), plan_record(config))
    assert plan_warning(plan) == [
        "The plan was amended after an earlier run had been seen: The dose was raised.",
        "The seeds are new.",
    ]


def test_amendments_after_the_registration_are_told_as_such() -> None:
    later = {**CONFIG, "amendments": ["The dose was raised."]}
    points = plan_points(plan_table(plan_record(CONFIG), plan_record(later)))
    assert points[0] == "Amended after registration: The dose was raised."
    assert points[1].startswith("amendments: registered ")
