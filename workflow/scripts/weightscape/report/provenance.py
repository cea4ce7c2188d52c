"""Where results come from: code, configuration, package versions, machine, and what each rule cost."""

import csv
import hashlib
import json
import os
import platform
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypedDict

PACKAGES = (
    "snakemake", "torch", "torchvision", "timm", "diffusers", "numpy", "scipy", "pandas", "seaborn",
)  # fmt: skip


class Cost(TypedDict):
    """What the jobs of a rule cost together; the memory is that of the largest job."""

    jobs: int
    wall_seconds: float
    cpu_seconds: float
    peak_memory_mib: float


class Provenance(TypedDict):
    """The record of where a study's results come from; `commit` is None outside a git repository."""

    commit: str | None
    uncommitted_changes: bool
    config: Mapping[str, Any]
    config_sha256: str
    versions: dict[str, str]
    python: str
    platform: str
    cpus: int | None
    rules: dict[str, Cost]


def provenance(config: Mapping[str, Any], folder: Path, benchmarks: Iterable[str]) -> Provenance:
    """Return the record of a study.

    Parameters
    ----------
    config
        Its config; the sum of it does not depend on the order of keys.
    folder, benchmarks
        See `rule_costs`.
    """
    return {
        "commit": git("rev-parse", "HEAD"),
        "uncommitted_changes": bool(git("status", "--porcelain")),
        "config": config,
        "config_sha256": hashlib.sha256(json.dumps(config, sort_keys=True).encode()).hexdigest(),
        "versions": versions(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpus": os.cpu_count(),
        "rules": rule_costs(folder, benchmarks),
    }


def git(*arguments: str, folder: Path = Path(__file__).parent) -> str | None:
    """Return what git answers of the repository that holds a folder, None where there is no git or no repository."""
    try:
        answer = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


def versions() -> dict[str, str]:
    """Return the versions of the packages that can change a number, as far as this environment has them."""
    known = {}
    for package in PACKAGES:
        try:
            known[package] = version(package)
        except PackageNotFoundError:
            known[package] = "in another environment"
    return known


def rule_costs(folder: Path, benchmarks: Iterable[str]) -> dict[str, Cost]:
    """Return jobs, seconds (wall and CPU) and peak memory in MiB of each rule, from Snakemake's benchmark files.

    `folder` also holds those of conditions that were removed from the study, so `benchmarks` lists the study's own. One
    that does not exist belongs to a job that Snakemake did not run, such as one whose results were copied.
    """
    jobs: dict[str, list[dict[str, str]]] = defaultdict(list)
    for path in map(Path, benchmarks):
        if not path.is_file():
            continue
        rule = path.relative_to(folder).parts[0].removesuffix(".tsv")
        with path.open(newline="") as file:
            jobs[rule] += list(csv.DictReader(file, delimiter="\t"))
    return {
        rule: {
            "jobs": len(rows),
            "wall_seconds": sum(_number(row["s"]) for row in rows),
            "cpu_seconds": sum(_number(row["cpu_time"]) for row in rows),
            "peak_memory_mib": max(_number(row["max_rss"]) for row in rows),
        }
        for rule, rows in jobs.items()
        if rows
    }


def _number(text: str) -> float:
    """Return a benchmark's number; Snakemake writes NA or - where a job was too short to be measured."""
    try:
        return float(text)
    except ValueError:
        return 0.0
