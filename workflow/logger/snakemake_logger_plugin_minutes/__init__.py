"""Snakemake's ``rich`` logger with the time that is left: ``PYTHONPATH=workflow/logger snakemake --logger minutes``."""

from rich.progress import TimeRemainingColumn
from snakemake_logger_plugin_rich import LogHandler as RichLogHandler

A_DAY = 86400


class LogHandler(RichLogHandler):
    """A bar for each rule and one for all, each with the time left at the pace so far."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.progress.columns = (*self.progress.columns, TimeRemainingColumn())
        self.progress.speed_estimate_period = A_DAY  # jobs take longer than the 30 s that rich looks back
        self.live_display.refresh_per_second = 1  # eight times take a fifth of a core
