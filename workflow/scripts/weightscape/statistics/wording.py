"""Numbers as text for the reasons of verdicts."""

import math
from collections.abc import Sequence

from weightscape.statistics.estimate import Estimate


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


def pvalue_text(pvalue: float, name: str = "p") -> str:
    """Return ``p = .012``, or ``p < .001``.

    Examples
    --------
    >>> pvalue_text(0.0123), pvalue_text(0.00001), pvalue_text(1.0)
    ('p = .012', 'p < .001', 'p = 1')
    """
    if pvalue < 0.001:
        return f"{name} < .001"
    if pvalue > 0.9995:
        return f"{name} = 1"
    return f"{name} = {pvalue:.3f}".replace("0.", ".")


def listing(words: Sequence[str]) -> str:
    """Return the words as ``a``, ``a and b`` or ``a, b and c``."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else list(words))


def count_seeds(n: int) -> str:
    """Return ``8 seeds``."""
    return f"{n} seed{'s' * (n != 1)}"


def capital(text: str) -> str:
    """Return the text with its first letter in upper case."""
    return text[:1].upper() + text[1:]
