"""Jobs through a real SLURM, with the profile that the project ships."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import STUDY, Checkout

DAEMONS = ("munged", "slurmctld", "slurmd", "sbatch")
SCRIPT = Path(__file__).with_name("slurm.sh")
TARGETS = tuple(f"results/{STUDY}/runs/{condition}/block-0/logits.npz" for condition in ("baseline", "dropout-0.2"))

pytestmark = pytest.mark.slow


@pytest.fixture
def slurm() -> Iterator[None]:
    """Have SLURM's daemons up."""
    pytest.importorskip("snakemake_executor_plugin_slurm", reason="the extra slurm of the lock is not installed")
    path = os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin"])
    if missing := [name for name in DAEMONS if shutil.which(name, path=path) is None]:
        pytest.skip(f"no {', '.join(missing)} (Debian: apt-get install slurmctld slurmd slurm-client munge)")
    if os.geteuid() != 0:
        pytest.skip("only root can start SLURM's daemons")
    started = subprocess.run([SCRIPT, "up"], capture_output=True, text=True, check=False)
    if started.returncode != 0:
        pytest.skip(f"SLURM does not start here: {started.stderr.strip()}")
    yield
    subprocess.run([SCRIPT, "down"], check=True)


def cancel_a_job_of(rule: str, log: Path) -> str:
    """Wait until a job of the rule runs, cancel it, and return its number."""
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline:
        for job in re.findall(rf"SLURM jobid (\d+) \(log: \S*rule_{rule}/", log.read_text()):
            state = subprocess.run(["squeue", "-h", "-j", job, "-o", "%T"], capture_output=True, text=True, check=False)
            if state.stdout.strip() == "RUNNING":
                subprocess.run(["scancel", job], check=True)
                return job
        time.sleep(0.2)
    raise AssertionError(f"no job of {rule} ran within ten minutes:\n{log.read_text()}")


@pytest.mark.usefixtures("slurm")
def test_a_cancelled_job_runs_again_and_the_bytes_are_those_of_a_local_run(finished: Checkout, fresh: Checkout) -> None:
    log = fresh.root / "snakemake.log"
    with fresh.edited("profiles/slurm/config.yaml", '# slurm_partition: "your partition"', "slurm_partition: debug"):
        with log.open("w") as stream:
            running = fresh.start(
                *TARGETS, "--configfile", f"config/{STUDY}.yaml", "--workflow-profile", "profiles/slurm",
                # The cluster of the test keeps no accounts, and its jobs are short.
                "--slurm-status-command", "squeue", "--slurm-init-seconds-before-status-checks", "2",
                "--latency-wait", "10", stdout=stream, stderr=subprocess.STDOUT,
            )  # fmt: skip
        cancelled = cancel_a_job_of("finetune", log)
        assert running.wait(timeout=900) == 0, log.read_text()
    jobs = re.findall(r"SLURM jobid (\d+) \(log: \S*?/((?:rule|group)_\w+)/", log.read_text())
    assert len({number for number, name in jobs if name == "rule_finetune"}) == 3  # two conditions, one of them twice
    assert cancelled in dict(jobs)
    assert sum(name.startswith("group_prepare") for _, name in jobs) == 1  # three small rules, submitted as one job
    for target in TARGETS:
        folder = Path(target).parent
        made = sorted(path.name for path in (fresh.root / folder).glob("*.safetensors"))
        assert made == ["weights-0.safetensors", "weights-1.safetensors", "weights-2.safetensors"]
        for name in [*made, "logits.npz"]:
            assert (fresh.root / folder / name).read_bytes() == (finished.root / folder / name).read_bytes(), name
