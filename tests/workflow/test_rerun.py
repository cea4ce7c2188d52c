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


def test_an_added_baseline_trains_only_itself(finished):
    with finished.edited("config/smoke.yaml", "seeds: {count: 3,", "baselines: 2\nseeds: {count: 3,"):
        plan = finished.plan()
    assert plan["finetune"] == plan["spectra"] == 1
    assert "measure_diversity" not in plan


def test_an_added_seed_block_adds_only_its_runs(finished):
    conditions = finished.root.joinpath("config/smoke.yaml").read_text().count("family:") + 2
    with finished.edited("config/smoke.yaml", "seeds: {count: 3,", "seeds: {count: 6,"):
        plan = finished.plan()
    assert plan["finetune"] == plan["predict"] == plan["spectra"] == conditions
    assert not {"prepare_splits", "prepare_backbone", "train_generator", "sample_generator"} & set(plan)


def test_an_edit_of_the_spectra_code_makes_the_spectra_again(finished):
    """This study has spectra along training, so it trains again; a study without does not (tests/test_digest.py)."""
    path = "workflow/scripts/weightscape/spectra/power_law.py"
    text = (finished.root / path).read_text()
    with finished.edited(path, text, text + "\nEDITED = True\n"):
        plan = finished.plan()
    assert plan["spectra"] == plan["finetune"] > 1
    assert not {"prepare_splits", "prepare_backbone", "train_generator", "sample_generator"} & set(plan)
    assert "measure_diversity" not in plan


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


L = "workflow/scripts/weightscape"


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (f"{L}/training/dropout.py", '"""Dropout that acts:', '"""Dropout which acts:'),
        (f"{L}/training/families/dropout.py", '"""dropout probability"""', '"""probability of dropout"""'),
        (f"{L}/spectra/marchenko_pastur.py", '"""Probability that a random matrix shows', '"""Chance that it shows'),
        (f"{L}/config/checks.py", "must be a multiple of seeds.per_job", "has to be a multiple of seeds.per_job"),
        (f"{L}/config/messages.py", "(did you mean {close", "(perhaps {close"),
        (f"{L}/training/policies/affine.py", "degrees=30", "degrees=31"),
        (f"{L}/data/corruptions/blur.py", "0.0125", "0.0130"),
        (f"{L}/data/sources/image_folder.py", "return (self._root,)", "return (str(self._root),)"),
        (f"{L}/generator/hub.py", "sampling_steps: Count = 20", "sampling_steps: Count = 21"),
        (f"{L}/backbones/timm.py", "return self.architecture", "return str(self.architecture)"),
    ],
)  # fmt: skip
def test_what_cannot_change_a_result_of_this_study_reruns_no_training(finished, path, old, new):
    """Texts, checks of the config, and entries that the study does not use."""
    with finished.edited(path, old, new):
        plan = finished.plan()
    labels = path.endswith("families/dropout.py")  # the axis of a figure shows it
    assert set(plan) - figures(plan) == ({"provenance", "write_report"} if labels else set())


@pytest.mark.parametrize("entry", ["data/sources", "training/families", "training/policies", "data/corruptions"])
def test_a_new_entry_that_the_study_does_not_use_reruns_nothing(finished, entry):
    known = {"data/sources": "mnist5k", "training/families": "noise", "training/policies": "crop",
             "data/corruptions": "blur"}[entry]  # fmt: skip
    folder = finished.root / L / entry
    new = folder / "another.py"
    new.write_text((folder / f"{known}.py").read_text().replace(f'"{known}"', '"another"'))
    try:
        assert finished.plan() == {}
    finally:
        new.unlink()


def test_an_edit_of_a_policy_retrains_its_conditions_only(finished):
    with finished.edited(f"{L}/training/policies/randaugment.py", "num_ops=2", "num_ops=3"):
        plan = finished.plan()
    assert {rule: plan[rule] for rule in ("finetune", "predict", "spectra", "measure_diversity")} == {
        "finetune": 1, "predict": 1, "spectra": 1, "measure_diversity": 1,
    }  # fmt: skip


def test_an_edit_of_an_out_of_distribution_source_trains_nothing(finished):
    with finished.edited(f"{L}/data/sources/uci_digits.py", "255 / 16", "254 / 16"):
        plan = finished.plan()
    assert plan["prepare_ood"] == 1
    assert not {"finetune", "prepare_splits", "spectra", "measure_diversity"} & set(plan)


def test_an_edit_of_the_training_code_retrains(finished):
    with finished.edited(f"{L}/training/schedules.py", "RISE_SHARE = 0.3", "RISE_SHARE = 0.4"):
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
