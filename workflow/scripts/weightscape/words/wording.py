"""Numbers and lists in sentences."""

import math
from collections.abc import Sequence
from dataclasses import replace

from weightscape.statistics.estimate import Estimate

NO_BREAK = "\N{NO-BREAK SPACE}"


def number(value: float) -> str:
    """Return three significant digits with a true minus sign, without an exponent for ordinary sizes.

    Examples
    --------
    >>> number(-0.04071), number(12.3456), number(1234.5)
    ('−0.0407', '12.3', '1234')
    """
    if not math.isfinite(value):
        return "not known"
    size = abs(value)
    if size != 0 and size < 1e-4:
        text = f"{value:.2e}"
    else:
        digits = 2 if size == 0 else max(0, 2 - math.floor(math.log10(size)))
        text = f"{value:.{digits}f}"
    return text.replace("-", "−")


def interval_text(estimate: Estimate) -> str:
    """Return the interval as ``[low, high]``."""
    return f"[{number(estimate.low)}, {number(estimate.high)}]"


def estimate_text(estimate: Estimate) -> str:
    """Return the value and its interval as ``value [low, high]``."""
    return f"{number(estimate.value)} {interval_text(estimate)}"


def higher_text(difference: Estimate, unit: str) -> str:
    """Return a difference as ``0.3 [0.1, 0.5] probits higher``, or ``… lower`` with the signs turned.

    Examples
    --------
    >>> higher_text(Estimate(-0.3, -0.5, 0.1, 0.1, 0.04), "probits")
    '0.300 [−0.100, 0.500] probits lower'
    """
    if difference.value < 0:
        turned = replace(difference, value=-difference.value, low=-difference.high, high=-difference.low)
        return f"{estimate_text(turned)} {unit} lower"
    return f"{estimate_text(difference)} {unit} higher"


def pvalue_text(pvalue: float, name: str = "p") -> str:
    """Return ``p = .012``, or ``p < .001``, with spaces that do not break.

    Examples
    --------
    >>> [pvalue_text(p).replace(NO_BREAK, " ") for p in (0.0123, 0.00001, 1.0)]
    ['p = .012', 'p < .001', 'p = 1']
    """
    if pvalue < 0.001:
        return f"{name}{NO_BREAK}<{NO_BREAK}.001"
    number = "1" if pvalue > 0.9995 else f"{pvalue:.3f}".removeprefix("0")
    return f"{name}{NO_BREAK}={NO_BREAK}{number}"


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


def capital(text: str) -> str:
    """Return the text with its first letter in upper case."""
    return text[:1].upper() + text[1:]
