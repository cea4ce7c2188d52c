"""A study with combinations and with frozen layers: every figure and the whole report are made, and say so."""

from pathlib import Path

import pytest
from figure_files import FIGURES, draw, write_inputs
from simulated_study import SimulatedStudy, simulate

from weightscape.report.content import Report

SERIES = {
    "dropout": ("dropout", (0.1,)),
    "weight_decay": ("weight_decay", (0.3, 1.0)),
    "randaugment": ("augment", (9.0,)),
    "freeze": ("freeze", (0.5, 1.0)),
}
COMBINATIONS = {
    "both-0.1-0.3": ["dropout-0.1", "weight_decay-0.3"],
    "mixed-9-0.1": ["randaugment-9", "dropout-0.1"],
}


@pytest.fixture(scope="module")
def study() -> SimulatedStudy:
    return simulate(SERIES, 6, COMBINATIONS, {"freeze-0.5": 4, "freeze-1": 7})


@pytest.fixture(scope="module")
def report(study: SimulatedStudy, make_report) -> Report:
    return make_report(study)


def test_every_figure_is_drawn(study: SimulatedStudy, tmp_path: Path) -> None:
    write_inputs(study, tmp_path)
    (tmp_path / "figures").mkdir()
    draw(FIGURES, study, tmp_path, tmp_path / "figures")
    assert {path.stem for path in (tmp_path / "figures").glob("*.svg")} == set(FIGURES)


def test_parts_that_do_not_add_up_are_named(report: Report) -> None:
    """The simulated combinations do nothing, so that what is beyond the sum is the parts' effects turned round."""
    (section,) = (section for section in report.sections if section.anchor == "interactions")
    assert "2 combinations of interventions (both-0.1-0.3 and mixed-9-0.1) are compared" in section.sentences[0]
    assert {row[1].text for row in section.tables[0].rows} == {
        "dropout 0.1 + weight decay 0.3", "randaugment 9 + dropout 0.1",
    }  # fmt: skip


def test_frozen_layers_are_the_reason_why_a_series_is_compared_with_none(report: Report) -> None:
    (section,) = (section for section in report.sections if section.anchor == "similarity")
    reasons = [row[-1].text for row in section.tables[0].rows if "freeze" in {row[0].text, row[1].text, row[2].text}]
    assert "Training leaves layers of freeze as they are, so there is no change of them to compare." in reasons


def test_frozen_layers_leave_the_others_effects_as_they_are(study: SimulatedStudy) -> None:
    effects = study.tables["effects"]
    change = effects[(effects["outcome"] == "delta/entropy") & (effects["level"] == "condition")].set_index("condition")
    assert change.loc[["freeze-0.5", "freeze-1"], "mean"].isna().all()
    assert change.drop(index=["freeze-0.5", "freeze-1"])["mean"].notna().all()
    late = effects[(effects["outcome"] == "delta/late/entropy") & (effects["level"] == "condition")]
    assert late.set_index("condition")["mean"].isna().to_dict()["freeze-0.5"] is False
