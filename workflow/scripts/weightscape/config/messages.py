"""What is wrong with a config, in one line: the key, the value and what is allowed."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

LONGEST = 60
"""Characters of a value that a message shows."""


class ConfigError(ValueError):
    """A value of the configuration is not allowed; the message names the file, the key, the value and what is."""


def suggestion(word: object, known: Iterable[str]) -> str:
    """Return " (did you mean …?)" if `word` is close to one of `known`, else nothing."""
    close = difflib.get_close_matches(word[:LONGEST], list(known), n=1) if isinstance(word, str) else []
    return f" (did you mean {close[0]}?)" if close else ""


def shown(value: object) -> str:
    """Return a value as a message shows it, on one line and cut if it is long."""
    try:
        text = repr(value)
    except ValueError:  # a whole number of more digits than Python writes
        text = "a number of thousands of digits"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def problem_of(error: ValueError | OSError) -> str:
    """Return what an error of reading says, on one line and cut if it is long: it may quote a path of the user's."""
    text = str(error)
    if isinstance(error, OSError) and error.strerror:
        text = f"{shown(error.filename)}: {error.strerror}"
    text = "".join(mark if mark.isprintable() else ascii(mark)[1:-1] for mark in text)
    return text if len(text) <= 8 * LONGEST else f"{text[: 8 * LONGEST - 1]}…"


def explain(error: ValidationError, config: Mapping[Any, Any]) -> str:
    """Return the first thing that is wrong, with the key path as the user wrote it.

    Parameters
    ----------
    error
        What validation found.
    config
        What was validated, to tell the user's keys from pydantic's names of alternatives.
    """
    return _explained(error.errors()[0], config)


def _explained(details: ErrorDetails, config: Mapping[Any, Any]) -> str:
    kind, context, path = details["type"], details.get("ctx", {}), details["loc"]
    key, value = key_path(path, config), details["input"]
    section = key or "the study"
    if kind == "missing":
        return f"{key_path(path[:-1], config) or 'the study'} lacks the key {path[-1]}"
    if kind == "unknown_key":
        unknown = f"{key}.{context['key']}" if key else context["key"]
        return f"unknown key {unknown}{_allowed(context['key'], context['known'])}"
    if path[-1:] == ("[key]",):
        return f"{key_path(path[:-2], config) or 'the study'} has the key {shown(value)}: {_rule(details)}"
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        tag = context["discriminator"].strip("'")
        known = _quoted(context.get("expected_tags", ""))
        if not isinstance(value, Mapping):
            return f"{section} = {shown(value)}: must be a mapping with the key {tag}"
        if tag not in value:
            return f"{section} lacks the key {tag}"
        return f"{section}.{tag} = {shown(value[tag])}{_allowed(value[tag], known)}"
    if kind == "literal_error":
        return f"{section} = {shown(value)}{_allowed(value, _quoted(context['expected']))}"
    return f"{section} = {shown(value)}: {_rule(details)}"


def _rule(details: ErrorDetails) -> str:
    """Return what a value must be."""
    context = details.get("ctx", {})
    rules = {
        "string_type": "must be text",
        "string_unicode": "must be text",
        "list_type": "must be a list",
        "dict_type": "must be a mapping",
        "model_type": "must be a mapping",
        "model_attributes_type": "must be a mapping",
        "too_short": f"needs at least {{min_length}} {'entry' if context.get('min_length') == 1 else 'entries'}",
        "string_too_short": "must not be empty",
        "string_too_long": "must have at most {max_length} characters",
    }
    rule = rules.get(details["type"])
    return rule.format(**context) if rule else details["msg"]


def _quoted(text: str) -> list[str]:
    """Return the words between quotes, and the numbers, of a text by pydantic."""
    return [word or number for word, number in re.findall(r"'([^']*)'|(\d+)", text)]


def _allowed(value: object, known: Sequence[str]) -> str:
    return f"{suggestion(value, known)}; allowed: {', '.join(known)}"


def key_path(path: Sequence[str | int], config: Any) -> str:
    """Return a path as the user wrote it; pydantic's names of alternatives, which the config lacks, are left out."""
    key, place = "", config
    for part in path:
        if isinstance(part, int) and isinstance(place, list):
            key += f"[{part}]"
        elif isinstance(place, Mapping) and part in place:
            key += f"{'.' if key else ''}{part}"
        else:
            continue
        place = place[part]
    return key if len(key) <= 2 * LONGEST else f"{key[: 2 * LONGEST - 1]}…"
