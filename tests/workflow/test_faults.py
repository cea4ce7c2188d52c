"""Faults: what a user sees, and what stays."""

import shutil
import subprocess
import time
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


def test_a_killed_fine_tuning_goes_on_where_it_was(finished, tmp_path):
    checkout = Checkout(Path(shutil.copytree(finished.root, tmp_path / "copy")))
    results = checkout.root / "results" / STUDY
    block = results / "runs/dropout-0.2/block-0"
    expected = {path.name: path.read_bytes() for path in block.glob("weights-*.safetensors")}
    shutil.rmtree(block)
    target = (block / "record.json").relative_to(checkout.root).as_posix()
    command = [target, "--cores", "1", "--configfile", f"config/{STUDY}.yaml"]
    running = checkout.start(*command, stderr=subprocess.DEVNULL)
    while not list(results.glob("scratch/finetune/dropout-0.2-0/seed-*.safetensors")):
        assert running.poll() is None, "the job ended without a saved state"
        time.sleep(0.05)
    subprocess.run(["pkill", "-KILL", "-f", f"{checkout.root}/.snakemake/scripts/.*finetune.py"], check=True)
    assert running.wait() != 0
    assert not block.exists() or not list(block.iterdir())

    again = checkout.snakemake(*command)
    assert again.returncode == 0, again.stderr
    assert "resuming after epoch" in (results / "logs/finetune/dropout-0.2-0.log").read_text()
    assert {path.name: path.read_bytes() for path in block.glob("weights-*.safetensors")} == expected
    assert not (results / "scratch").exists() or not list((results / "scratch").rglob("*.safetensors"))
