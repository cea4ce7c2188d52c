"""The dispatch from facts to sentences, and what several kinds of facts share."""

from functools import singledispatch

from weightscape.statistics.facts import Facts
from weightscape.words.names import plain
from weightscape.words.text import listing


@singledispatch
def words(facts: Facts) -> str:
    """Return facts in words: a sentence, or the part of one that is used within another."""
    raise TypeError(f"no words for facts of the kind {type(facts).__name__}: register them with {__name__}.words")


def series_words(names: tuple[str, ...]) -> str:
    """Return the names of series as a list in words."""
    return listing([plain(name) for name in names])
