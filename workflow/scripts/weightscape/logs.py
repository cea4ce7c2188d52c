"""Logging of a rule's script: everything in the job's log file, errors also on the terminal."""

import logging
import sys
from pathlib import Path
from typing import Any

from weightscape.usage import record_usage


def start_log(snakemake: Any) -> logging.Logger:
    """Send the logging of this process to the job's log file and return the logger of the rule.

    The first ``log:`` file of the rule gets time-stamped lines as they come, so ``tail -f`` follows a long job. An
    exception that ends the script is written there too, with its traceback, while the terminal gets one line that says
    what went wrong. What the job used comes to lie beside it, as ``<name>.usage.json``.

    Parameters
    ----------
    snakemake
        The object that Snakemake gives to a script; only ``log`` and ``rule`` are read.
    """
    path = Path(snakemake.log[0])
    path.parent.mkdir(parents=True, exist_ok=True)
    record_usage(path.with_suffix(".usage.json"))
    logging.basicConfig(
        filename=path,
        filemode="w",
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(message)s",
        datefmt="%Y-%m-%d %H:%M:%S",
        force=True,
    )
    logging.captureWarnings(True)
    log = logging.getLogger(snakemake.rule)

    def report(kind: type[BaseException], error: BaseException, traceback: Any) -> None:
        log.error("failed", exc_info=(kind, error, traceback))
        print(f"{snakemake.rule}: {kind.__name__}: {error} (log: {path})", file=sys.stderr)

    sys.excepthook = report
    return log
