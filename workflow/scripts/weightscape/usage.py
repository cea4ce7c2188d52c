"""What a job used, by the count of its own process.

Snakemake looks at a job's CPU time every half a minute and loses what comes after the last look: half the cost of a
job of that length. The operating system's own count loses nothing.
"""

import atexit
import resource
import sys
import time
from pathlib import Path

from weightscape.files import write_json

MIB = 2**20
RSS_UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes in a unit of the peak memory that the system gives."""


def record_usage(path: Path) -> None:
    """Write CPU seconds, those until now, and the peak memory of this process and its children when it ends.

    Parameters
    ----------
    path
        A JSON file with ``cpu_seconds``, ``start_seconds`` (CPU time of starting Python and importing modules, if the
        call is the script's first) and ``peak_memory_mib``.
    """
    start = time.process_time()

    def write() -> None:
        if not path.parent.is_dir():  # the whole study was removed meanwhile
            return
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        usage = {
            "cpu_seconds": round(sum(part.ru_utime + part.ru_stime for part in used), 3),
            "start_seconds": round(start, 3),
            "peak_memory_mib": round(max(part.ru_maxrss for part in used) * RSS_UNIT / MIB, 1),
        }
        write_json(usage, path)

    atexit.register(write)
