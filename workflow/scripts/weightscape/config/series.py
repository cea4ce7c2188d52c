"""The series of a configuration: family, options and doses."""

from collections.abc import Mapping
from typing import Any

from weightscape.conditions import FAMILIES, Family, Range
from weightscape.config.errors import ConfigError, suggestion
from weightscape.config.schema import is_number

RESERVED_SERIES = {"baseline", "baseline_b", "pretrained"}


def check_series(name: str, series: Mapping[str, Any]) -> None:
    """Raise ConfigError if the family, an option or a dose of a series is not allowed."""
    key = f"conditions.{name}"
    if name in RESERVED_SERIES:
        raise ConfigError(f"{key}: the name is taken; {', '.join(sorted(RESERVED_SERIES))} are always there")
    if series["family"] not in FAMILIES:
        raise ConfigError(
            f"{key}.family = {series['family']!r}{suggestion(series['family'], FAMILIES)}; "
            f"allowed: {', '.join(FAMILIES)}"
        )
    family = FAMILIES[series["family"]]
    _check_options(key, series, family)
    doses = family.dose_range(series)
    for index, dose in enumerate(series["doses"]):
        if dose not in doses:
            raise ConfigError(f"{key}.doses[{index}] = {dose!r}: {family.dose_meaning} must be {doses}")


def _check_options(key: str, series: Mapping[str, Any], family: Family) -> None:
    known = ["family", "doses", *family.options]
    for option in series:
        if option not in known:
            raise ConfigError(f"unknown key {key}.{option}{suggestion(option, known)}; allowed: {', '.join(known)}")
    for option, allowed in family.options.items():
        if option not in series:
            raise ConfigError(f"{key} lacks the key {option}; allowed values: {_values(allowed)}")
        value = series[option]
        fits = is_number(value) or not isinstance(allowed, Range)
        if not fits or value not in allowed:
            raise ConfigError(f"{key}.{option} = {value!r}; allowed: {_values(allowed)}")


def _values(allowed: tuple[str, ...] | Range) -> str:
    return str(allowed) if isinstance(allowed, Range) else ", ".join(allowed)
