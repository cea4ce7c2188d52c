"""A small study whose network is trained from scratch, through every rule to the report."""

import pandas as pd
import pytest
import yaml
from safetensors.numpy import load_file

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def results(project, tmp_path_factory):
    from .conftest import copy_project

    checkout = copy_project(project, tmp_path_factory.mktemp("scratch"))
    study = yaml.safe_load((project / "config/smoke.yaml").read_text())
    study |= {
        "study": "scratch",
        "backbone": {"name": "scratch", "architecture": "test_resnet", "input_size": 32},
        "encoder": {"name": "efficientnet_lite0", "input_size": 32},
    }
    del study["generator"], study["conditions"]["synthetic"], study["data"]["corruptions"]
    study["claims"] |= {"diversity": ["randaugment"], "synthetic": []}
    study["data"]["splits"]["generator"] = 0
    (checkout.root / "config/scratch.yaml").write_text(yaml.safe_dump(study))
    finished = checkout.snakemake("--cores", "2", "--configfile", "config/scratch.yaml")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return checkout.root / "results/scratch"


def test_the_spectra_before_are_those_of_each_seeds_initialisation(results):
    spectra = pd.read_parquet(results / "tables/spectra.parquet")
    before = spectra[spectra["of"] == "before"]
    assert set(before["condition"]) == {"initial"}
    assert sorted(before["seed"].unique()) == [0, 1, 2, 1000, 1001, 1002]
    assert before.groupby("layer")["log_norm"].nunique().max() == 6


def test_all_conditions_of_a_seed_start_from_the_same_weights_and_move_from_them(results):
    """A short training moves a layer much less than two initialisations are apart."""
    starts = [load_file(results / f"backbone/seed-{seed}.safetensors") for seed in (0, 1)]
    for condition in ("baseline", "dropout-0.2", "early_stop-0.5"):
        trained = load_file(results / f"runs/{condition}/block-0/weights-0.safetensors")
        for name in ("conv1.0.weight", "layer2.0.conv1.weight"):
            moved, apart = (((trained[name] - start[name]) ** 2).mean() for start in starts)
            assert 0 < moved < 0.1 * apart


def test_the_report_says_that_it_is_from_scratch_and_which_network_images_are_compared_by(results):
    facts = pd.read_csv(results / "tables/study.csv").set_index("item")["value"]
    assert facts["backbone"].startswith("test_resnet from scratch")
    assert facts["encoder"].startswith("efficientnet_lite0")
    assert "backbone weights, SHA-256" not in facts
    assert (results / "report.html").stat().st_size > 10_000
