"""Faults: what a user sees, and what stays."""

import shutil
from pathlib import Path

import pytest

from .conftest import STUDY, Checkout

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


def test_a_damaged_checkpoint_fails_its_own_jobs_and_comes_back(finished, tmp_path):
    checkout = Checkout(Path(shutil.copytree(finished.root, tmp_path / "copy")))
    results = checkout.root / "results" / STUDY
    block = results / "runs/dropout-0.2/block-0"
    weights, logits = block / "weights-1.safetensors", block / "logits.npz"
    others = {
        path: path.stat().st_mtime_ns for path in results.glob("runs/*/block-0/*") if "dropout" not in path.as_posix()
    }
    whole, expected = weights.read_bytes(), logits.read_bytes()

    weights.write_bytes(whole[: len(whole) // 2])
    answer = checkout.snakemake("--cores", "2", "--configfile", f"config/{STUDY}.yaml")
    text = answer.stdout + answer.stderr
    assert answer.returncode != 0
    assert f"(log: results/{STUDY}/logs/predict/dropout-0.2-0.log)" in text
    assert "SafetensorError" in text
    assert {path: path.stat().st_mtime_ns for path in others} == others
    assert not list(results.rglob("*.partial*"))

    weights.write_bytes(whole)
    target = logits.relative_to(checkout.root).as_posix()
    again = checkout.snakemake(target, "--cores", "2", "--configfile", f"config/{STUDY}.yaml")
    assert again.returncode == 0, again.stderr
    assert logits.read_bytes() == expected
