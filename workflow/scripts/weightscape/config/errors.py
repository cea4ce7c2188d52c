"""The error of a configuration, and the words it is made of."""

import difflib
from collections.abc import Iterable


class ConfigError(ValueError):
    """A value of the configuration is not allowed; the message names the file, the key, the value and what is."""


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return " (did you mean …?)" if `word` is close to one of `known`, else nothing."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""
