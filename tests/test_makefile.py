"""The targets of `make`."""

import os
import subprocess


def test_every_target_uses_all_cores_whatever_the_number_of_threads(project):
    outer = {"MAKEFLAGS", "MAKEOVERRIDES", "CORES"}
    env = {name: value for name, value in os.environ.items() if name not in outer} | {"OMP_NUM_THREADS": "1"}
    for target in ("study", "smoke"):
        shown = subprocess.run(["make", "-n", target], cwd=project, env=env, capture_output=True, text=True, check=True)
        assert f"--cores {len(os.sched_getaffinity(0))} " in shown.stdout
