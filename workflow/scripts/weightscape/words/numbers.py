"""Numbers, intervals and p-values as text: one way for one kind, in figures, tables and sentences."""

import math
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from weightscape.statistics.estimate import Estimate

NO_BREAK = "\N{NO-BREAK SPACE}"


def number(value: float | None, digits: int = 3) -> str:
    """Return a number with `digits` significant digits, a true minus sign, and a dash when it is missing.

    Examples
    --------
    >>> number(-0.040712), number(12345.6), number(float("nan"))
    ('−0.0407', '12,346', '–')
    """
    if value is None or pd.isna(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    exponent = math.floor(math.log10(abs(value)))
    decimals = max(0, digits - 1 - exponent)
    text = f"{value:.{digits - 1}e}" if exponent < -5 else f"{value:,.{decimals}f}"
    return text.replace("-", "−")


def estimate(value: float, low: float, high: float, signed: bool = False) -> tuple[str, str]:
    """Return a value and its interval with as many decimals as the interval's width is worth: two digits of it.

    Examples
    --------
    >>> estimate(-0.040712, -0.0413, -0.0401), estimate(2.41, 1.9, 2.92), estimate(1.0, float("nan"), float("nan"))
    (('−0.0407', '−0.0413 to −0.0401'), ('2.4', '1.9 to 2.9'), ('1.00', '–'))
    """
    width = high - low
    if not (math.isfinite(width) and math.isfinite(value)):
        return number(value), "–"
    if width == 0:
        return number(value), f"{number(low)} to {number(high)}"
    decimals = max(0, 1 - math.floor(math.log10(width)))
    texts = [_fixed(end, decimals) for end in (value, low, high)]
    sign = "+" if signed and value > 0 else ""
    return sign + texts[0], f"{texts[1]} to {texts[2]}"


def aligned(value: float, low: float, high: float) -> tuple[str, str, str]:
    """Return a value and the ends of its interval with equally many decimals: three digits of the largest of them.

    Examples
    --------
    >>> aligned(0.997, 0.992, 1.004), aligned(3.354, 2.715, 3.993), aligned(2.0, float("nan"), float("nan"))
    (('1.00', '0.99', '1.00'), ('3.35', '2.71', '3.99'), ('2.00', '–', '–'))
    """
    values = (value, low, high)
    largest = max((abs(item) for item in values if math.isfinite(item)), default=0.0)
    decimals = max(0, 2 - math.floor(math.log10(largest))) if largest else 2
    first, second, third = (_fixed(item, decimals) if math.isfinite(item) else number(item) for item in values)
    return first, second, third


def cosine(value: float, low: float, high: float) -> tuple[str, str]:
    """Return a cosine and its interval with two decimals.

    Examples
    --------
    >>> cosine(1.0000, 0.9952, 1.0049), cosine(float("nan"), float("nan"), float("nan"))
    (('1.00', '1.00 to 1.00'), ('–', '–'))
    """
    texts = [_fixed(item, 2) if math.isfinite(item) else number(item) for item in (value, low, high)]
    return texts[0], "–" if texts[1] == texts[2] == "–" else f"{texts[1]} to {texts[2]}"


def change(row: Mapping[str, float]) -> str:
    """Return a paired difference in words: ``+0.061 (95 % interval 0.058 to 0.063)``."""
    value, span = estimate(row["mean"], row["low"], row["high"], signed=True)
    return value if span == "–" else f"{value} (95{NO_BREAK}% interval {span})"


def probability(value: float) -> str:
    """Return a p-value without the letter, as ``.008`` or ``< .001``.

    Examples
    --------
    >>> probability(0.0078), probability(0.00002), probability(0.25), probability(1.0)
    ('.008', '< .001', '.25', '1')
    """
    if pd.isna(value):
        return "–"
    if value < 0.001:
        return "< .001"
    if value >= 0.9995:
        return "1"
    return (f"{value:.2f}" if value >= 0.1 else f"{value:.3f}").removeprefix("0")


def pvalue(value: float, name: str = "p") -> str:
    """Return ``p = .008`` or ``p < .001``, with spaces that do not break.

    Examples
    --------
    >>> pvalue(0.0123).replace(NO_BREAK, " "), pvalue(0.00001, "Holm p").replace(NO_BREAK, " ")
    ('p = .012', 'Holm p < .001')
    """
    text = probability(value)
    text = text if text.startswith("<") else f"= {text}"
    return f"{name}{NO_BREAK}{text.replace(' ', NO_BREAK)}"


def duration(seconds: float) -> str:
    """Return a time in the largest unit that it fills.

    Examples
    --------
    >>> duration(12.3), duration(254), duration(9000)
    ('12 s', '4 min', '2.5 h')
    """
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


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


def _fixed(value: float, decimals: int) -> str:
    # Adding 0 turns a −0 that came of rounding into 0.
    return f"{round(value, decimals) + 0:,.{decimals}f}".replace("-", "−")
