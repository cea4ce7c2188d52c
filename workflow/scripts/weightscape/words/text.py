"""The grammar of sentences: lists, agreement, counts and capitals."""

from collections.abc import Sequence


def listing(words: Sequence[str]) -> str:
    """Return the words as ``a``, ``a and b`` or ``a, b and c``."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else list(words))


def verb(subjects: Sequence[str], singular: str, plural: str) -> str:
    """Return the form of a verb that agrees with the number of its subjects.

    Examples
    --------
    >>> verb(["synthetic"], "has", "have"), verb(["synthetic", "edited"], "has", "have")
    ('has', 'have')
    """
    return singular if len(subjects) == 1 else plural


def count_seeds(n: int) -> str:
    """Return ``8 seeds``."""
    return f"{n} seed{'s' * (n != 1)}"


def every(n: int) -> str:
    """Return ``both``, or ``all 3`` where there are more."""
    return "both" if n == 2 else f"all {n}"


def capital(text: str) -> str:
    """Return the text with its first letter in upper case."""
    return text[:1].upper() + text[1:]
