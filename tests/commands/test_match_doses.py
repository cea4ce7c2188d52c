"""``match-doses``: a pilot under another name, and a block of the config that can be pasted as it is."""

import re
from itertools import product

import numpy as np
import pandas as pd
import pytest
import yaml

from weightscape.__main__ import main
from weightscape.commands import match_doses as module
from weightscape.config.load import load_study, read_study
from weightscape.config.pilot import ladder, pilot_config, pilot_name
from weightscape.config.plan import plan_sections
from weightscape.config.yaml_file import read_yaml
from weightscape.files import write_table
from weightscape.statistics.preregistration import plan_hash
from weightscape.streams import stream, stream_seed

FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0)


@pytest.fixture
def smoke(project):
    return project / "config/smoke.yaml"


def test_the_pilot_is_the_study_with_more_doses_and_fewer_seeds(smoke):
    config, study = read_yaml(smoke), read_study(smoke)
    pilot = load_study(pilot_config(config, study, 4, FACTORS), "pilot")
    assert (pilot.name, pilot.seeds.count, pilot.seeds.per_job) == ("smoke_pilot", 4, 4)
    assert (pilot.data, pilot.backbone, pilot.training) == (study.data, study.backbone, study.training)
    matched = {*study.claims.dropout, *study.claims.weight_decay, *study.claims.diversity}
    assert set(pilot.series) == matched
    assert pilot.series["dropout"].doses == [0.05, 0.1, 0.2, 0.4, 0.8]


def test_the_pilot_leaves_combinations_out(smoke):
    config = read_yaml(smoke)
    config["conditions"]["both"] = {"combine": ["dropout", "weight_decay"]}
    pilot = load_study(pilot_config(config, load_study(config, "study"), 4, FACTORS), "pilot")
    assert not any(condition.parts for condition in pilot.conditions)


def test_the_ladder_holds_what_the_family_and_the_study_allow(smoke):
    study = read_study(smoke)
    assert ladder(study, "randaugment", FACTORS) == [2, 4, 9, 18]  # whole numbers of at most 30
    assert ladder(study, "weight_decay", [0.1, 100.0]) == [0.05]
    assert max(ladder(study, "synthetic", FACTORS)) == 1.0  # all that replaces real images


def test_a_shipped_study_names_the_pilot_that_is_shipped_with_it(project):
    study = read_yaml(project / "config/digits.yaml")
    pilot = read_yaml(project / f"config/{study['pilot']['study']}.yaml")
    assert study["pilot"]["sha256"] == plan_hash(plan_sections(pilot))
    assert load_study(pilot, "pilot").name == pilot_name(study["study"])


def test_no_stream_of_the_pilot_is_one_of_the_study(smoke):
    """Whatever the numbers of the seeds and of the second baseline's."""
    study = read_study(smoke)
    names = (study.name, pilot_name(study.name))
    seeds = [
        {stream_seed(name, seed, purpose) for seed, purpose in product(range(2000), ("subset", "head", "order"))}
        for name in names
    ]
    assert not seeds[0] & seeds[1]


@pytest.fixture
def pilot_runs(smoke, tmp_path, monkeypatch):
    """Stand in for Snakemake: tables in which length is proportional to the dose; return the config."""
    path = tmp_path / "smoke.yaml"
    path.write_text(smoke.read_text())
    (tmp_path / "Snakefile").touch()
    monkeypatch.chdir(tmp_path)
    rate = {"dropout": 100.0, "weight_decay": 40.0, "randaugment": 1.0, "synthetic": 30.0}
    metrics = (
        "stable_rank",
        "effective_rank",
        "entropy",
        "alpha",
        "robust_num_spikes",
        "log_norm",
        "log_spectral_norm",
    )

    def snakemake(pilot, file, cores):
        assert (file, cores) == (tmp_path / "smoke_pilot.yaml", 1)
        rng = stream("match-doses tests")
        for condition, (runs_file, spectra_file) in zip(pilot.conditions, module._files(pilot), strict=True):
            size = rate.get(condition.series, 0.0) * (condition.dose or 0.0)
            runs, spectra = [], []
            for seed in range(pilot.seeds.count):
                keys = {**condition.columns(), "seed": seed}
                runs.append({**keys, "final_validation_accuracy": 0.5 if condition.dose == 0.8 else 0.9})
                for depth, group in enumerate(("stem", "early", "middle", "late")):
                    values = {metric: size + rng.normal() for metric in metrics}
                    place = {"of": "after", "layer": group, "group": group, "depth": depth}
                    spectra += [{**keys, **place, **values}, {**keys, **place, "of": "delta", **values}]
            table = pd.DataFrame(runs).astype({"dose": float})
            write_table(table, runs_file)
            write_table(pd.DataFrame(spectra).astype({"dose": float, "seed": "Int64"}), spectra_file)

    monkeypatch.setattr(module, "run_pilot", snakemake)
    return path


def test_the_proposal_is_a_part_of_the_config_with_like_lengths(pilot_runs, capsys):
    assert main(["match-doses", str(pilot_runs), "--cores", "1"]) == 0
    printed = capsys.readouterr().out
    proposed = yaml.safe_load(printed[printed.index("\npilot:") :])
    doses = {name: series["doses"] for name, series in proposed["conditions"].items()}
    lengths = 100 * doses["dropout"][0], 40 * doses["weight_decay"][0], doses["randaugment"][0]
    assert np.log(lengths) == pytest.approx(np.log(lengths[0]), abs=0.4)  # the noise of four seeds
    assert doses["dropout"][0] <= 0.4  # at .8 accuracy is lost
    assert isinstance(doses["randaugment"][0], int)
    assert proposed["pilot"]["study"] == "smoke_pilot"
    assert "usable" in proposed["pilot"]["rule"]
    config = read_yaml(pilot_runs)
    study = load_study({**config, **proposed}, "proposed")
    assert study.pilot.sha256 == proposed["pilot"]["sha256"]
    assert re.search(r"dropout +0\.8 .*False", printed)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--seeds", "2"], "--seeds 2: at least 3"),
        (["--factors", "0.5", "-1"], "--factors 0.5 -1.0: must be above 0"),
        (["--accuracy-loss", "1"], "--accuracy-loss 1.0: must lie between 0 and 1"),
    ],
)
def test_impossible_arguments_are_refused(pilot_runs, arguments, problem, capsys):
    assert main(["match-doses", str(pilot_runs), *arguments]) == 2
    assert problem in capsys.readouterr().err


def test_elsewhere_than_in_the_project_it_is_refused(smoke, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["match-doses", str(smoke)]) == 2
    assert "run the command in the folder of the project" in capsys.readouterr().err
