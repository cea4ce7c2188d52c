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

from weightscape.files import read_json

PACKAGES = (
    "snakemake", "torch", "torchvision", "timm", "diffusers", "numpy", "scipy", "pandas", "seaborn",
)  # fmt: skip


class Cost(TypedDict):
    """What the jobs of a rule cost together; the memory is that of the largest job.

    `start_seconds` is the part of `cpu_seconds` that went into starting Python and importing modules.
    """

    jobs: int
    wall_seconds: float
    cpu_seconds: float
    start_seconds: float
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
    """Return what the jobs of each rule cost: wall time from Snakemake's benchmark files, the rest as jobs counted it.

    `folder` also holds files of conditions that were removed from the study, so `benchmarks` lists the study's own. One
    that does not exist belongs to a job that Snakemake did not run, such as one whose results were copied. What a job
    used lies beside its log (`weightscape.usage`).
    """
    jobs: dict[str, list[dict[str, float]]] = defaultdict(list)
    for path in map(Path, benchmarks):
        name = path.relative_to(folder)
        usage = (folder.parent / "logs" / name).with_suffix(".usage.json")
        if not path.is_file() or not usage.is_file():
            continue
        with path.open(newline="") as file:
            (row,) = csv.DictReader(file, delimiter="\t")
        jobs[name.parts[0].removesuffix(".tsv")].append({"wall_seconds": float(row["s"]), **read_json(usage)})
    return {
        rule: {
            "jobs": len(rows),
            "wall_seconds": sum(row["wall_seconds"] for row in rows),
            "cpu_seconds": sum(row["cpu_seconds"] for row in rows),
            "start_seconds": sum(row["start_seconds"] for row in rows),
            "peak_memory_mib": max(row["peak_memory_mib"] for row in rows),
        }
        for rule, rows in jobs.items()
    }
