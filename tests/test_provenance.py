"""Provenance: what the report says of cost and versions."""

import json
import os
import re
import subprocess
import sys

from weightscape.report.provenance import git, provenance, rule_costs


def test_costs_are_summed_per_rule_over_the_jobs_of_the_study(tmp_path):
    def job(name: str, wall: float, cpu: float, memory: float) -> None:
        for folder in ("benchmarks", "logs"):
            (tmp_path / folder / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / f"benchmarks/{name}.tsv").write_text(f"s\th:m:s\tmax_rss\tcpu_time\n{wall}\t-\tNA\tNA\n")
        usage = {"cpu_seconds": cpu, "start_seconds": 0.5, "peak_memory_mib": memory}
        (tmp_path / f"logs/{name}.usage.json").write_text(json.dumps(usage))

    job("finetune/baseline-0", 10.5, 9.0, 900.0)
    job("finetune/noise-0", 2.5, 2.0, 950.5)
    job("finetune/gone-0", 99.0, 99.0, 9999.0)
    job("evaluate", 0.2, 0.75, 80.0)
    names = ("finetune/baseline-0", "finetune/noise-0", "evaluate", "not_run")
    folder = tmp_path / "benchmarks"
    assert rule_costs(folder, [str(folder / f"{name}.tsv") for name in names]) == {
        "finetune": {
            "jobs": 2, "wall_seconds": 13.0, "cpu_seconds": 11.0, "start_seconds": 1.0, "peak_memory_mib": 950.5,
        },
        "evaluate": {
            "jobs": 1, "wall_seconds": 0.2, "cpu_seconds": 0.75, "start_seconds": 0.5, "peak_memory_mib": 80.0,
        },
    }  # fmt: skip


def test_log_and_benchmark_of_a_rule_have_the_same_name(project):
    """The cost of a job is read from beside its log."""
    rules = "\n".join(path.read_text() for path in (project / "workflow/rules").glob("*.smk"))
    logs = re.findall(r"log:\n.*/logs/(.*)\.log\"", rules)
    assert logs == re.findall(r"benchmark:\n.*/benchmarks/(.*)\.tsv\"", rules)
    assert len(logs) == rules.count(" benchmark:\n")


USE = """
import subprocess, sys, time
from pathlib import Path
from weightscape.usage import record_usage
while time.process_time() < 0.3: pass
record_usage(Path(sys.argv[1]))
many = bytearray(200 * 2**20)
while time.process_time() < 0.6: pass
subprocess.run([sys.executable, "-c", "import time\\nwhile time.process_time() < 0.4: pass"])
"""


def test_a_job_counts_all_it_used_and_that_of_its_children(tmp_path, project):
    path = tmp_path / "job.usage.json"
    given = {"PYTHONPATH": str(project / "workflow/scripts")}
    subprocess.run([sys.executable, "-c", USE, str(path)], env=os.environ | given, check=True)
    usage = json.loads(path.read_text())
    assert 0.3 <= usage["start_seconds"] < 0.6
    assert usage["cpu_seconds"] >= 0.99
    assert usage["peak_memory_mib"] >= 200


def test_the_hash_follows_the_config_and_not_its_order(tmp_path):
    first = provenance({"a": 1, "b": [1, 2]}, tmp_path, [])
    assert first["config_sha256"] == provenance({"b": [1, 2], "a": 1}, tmp_path, [])["config_sha256"]
    assert first["config_sha256"] != provenance({"a": 1, "b": [2, 1]}, tmp_path, [])["config_sha256"]
    assert first["versions"]["numpy"].count(".") == 2


def test_the_cost_of_every_rule_before_the_report_is_counted(project):
    rules = project / "workflow/rules"
    named = re.findall(r"^ *rule (\w+):$", "\n".join(path.read_text() for path in rules.glob("*.smk")), re.MULTILINE)
    report = (rules / "report.smk").read_text()
    forgotten = {name for name in named if f"rules.{name}.benchmark" not in report}
    assert forgotten == {"provenance", "write_report"}


def test_outside_a_repository_there_is_no_commit(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert git("rev-parse", "HEAD", folder=tmp_path) is None
