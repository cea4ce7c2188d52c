"""What runs again after a change: the real workflow, planned on top of a finished study."""

import os

import pytest

pytestmark = pytest.mark.slow

AGGREGATES = {"evaluate", "collect_tables", "compute_statistics", "provenance", "write_report"}


def figures(plan: dict[str, int]) -> set[str]:
    return {rule for rule in plan if rule.startswith("figure_")}


def test_nothing_to_do_after_a_finished_run(finished):
    assert finished.plan() == {}


def test_touching_every_file_of_the_checkout_reruns_nothing(finished):
    for path in finished.root.rglob("*"):
        if path.is_file() and "results" not in path.parts and ".snakemake" not in path.parts:
            os.utime(path)
    assert finished.plan() == {}


def test_a_changed_dose_reruns_its_condition_and_the_aggregates_only(finished):
    with finished.edited("config/smoke.yaml", "doses: [0.2]", "doses: [0.25]"):
        plan = finished.plan()
    assert {rule: plan.pop(rule) for rule in ("finetune", "predict", "spectra")} == {
        "finetune": 1, "predict": 1, "spectra": 1,
    }  # fmt: skip
    assert set(plan) - figures(plan) == AGGREGATES


def test_a_changed_dose_of_the_data_reruns_its_diversity_too(finished):
    with finished.edited("config/smoke.yaml", "policy: randaugment, doses: [9]", "policy: randaugment, doses: [5]"):
        plan = finished.plan()
    assert plan["measure_diversity"] == plan["finetune"] == 1


def test_an_added_dose_adds_only_its_runs(finished):
    with finished.edited("config/smoke.yaml", "doses: [0.2]", "doses: [0.2, 0.4]"):
        plan = finished.plan()
    assert (plan["finetune"], plan["predict"], plan["spectra"]) == (1, 1, 1)
    assert "train_generator" not in plan
    assert "prepare_splits" not in plan


def test_an_added_seed_block_adds_only_its_runs(finished):
    conditions = finished.root.joinpath("config/smoke.yaml").read_text().count("family:") + 2
    with finished.edited("config/smoke.yaml", "seeds: {count: 3,", "seeds: {count: 6,"):
        plan = finished.plan()
    assert plan["finetune"] == plan["predict"] == plan["spectra"] == conditions
    assert not {"prepare_splits", "prepare_backbone", "train_generator", "sample_generator"} & set(plan)


def test_an_edit_of_the_spectra_code_retrains_nothing(finished):
    path = "workflow/scripts/weightscape/spectra/power_law.py"
    text = (finished.root / path).read_text()
    with finished.edited(path, text, text + "\nEDITED = True\n"):
        plan = finished.plan()
    assert plan["spectra"] > 1
    assert not {"finetune", "predict", "evaluate", "measure_diversity"} & set(plan)


def test_an_edit_of_the_plotting_code_reruns_figures_and_report_only(finished):
    path = "workflow/scripts/weightscape/figures/style.py"
    text = (finished.root / path).read_text()
    with finished.edited(path, text, text + "\nEDITED = True\n"):
        plan = finished.plan()
    assert figures(plan)
    assert set(plan) - figures(plan) == {"provenance", "write_report"}


def test_an_edit_of_a_comment_reruns_nothing(finished):
    path = "workflow/scripts/weightscape/training/finetune.py"
    text = (finished.root / path).read_text()
    with finished.edited(path, text, text + "\n# A comment.\n"):
        assert finished.plan() == {}


def test_an_edit_of_the_training_code_retrains(finished):
    with finished.edited(
        "workflow/scripts/weightscape/training/finetune.py", "WARMUP_SHARE = 0.3", "WARMUP_SHARE = 0.4"
    ):
        plan = finished.plan()
    conditions = finished.root.joinpath("config/smoke.yaml").read_text().count("family:") + 2
    assert plan["finetune"] == conditions
    assert "train_generator" not in plan


def test_swapped_values_of_two_parameters_rerun(finished):
    """A set of parameters would look the same after the swap; ours are compared by name."""
    with (
        finished.edited("config/smoke.yaml", "epochs: 2", "epochs: 50"),
        finished.edited("config/smoke.yaml", "batch_size: 50", "batch_size: 2"),
    ):
        plan = finished.plan()
    assert plan["finetune"] > 1


def test_a_removed_condition_reruns_the_aggregates_only(finished):
    text = finished.root.joinpath("config/smoke.yaml").read_text()
    line = next(line for line in text.splitlines(keepends=True) if "family: augment" in line)
    with (
        finished.edited("config/smoke.yaml", line, ""),
        finished.edited("config/smoke.yaml", "diversity: [randaugment, synthetic]", "diversity: [synthetic]"),
        finished.edited("config/smoke.yaml", "augmentation: [randaugment]", "augmentation: []"),
    ):
        plan = finished.plan()
    assert set(plan) - figures(plan) == AGGREGATES


def test_a_new_evaluation_set_predicts_again_and_retrains_nothing(finished):
    with finished.edited("config/smoke.yaml", "severities: [1, 5]", "severities: [1, 3, 5]"):
        plan = finished.plan()
    assert plan["predict"] > 1
    assert not {"finetune", "spectra", "measure_diversity"} & set(plan)
