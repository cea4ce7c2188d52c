"""The plans of whole studies: without running anything."""

import re

import pytest
import yaml

from .conftest import Checkout

L = "workflow/scripts/weightscape"


def test_default_study_is_planned_from_nothing(fresh):
    plan = fresh.plan(configfile="config/digits.yaml")
    study = yaml.safe_load((fresh.root / "config/digits.yaml").read_text())
    conditions = study["baselines"] + 1 + sum(len(series["doses"]) for series in study["conditions"].values())
    blocks = study["seeds"]["count"] // study["seeds"]["per_job"]
    assert conditions * study["seeds"]["count"] >= 120
    assert plan["finetune"] == plan["predict"] == plan["spectra"] == conditions * blocks
    assert plan["write_report"] == 1


@pytest.mark.parametrize(
    "study", ["doses", "smoke", "paper/cifar10_rn50", "paper/cifar100_vit", "paper/cifar10_resnet18"]
)
def test_the_other_shipped_studies_are_planned_from_nothing(fresh, study):
    assert fresh.plan(configfile=f"config/{study}.yaml")["write_report"] == 1


def test_spectra_along_training_are_planned_only_with_their_key(fresh):
    assert fresh.plan(configfile="config/smoke.yaml")["figure_trajectory"] == 1
    without = fresh.plan(configfile="config/digits.yaml")
    assert "figure_trajectory" not in without
    answer = fresh.snakemake("--dry-run", "--cores", "8", "--configfile", "config/digits.yaml")
    assert "trajectory" not in answer.stdout


def test_config_digits_is_the_default(fresh):
    answer = fresh.snakemake("--dry-run", "--cores", "8")
    assert answer.returncode == 0, answer.stderr
    assert "results/digits/report.html" in answer.stdout + answer.stderr


def test_a_config_file_stands_alone(fresh):
    """With the default study mixed in, this would plan that study under another title."""
    (fresh.root / "config/mine.yaml").write_text("title: hello\n")
    answer = fresh.snakemake("--dry-run", "--configfile", "config/mine.yaml")
    assert answer.returncode != 0
    assert "config/mine.yaml: the study lacks the key study" in answer.stdout + answer.stderr


def test_a_key_that_appears_twice_is_refused(fresh):
    with fresh.edited("config/smoke.yaml", "title:", "title: first\ntitle:"):
        answer = fresh.snakemake("--dry-run", "--configfile", "config/smoke.yaml")
    assert answer.returncode != 0
    assert "config/smoke.yaml: line 4: the key 'title' appears twice" in answer.stdout + answer.stderr


def test_the_default_study_is_planned_from_another_directory(fresh, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    answer = fresh.snakemake("--dry-run", "--directory", str(elsewhere), "--snakefile", str(fresh.root / "Snakefile"))
    assert answer.returncode == 0, answer.stderr
    assert "results/digits/report.html" in answer.stdout + answer.stderr
    assert not (elsewhere / "results").exists()


def test_a_figure_is_a_module_and_its_caption(fresh):
    """A figure that is added as two files is planned, without an edit of another file."""
    module = 'CATEGORY = "Toys"\nSECTION = ("verdicts", 9)\nTABLES = ("claims",)\n'
    (fresh.root / "workflow/scripts/weightscape/figures/toy.py").write_text(module)
    (fresh.root / "workflow/report/toy.rst").write_text("A line.\n")
    assert fresh.plan()["figure_toy"] == 1


def test_braces_in_texts_are_no_wildcards(fresh):
    study = yaml.safe_load((fresh.root / "config/smoke.yaml").read_text())
    study["title"] = "{braces} and {{more}} %s"
    study["generator"] = {
        "kind": "text2image", "model": "owner/name", "prompts": ["a photo of a {class_name}"], "images": 100,
    }  # fmt: skip
    (fresh.root / "config/own.yaml").write_text(yaml.safe_dump(study))
    assert fresh.plan(configfile="config/own.yaml")["write_report"] == 1


def test_combinations_are_conditions_like_others(fresh):
    before = fresh.plan()
    study = yaml.safe_load((fresh.root / "config/smoke.yaml").read_text())
    study["conditions"]["both"] = {"combine": ["dropout", "weight_decay"]}
    study["conditions"]["diverse"] = {"combine": ["synthetic-0.5", "dropout-0.2"]}
    (fresh.root / "config/combined.yaml").write_text(yaml.safe_dump(study))
    plan = fresh.plan(configfile="config/combined.yaml")
    more = {rule: plan[rule] - before[rule] for rule in plan if plan[rule] != before[rule]}
    assert more == {"finetune": 2, "predict": 2, "spectra": 2, "measure_diversity": 1}


def test_the_catalog_layout_plans_the_same_study(fresh):
    answer = fresh.snakemake("--dry-run", "--snakefile", "workflow/Snakefile", "--configfile", "config/smoke.yaml")
    assert answer.returncode == 0, answer.stderr
    assert "finetune" in answer.stdout + answer.stderr


def test_a_study_without_synthetic_images_has_no_generator(fresh):
    study = yaml.safe_load((fresh.root / "config/smoke.yaml").read_text())
    del study["generator"], study["conditions"]["synthetic"]
    study["claims"]["diversity"] = ["randaugment"]
    study["claims"]["synthetic"] = []
    study["data"]["splits"]["generator"] = 0
    (fresh.root / "config/own.yaml").write_text(yaml.safe_dump(study))
    plan = fresh.plan(configfile="config/own.yaml")
    assert not [rule for rule in plan if "generator" in rule or "samples" in rule]
    assert plan["finetune"] == 6


def test_from_scratch_every_seed_has_its_own_start_and_images_are_compared_by_the_encoder(fresh):
    """Three seeds, and three of baseline b; one network to compare images by."""
    study = yaml.safe_load((fresh.root / "config/smoke.yaml").read_text())
    study["backbone"] = {"name": "scratch", "architecture": "resnet18", "stem": "cifar", "input_size": 32}
    study["encoder"] = {"name": "efficientnet_lite0", "input_size": 32}
    (fresh.root / "config/own.yaml").write_text(yaml.safe_dump(study))
    plan = fresh.plan(configfile="config/own.yaml")
    assert plan["initialise"] == plan["spectra_before"] == 6
    assert plan["prepare_backbone"] == plan["prepare_encoder"] == 1
    assert plan["finetune"] == 7


def test_each_guidance_scale_is_sampled_once(fresh):
    study = yaml.safe_load((fresh.root / "config/smoke.yaml").read_text())
    study["conditions"]["synthetic"]["guidance_scale"] = 4
    (fresh.root / "config/own.yaml").write_text(yaml.safe_dump(study))
    assert fresh.plan(configfile="config/own.yaml")["sample_generator"] == 1


def test_a_filter_is_a_job_per_pool_and_subset_trains_on_the_runs_own_images(fresh):
    study = yaml.safe_load((fresh.root / "config/smoke.yaml").read_text())
    study["generator"] |= {"filter": {"probability": 0.5}, "trained_on": "subset"}
    study["training"]["images"] = study["data"]["splits"]["train"]
    study["generator"]["images"] = study["training"]["images"]
    (fresh.root / "config/own.yaml").write_text(yaml.safe_dump(study))
    answer = fresh.snakemake("--dry-run", "--configfile", "config/own.yaml", "--until", "filter_pool")
    assert answer.returncode == 0, answer.stderr
    text = answer.stdout + answer.stderr
    assert text.count("rule filter_pool:") == 1
    trained = text[text.index("rule train_generator:") :].split("output:")[0]
    assert "data/train/images.npy" in trained
    assert "data/generator/images.npy" not in trained


def test_slurm_profile_plans_with_its_executor(fresh):
    pytest.importorskip("snakemake_executor_plugin_slurm", reason="the extra slurm of the lock is not installed")
    answer = fresh.snakemake("--dry-run", "--workflow-profile", "profiles/slurm", "--configfile", "config/smoke.yaml")
    assert answer.returncode == 0, answer.stderr


def rules(checkout: Checkout) -> dict[str, str]:
    text = "\n".join(path.read_text() for path in sorted((checkout.root / "workflow/rules").glob("*.smk")))
    found = re.split(r"^ *rule *(\w*):$", text, flags=re.MULTILINE)[1:]
    return dict(zip(found[::2], found[1::2], strict=True))


def test_every_rule_has_what_a_cluster_needs(fresh):
    found = rules(fresh)
    assert len(found) > 10
    for rule, body in found.items():
        for directive in ("log:", "benchmark:", "conda:", "threads:", "resources:", "mem_mb=", "runtime=", "script:"):
            assert directive in body, f"rule {rule or 'of the figures'} lacks {directive}"
        # A plan that followed its code would not be the plan from before the runs.
        depends = "code_digest(" in body or "training_params(" in body
        assert depends == (rule != "register_plan"), f"rule {rule} does not depend on its code"


def test_an_optimiser_and_a_schedule_are_one_entry_each(fresh):
    """Added in one place, they are allowed in a config, checked against it and planned."""
    training = f"{L}/training"
    with (
        fresh.edited(
            f"{training}/schedules.py", '"constant": constant,', '"constant": constant,\n    "flat": constant,'
        ),
        fresh.edited(f"{training}/optimizers.py", '"sgd": ', '"plain": OptimizerKind(_sgd, ("l2",)),\n    "sgd": '),
        fresh.edited("config/smoke.yaml", "optimizer: adam", "optimizer: plain\n  schedule: flat"),
    ):
        answer = fresh.snakemake("--dry-run", "--configfile", "config/smoke.yaml")
        assert "mode = 'decoupled': with training.optimizer = plain allowed: l2" in answer.stdout + answer.stderr
        with fresh.edited("config/smoke.yaml", "mode: decoupled", "mode: l2"):
            assert fresh.plan()["finetune"] > 5


def test_every_rule_gives_its_script_the_parameters_that_it_reads(fresh):
    shared = (fresh.root / "workflow/rules/common.smk").read_text()
    for rule, body in rules(fresh).items():
        script = re.search(r"scripts/(\w+\.py)", body)[1]
        given = {*re.findall(r"\b(\w+)=", body), *re.findall(r'^ +"(\w+)": ', shared, re.MULTILINE)}
        read = set(re.findall(r"\bparams\.(\w+)", (fresh.root / "workflow/scripts" / script).read_text()))
        assert read <= given, f"rule {rule} lacks parameters of {script}"
