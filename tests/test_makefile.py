"""The targets of `make`."""

import os
import subprocess
import sys


def test_every_target_uses_all_cores_whatever_the_number_of_threads(project):
    outer = {"MAKEFLAGS", "MAKEOVERRIDES", "CORES"}
    env = {name: value for name, value in os.environ.items() if name not in outer} | {"OMP_NUM_THREADS": "1"}
    for target in ("study", "smoke"):
        shown = subprocess.run(["make", "-n", target], cwd=project, env=env, capture_output=True, text=True, check=True)
        assert f"--cores {len(os.sched_getaffinity(0))} " in shown.stdout


BARS = """
import io, time
from types import SimpleNamespace
from rich.console import Console
from snakemake_logger_plugin_minutes import LogHandler

handler = LogHandler.__new__(LogHandler)
handler.common_settings = SimpleNamespace(
    stdout=False, dryrun=False, printshellcmds=False, show_failed_logs=False, verbose=False
)
handler.__post_init__()
progress = handler.progress
now = [0.0]
progress.get_time = lambda: now[0]
bar = progress.add_task("finetune", total=10, active=1)
for _ in range(4):
    now[0] += 90
    progress.advance(bar)
console = Console(file=io.StringIO(), width=100)
console.print(progress.get_renderable())
print(console.file.getvalue())
"""


def test_the_bars_of_a_study_show_the_time_left(project):
    """Four of ten jobs took a minute and a half each: nine minutes are left."""
    shown = subprocess.run(
        [sys.executable, "-c", BARS], env=os.environ | {"PYTHONPATH": str(project / "workflow/logger")},
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "finetune" in shown
    assert "0:09:00" in shown
