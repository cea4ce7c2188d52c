"""The configuration of a study: checked as a whole before any job starts, then used as typed objects."""

from weightscape.config.errors import ConfigError
from weightscape.config.load import load_study

__all__ = ["ConfigError", "load_study"]
