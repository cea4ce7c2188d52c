"""The smoke study end to end, twice."""

import json

import numpy as np
import pandas as pd
import pytest

from weightscape.words.reasons import reason

from .conftest import STUDY, copy_project

pytestmark = pytest.mark.slow

TABLES = (
    "runs", "evaluation", "diversity", "spectra", "effects", "similarity", "claims", "robustness", "controls", "plan",
    "generator_quality", "generator_classes", "trajectory",
)  # fmt: skip


def test_two_runs_in_two_directories_give_the_same_bytes(finished, project, tmp_path):
    again = copy_project(project, tmp_path)
    again.run()
    first, second = (checkout.root / "results" / STUDY for checkout in (finished, again))
    names = [f"tables/{table}.{suffix}" for table in TABLES for suffix in ("parquet", "csv")]
    names += [path.relative_to(first).as_posix() for path in first.glob("figures/*")]
    names += [path.relative_to(first).as_posix() for path in first.glob("runs/*/*/*.safetensors")]
    assert len(names) > 30
    assert [name for name in names if (first / name).read_bytes() != (second / name).read_bytes()] == []


def test_tables_hold_every_run(finished):
    results = finished.root / "results" / STUDY
    runs = pd.read_parquet(results / "tables/runs.parquet")
    assert set(runs.condition) == {
        "baseline", "baseline_b", "dropout-0.2", "weight_decay-0.5", "randaugment-9", "synthetic-0.5", "early_stop-0.5",
    }  # fmt: skip
    assert (runs.groupby("condition").seed.nunique() == 3).all()
    assert all((results / path).is_file() for path in runs.weights)
    spectra = pd.read_parquet(results / "tables/spectra.parquet")
    assert set(spectra.of) == {"before", "after", "delta"}
    assert spectra[spectra.of == "after"].groupby(["condition", "seed"]).size().nunique() == 1
    evaluation = pd.read_parquet(results / "tables/evaluation.parquet")
    assert evaluation.accuracy.between(0, 1).all()
    assert set(evaluation.kind) == {"validation", "test", "ood", "corruption"}


def test_spectra_along_training_start_before_it_and_end_at_those_after_it(finished):
    tables = finished.root / "results" / STUDY / "tables"
    trajectory, spectra = (pd.read_parquet(tables / f"{name}.parquet") for name in ("trajectory", "spectra"))
    first, last = (trajectory.groupby(["condition", "seed"])["step"].transform(end) for end in ("min", "max"))
    ends = {
        "before": (first, ["alpha", "log_norm"]),
        "after": (last, ["alpha", "log_norm"]),
        "delta": (last, ["entropy"]),
    }
    for of, (step, metrics) in ends.items():
        rows = trajectory[(trajectory.step == step) & (trajectory.of == ("after" if of == "before" else of))]
        keys = ["layer"] if of == "before" else ["condition", "seed", "layer"]
        both = rows.merge(spectra[spectra.of == of], on=keys, suffixes=("", "_there"), validate="m:1")
        assert len(both) == len(rows) > 0
        for metric in metrics:
            there = both[f"{metric}_there"].astype(float).to_numpy()
            np.testing.assert_allclose(both[metric].to_numpy(), there, rtol=1e-9)
    assert "Spectra along training" in (tables.parent / "report.html").read_text()


def test_a_verdict_is_given_for_every_claim(finished):
    claims = pd.read_csv(finished.root / "results" / STUDY / "tables/claims.csv")
    assert set(claims.verdict) <= {"supported", "contradicted", "undetermined", "mixed"}
    assert claims.facts.map(reason).str.len().gt(20).all()


def test_paired_seeds_share_their_images(finished):
    record = json.loads((finished.root / "results" / STUDY / "runs/baseline/block-0/record.json").read_text())
    other = json.loads((finished.root / "results" / STUDY / "runs/dropout-0.2/block-0/record.json").read_text())
    assert record["settings"] == other["settings"]
    assert record["treatment"] == []
    assert other["treatment"] == [{"family": "dropout", "dose": 0.2}]


def test_nothing_is_written_outside_results(finished, project):
    created = {path.name for path in finished.root.iterdir()} - {path.name for path in project.iterdir()}
    assert created <= {"results", ".snakemake"}
    assert {path.name for path in (finished.root / "results").iterdir()} == {"README.md", STUDY}


def test_snakemake_report_carries_the_figures(finished):
    made = finished.snakemake("--configfile", f"config/{STUDY}.yaml", "--report", "results/smoke/snakemake-report.html")
    path = finished.root / "results/smoke/snakemake-report.html"
    try:
        assert made.returncode == 0, made.stderr
        text = path.read_text()
        for category in ("Claims", "Effects", "Spectra", "Accuracy", "Data", "Tables"):
            assert category in text
    finally:
        path.unlink(missing_ok=True)
