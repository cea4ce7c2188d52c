"""What planning costs: CPU seconds and memory of a dry run, of the default study and of one with many runs.

    python benchmarks/planning.py [--runs 10000] [--repeats 3] [--against OTHER_CHECKOUT]

With another checkout, both are planned in turns and the ratio of their medians is printed too.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=10_000, help="training runs of the large study")
    parser.add_argument("--repeats", type=int, default=3, help="dry runs of each study")
    parser.add_argument("--against", type=Path, help="another checkout to compare with")
    options = parser.parse_args()
    checkouts = [ROOT, *([options.against.resolve()] if options.against else [])]
    with tempfile.TemporaryDirectory() as folder:
        large = Path(folder) / "large.yaml"
        large.write_text(yaml.safe_dump(large_study(options.runs)))
        for name, config in (("default study", ROOT / "config/digits.yaml"), (f"{options.runs} runs", large)):
            costs = {checkout: [] for checkout in checkouts}
            for _ in range(options.repeats):
                for checkout in checkouts:
                    costs[checkout].append(plan(checkout, config))
            medians = [statistics.median(seconds for seconds, _ in costs[checkout]) for checkout in checkouts]
            memory = max(mebibytes for _, mebibytes in costs[ROOT])
            print(f"{name}: {medians[0]:.1f} s of CPU, up to {memory:.0f} MiB", end="")
            print(f"; {medians[0] / medians[1]:.2f} times the other's {medians[1]:.1f} s" if options.against else "")


def large_study(runs: int) -> dict:
    """Return the default study with as many seeds as make at least this many runs."""
    study = yaml.safe_load((ROOT / "config/digits.yaml").read_text())
    conditions = 2 + sum(len(series["doses"]) for series in study["conditions"].values())
    per_job = study["seeds"]["per_job"]
    blocks = -(-runs // (conditions * per_job))
    return study | {"study": "large", "seeds": {"count": blocks * per_job, "per_job": per_job}}


def plan(checkout: Path, config: Path) -> tuple[float, float]:
    """Return the CPU seconds and the peak memory in MiB of a dry run."""
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--quiet", "all", "--configfile", str(config)]
    process = subprocess.Popen(
        command, cwd=checkout, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": ""},
    )  # fmt: skip
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} in {checkout} ended with {os.waitstatus_to_exitcode(status)}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
