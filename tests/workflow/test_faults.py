"""Faults: what a user sees, and what stays."""

import os

import pytest

from .conftest import STUDY

pytestmark = pytest.mark.slow


def test_a_bad_config_is_one_message_and_no_job(fresh):
    with fresh.edited("config/smoke.yaml", "doses: [0.2]", "doses: [1.5]"):
        answer = fresh.snakemake("--cores", "2", "--configfile", "config/smoke.yaml")
    text = answer.stdout + answer.stderr
    assert answer.returncode != 0
    assert (
        "config/smoke.yaml: conditions.dropout.doses[0] = 1.5: dropout probability must be a number in (0, 1)" in text
    )
    assert "Traceback" not in text
    assert list((fresh.root / "results").iterdir()) == [fresh.root / "results/README.md"]


def test_a_damaged_checkpoint_fails_its_own_jobs_and_comes_back(finished):
    results = finished.root / "results" / STUDY
    weights = results / "runs/dropout-0.2/block-0/weights-1.safetensors"
    others = {
        path: path.stat().st_mtime_ns for path in results.glob("runs/*/block-0/*") if "dropout" not in path.as_posix()
    }
    claims = (results / "tables/claims.csv").read_bytes()
    whole, times = weights.read_bytes(), (weights.stat().st_atime_ns, weights.stat().st_mtime_ns)

    weights.write_bytes(whole[: len(whole) // 2])
    answer = finished.snakemake("--cores", "2", "--configfile", f"config/{STUDY}.yaml")
    text = answer.stdout + answer.stderr
    assert answer.returncode != 0
    assert f"(log: results/{STUDY}/logs/predict/dropout-0.2-0.log)" in text
    assert "SafetensorError" in text
    assert {path: path.stat().st_mtime_ns for path in others} == others
    assert not list(results.rglob("*.partial*"))

    weights.write_bytes(whole)
    os.utime(weights, ns=times)
    finished.run()
    assert (results / "tables/claims.csv").read_bytes() == claims
    assert finished.plan() == {}
