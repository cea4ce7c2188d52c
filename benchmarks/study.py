"""What a study costs from nothing to its report: wall time, CPU time of its jobs and of Snakemake itself.

Run as ``python benchmarks/study.py config/digits.yaml --cores 2`` in a checkout in which it has not run.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import yaml


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", type=Path)
    parser.add_argument("--cores", type=int, default=len(os.sched_getaffinity(0)))
    given = parser.parse_args()
    results = Path("results") / yaml.safe_load(given.config.read_text())["study"]
    if results.exists():
        sys.exit(f"{results} is there; move it away, since what has run is not run again")

    start = time.perf_counter()
    command = ["snakemake", "--cores", str(given.cores), "--configfile", str(given.config), "--quiet", "all"]
    subprocess.run(command, check=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
    wall = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_CHILDREN)  # Snakemake and, since it waits for them, its jobs
    usages = [json.loads(path.read_text()) for path in (results / "logs").rglob("*.usage.json")]
    jobs = sum(usage["cpu_seconds"] for usage in usages)
    starting = sum(usage["start_seconds"] for usage in usages)
    print(f"wall time          {wall / 60:6.1f} minutes on {given.cores} cores")
    print(
        f"CPU time of jobs   {jobs / 60:6.1f} minutes in {len(usages)} jobs, {starting / jobs:.1%} of it to start them"
    )
    print(f"Snakemake's own    {(used.ru_utime + used.ru_stime - jobs) / 60:6.1f} minutes")


if __name__ == "__main__":
    main()
