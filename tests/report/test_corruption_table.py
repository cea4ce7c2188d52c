"""The report's table of corruption errors, and conditions that were trained on some or all corruptions."""

import pandas as pd
import pytest
from simulated_study import SimulatedStudy

from weightscape.evaluation.corruption_errors import corruption_errors
from weightscape.report.behaviour import robustness_table
from weightscape.report.corruptions import corruption_summary, corruption_table
from weightscape.report.tables import accuracy_table, evaluation_summary


def trained_on(study: SimulatedStudy, series: str, *kinds: str) -> pd.DataFrame:
    evaluation = study.tables["evaluation"].copy()
    evaluation["seen"] = (evaluation["series"] == series) & evaluation["corruption"].isin(kinds)
    return evaluation


def test_errors_are_in_the_table_and_those_of_the_own_corruption_marked(large: SimulatedStudy) -> None:
    evaluation = trained_on(large, "affine", "rotation")
    summary = corruption_summary(evaluation)
    errors = corruption_errors(evaluation, "baseline")
    own = errors[(errors["condition"] == "affine-1") & (errors["corruption"] == "gaussian_noise")]
    entry = summary.set_index(["condition", "corruption"]).loc[("affine-1", "mean")]
    assert entry["ce_mean"] == pytest.approx(own["ce"].mean())
    assert entry["relative_ce_sd"] == pytest.approx(own["relative_ce"].std())
    table = corruption_table(summary, large.conditions)
    assert table is not None
    assert list(table.columns) == ["condition", "mCE", "relative mCE", "gaussian noise", "rotation"]
    rows = {row[0].text: [cell.text for cell in row[1:]] for row in table.rows}
    assert [text[:5] for text in rows["baseline"]] == ["1.000"] * 4
    assert [text.endswith("†") for text in rows["affine 1"]] == [False, False, False, True]
    assert rows["affine 1"][0] == rows["affine 1"][2]
    assert not any("†" in text for text in rows["dropout 0.1"])


def test_a_condition_that_was_trained_on_all_corruptions_has_dashes(large: SimulatedStudy) -> None:
    evaluation = trained_on(large, "affine", "rotation", "gaussian_noise")
    table = corruption_table(corruption_summary(evaluation), large.conditions)
    assert table is not None
    rows = {row[0].text: [cell.text for cell in row[1:]] for row in table.rows}
    assert rows["affine 1"][:2] == ["–", "–"]
    accuracy = accuracy_table(evaluation_summary(evaluation), large.conditions)
    column = list(accuracy.columns).index("corrupted accuracy")
    assert {row[0].text: row[column].text for row in accuracy.rows}["affine 1"] == "–"
    effects = large.tables["effects"]
    lacking = (effects["outcome"] == "evaluation/corruption/accuracy") & (effects["series"] == "affine")
    robustness = robustness_table(effects[~lacking], large.conditions)
    assert robustness is not None
    assert [cell.text for row in robustness.rows if row[0].text == "affine 1" for cell in row][-2:] == ["–", "–"]


def test_a_study_without_corrupted_images_has_no_such_table(large: SimulatedStudy) -> None:
    evaluation = large.tables["evaluation"]
    summary = corruption_summary(evaluation[evaluation["kind"] != "corruption"])
    assert summary.empty
    assert corruption_table(summary, large.conditions) is None
