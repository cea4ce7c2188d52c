"""Record where the results came from: code, configuration, package versions, machine, and what each stage cost."""

import csv
import hashlib
import json
import os
import platform
import subprocess
from collections import defaultdict
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from weightscape.files import write_json
from weightscape.logs import start_log

PACKAGES = (
    "snakemake", "torch", "torchvision", "timm", "diffusers", "numpy", "scipy", "pandas", "statsmodels", "seaborn",
)  # fmt: skip


def main(snakemake) -> None:
    start_log(snakemake)
    config = json.dumps(snakemake.params.config, sort_keys=True)
    write_json(
        {
            "commit": git("rev-parse", "HEAD"),
            "uncommitted_changes": bool(git("status", "--porcelain")),
            "config": snakemake.params.config,
            "config_sha256": hashlib.sha256(config.encode()).hexdigest(),
            "versions": versions(),
            "python": platform.python_version(),
            "platform": platform.platform(),
            "cpus": os.cpu_count(),
            "rules": rule_costs(Path(snakemake.params.results) / "benchmarks", snakemake.params.benchmarks),
        },
        snakemake.output.record,
    )


def git(*arguments: str) -> str | None:
    """Return what git answers, or None where there is no git or no repository."""
    try:
        answer = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


def versions() -> dict[str, str]:
    """Return the versions of the packages that can change a number, as far as this environment has them."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "in another environment"
    return found


def rule_costs(folder: Path, benchmarks: Iterable[str]) -> dict[str, dict[str, float]]:
    """Return jobs, seconds (wall and CPU) and peak memory in MiB of each rule, from Snakemake's benchmark files.

    `folder` also holds those of conditions that are in the study no more, so `benchmarks` lists the study's own. One
    that is not there belongs to a job that Snakemake did not run, such as one whose results were copied.
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
            "wall_seconds": sum(number(row["s"]) for row in rows),
            "cpu_seconds": sum(number(row["cpu_time"]) for row in rows),
            "peak_memory_mib": max(number(row["max_rss"]) for row in rows),
        }
        for rule, rows in jobs.items()
        if rows
    }


def number(text: str) -> float:
    """Return a benchmark's number; Snakemake writes NA or - where a job was too short to be measured."""
    try:
        return float(text)
    except ValueError:
        return 0.0


if __name__ == "__main__":
    main(snakemake)  # noqa: F821
