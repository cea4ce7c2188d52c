"""The estimate of a study: its counts are those of the study, its times those of the real code."""

import re
import shutil

import pytest
import yaml

from weightscape.__main__ import main
from weightscape.config.load import load_study
from weightscape.estimate.cards import CARDS, FORWARD_AND_BACKWARD, UTILISATION
from weightscape.estimate.work import count_work, evaluated_images, stored_bytes


@pytest.fixture
def smoke(project):
    return yaml.safe_load((project / "config/smoke.yaml").read_text())


def test_the_work_is_that_of_the_study(smoke):
    smoke["training"] |= {"images": 100, "epochs": 3, "batch_size": 20}
    smoke["seeds"] = {"count": 4, "per_job": 2}
    smoke["data"]["splits"] |= {"train": 400}
    smoke["conditions"] = {
        "dropout": {"family": "dropout", "doses": [0.1]},
        "weight_decay": {"family": "weight_decay", "mode": "l2", "doses": [0.1]},
        "noise": {"family": "noise", "doses": [0.1, 0.2]},
        "early_stop": {"family": "early_stop", "doses": [0.4]},
    }
    smoke["claims"] |= {"diversity": ["noise"], "augmentation": [], "synthetic": []}
    smoke.pop("generator")
    study = load_study(smoke, "smoke")
    work = count_work(study)
    conditions = 2 + 1 + 1 + 2 + 1  # two baselines and the series
    assert work.runs == 4 * conditions * 1 + 4 * (study.baselines - 1)
    assert work.steps == (work.runs - 4) * 15 + 4 * 6
    assert work.batches == {"noise-0.1": 4 * (15 + 5), "noise-0.2": 4 * (15 + 5)}
    assert work.synthetic == {}
    splits, corruptions = study.data.splits, study.data.corruptions
    assert corruptions is not None
    assert evaluated_images(study) == splits.test + splits.validation + 100 + corruptions.images * len(
        study.corruption_sets
    )
    assert stored_bytes(study, weights=10**6) - stored_bytes(study, weights=0) == work.runs * 10**6


def printed_hours(text):
    return {line[2:26].strip(): float(line[26:36]) for line in text.splitlines() if line.startswith("  ")}


def test_a_study_is_timed_here_and_on_a_stated_card(project, tmp_path, capsys, monkeypatch):
    shutil.copy(project / "config/smoke.yaml", tmp_path / "smoke.yaml")
    monkeypatch.chdir(tmp_path)
    assert main(["estimate", "smoke.yaml", "--cores", "2"]) == 0
    here = capsys.readouterr().out
    assert re.search(r"^smoke: \d+ runs of \d+ steps on average; \d+ jobs are to run$", here, re.MULTILINE)
    assert re.search(r"^together \d+\.\d CPU hours, .* with 2 cores; \d+\.\d GiB on disk$", here, re.MULTILINE)
    assert "synthetic images come on top (generator of kind diffusion)" in here
    assert set(printed_hours(here)) == {
        "training", "augmentation", "prediction", "diversity", "spectra", "start of jobs",
    }  # fmt: skip
    assert main(["estimate", "smoke.yaml", "--card", "t4"]) == 0
    card = capsys.readouterr().out
    assert " GPU " in card
    assert "the card is taken to reach 30% of its stated speed" in card
    # A step of a batch is three forward passes of each of its images.
    milliseconds = float(re.search(r"steps of ([\d.]+) ms", card)[1])
    assert 0 < milliseconds < 1000
    assert CARDS["t4"].float32 * UTILISATION * FORWARD_AND_BACKWARD > 0


def test_a_card_that_is_not_here_is_asked_for(smoke, tmp_path, capsys, monkeypatch):
    smoke["training"]["device"] = "cuda"
    (tmp_path / "gpu.yaml").write_text(yaml.safe_dump(smoke))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert main(["estimate", "gpu.yaml"]) == 2
    assert "torch finds no card here; name one with --card t4|v100" in capsys.readouterr().err
    assert main(["estimate", "gpu.yaml", "--cores", "0"]) == 2
    assert "--cores 0: at least 1" in capsys.readouterr().err
