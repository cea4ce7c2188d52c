"""A finished smoke study in a copy of the project, and dry runs that tell what would run again."""

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

STUDY = "smoke"


@dataclass(frozen=True)
class Checkout:
    """A copy of the project in which the real workflow runs."""

    root: Path

    def start(self, *arguments: str, **streams: Any) -> subprocess.Popen[str]:
        """Start Snakemake as a user would, with the arguments given."""
        environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-m", "snakemake", *arguments]
        return subprocess.Popen(command, cwd=self.root, env=environment, text=True, **streams)

    def snakemake(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Snakemake to its end."""
        process = self.start(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        output, errors = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)

    def run(self) -> None:
        """Run the smoke study to its report."""
        finished = self.snakemake("--cores", "2", "--configfile", f"config/{STUDY}.yaml")
        assert finished.returncode == 0, finished.stdout + finished.stderr

    def plan(self, *arguments: str, configfile: str = f"config/{STUDY}.yaml") -> dict[str, int]:
        """Return the number of jobs per rule that Snakemake would run now."""
        answer = self.snakemake("--dry-run", "--configfile", configfile, *arguments)
        assert answer.returncode == 0, answer.stdout + answer.stderr
        text = answer.stdout + answer.stderr
        if "Nothing to be done" in text:
            return {}
        table = re.search(r"Job stats:\njob +count\n[- ]+\n((?:\w+ +\d+\n)+)", text)
        assert table is not None, text
        counts = {rule: int(count) for rule, count in (line.split() for line in table[1].splitlines())}
        return {rule: count for rule, count in counts.items() if rule not in ("all", "total")}

    @contextmanager
    def edited(self, path: str, old: str, new: str) -> Iterator[None]:
        """Replace a text that stands in the file once, and put the file back afterwards."""
        file = self.root / path
        text = file.read_text()
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
        file.write_text(text.replace(old, new))
        try:
            yield
        finally:
            file.write_text(text)


def copy_project(project: Path, target: Path) -> Checkout:
    """Copy what git would: tracked files, and new ones that it does not ignore."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=project, capture_output=True, text=True, check=True,
    ).stdout.split("\n")  # fmt: skip
    for name in filter(None, listed):
        if (project / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(project / name, target / name)
    return Checkout(target)


@pytest.fixture(scope="session")
def finished(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """Return a checkout in which the smoke study has run: once for all workers of pytest, each of which gets a copy."""
    mine = tmp_path_factory.mktemp("finished")
    shared = mine.parent.parent if "PYTEST_XDIST_WORKER" in os.environ else mine.parent
    with (shared / "finished.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        first = shared / "first_study"
        done = first / "results" / STUDY / "report.html"
        if not done.exists():
            shutil.rmtree(first, ignore_errors=True)
            copy_project(project, first).run()
        shutil.copytree(first, mine, dirs_exist_ok=True)
    return Checkout(mine)


@pytest.fixture
def fresh(project: Path, tmp_path: Path) -> Checkout:
    """Return a checkout in which nothing has run."""
    return copy_project(project, tmp_path)
