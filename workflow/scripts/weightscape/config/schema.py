"""The structure of a configuration: keys, types and ranges, from ``workflow/schemas``."""

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from weightscape.config.errors import ConfigError, suggestion

SCHEMA = Path(__file__).resolve().parents[3] / "schemas" / "study.schema.yaml"


# JSON Schema takes 50.0 for an integer and lets NaN pass every bound; both would fail in the middle of a job.
_VALIDATOR = jsonschema.validators.extend(
    jsonschema.Draft202012Validator,
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine_many(
        {
            "integer": lambda _, value: isinstance(value, int) and not isinstance(value, bool),
            "number": lambda _, value: is_number(value),
        }
    ),
)


def check_structure(config: Mapping[str, Any]) -> None:
    """Raise ConfigError at the first key, type or range that the schema does not allow."""
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    errors = _VALIDATOR(schema).iter_errors(config)
    for error in sorted(errors, key=lambda error: [str(part) for part in error.absolute_path]):
        raise ConfigError(_explain(error))


def is_number(value: object) -> bool:
    """Whether a value is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _explain(error: jsonschema.ValidationError) -> str:
    """Say which key has which value and what is allowed."""
    key = _key(error.absolute_path)
    where = key or "the study"
    schema = error.schema
    assert isinstance(schema, Mapping)
    if error.validator == "additionalProperties":
        known = list(schema["properties"])
        unknown = next(name for name in error.instance if name not in known)
        prefix = f"{key}." if key else ""
        return f"unknown key {prefix}{unknown}{suggestion(unknown, known)}; allowed: {', '.join(known)}"
    if error.validator == "required":
        missing = next(name for name in error.validator_value if name not in error.instance)
        return f"{where} lacks the key {missing}; required: {', '.join(error.validator_value)}"
    allowed = {
        "enum": lambda value: f"allowed: {', '.join(map(str, value))}",
        "type": lambda value: f"must be of type {value}",
        "minimum": lambda value: f"must be at least {value}",
        "maximum": lambda value: f"must be at most {value}",
        "exclusiveMinimum": lambda value: f"must be greater than {value}",
        "multipleOf": lambda value: f"must be a multiple of {value}",
        "pattern": lambda value: f"must match the pattern {value}",
        "minItems": lambda value: f"needs at least {value} item",
        "minProperties": lambda value: f"needs at least {value} entry",
        "uniqueItems": lambda _: "must not hold a value twice",
    }
    rule = allowed.get(str(error.validator), lambda _: error.message)
    return f"{where} = {error.instance!r}: {rule(error.validator_value)}"


def _key(path: Iterable[str | int]) -> str:
    key = ""
    for part in path:
        key += f"[{part}]" if isinstance(part, int) else f"{'.' if key else ''}{part}"
    return key
