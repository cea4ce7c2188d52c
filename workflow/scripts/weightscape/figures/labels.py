"""Words for outcomes, metrics, doses and numbers: one text for one thing, in figures and in the report."""

import math
from collections.abc import Mapping

import pandas as pd

METRICS = {
    "stable_rank": "stable rank",
    "entropy": "entropy",
    "alpha": "power-law α",
    "alpha_weighted": "weighted α",
    "num_spikes": "spikes",
    "robust_num_spikes": "robust spikes",
    "log_norm": "log norm",
    "log_spectral_norm": "log spectral norm",
    "log_alpha_norm": "log α-norm",
    "effective_rank": "effective rank",
    "matrix_rank": "matrix rank",
    "accuracy": "accuracy",
    "nll": "NLL",
    "brier": "Brier score",
    "ece": "ECE",
    "adaptive_ece": "adaptive ECE",
    "temperature": "temperature",
    "vendi_1": "Vendi score",
    "vendi_2": "Vendi score, q = 2",
}
SETS = {"validation": "validation", "test": "test", "ood": "OOD", "corruption": "corrupted"}
NO_BREAK = "\N{NO-BREAK SPACE}"
VERDICTS = ("supported", "contradicted", "undetermined")


def plain(name: str) -> str:
    """Return a name from the config as words: underscores become spaces."""
    return name.replace("_", " ")


def described(source: str | Mapping[str, object]) -> str:
    """Return a source from the config in words: its name, and in brackets what else is said about it.

    Examples
    --------
    >>> described("mnist5k"), described({"name": "folder", "path": "images"})
    ('mnist5k', 'folder (path images)')
    """
    if isinstance(source, str):
        return source
    rest = ", ".join(f"{plain(key)} {value}" for key, value in source.items() if key != "name")
    name = str(source.get("name", ""))
    return f"{name} ({rest})" if name and rest else name or rest


def metric_label(metric: str) -> str:
    """Return the words for a metric's column name."""
    return METRICS.get(metric, plain(metric))


def outcome_label(outcome: str) -> str:
    """Return the words for an outcome such as ``spectra/late/alpha`` or ``evaluation/ood/accuracy``."""
    kind, *middle, metric = outcome.split("/")
    words = metric_label(metric)
    if kind == "evaluation" and middle:
        place = " ".join(SETS.get(part, plain(part)) for part in middle)
        return f"{place} {words}"
    if middle:
        return f"{words}, {' '.join(plain(part) for part in middle)}"
    return words


def condition_label(series: str, dose: float | None) -> str:
    """Return a condition's name for a row or a legend: the series and its dose."""
    if dose is None or pd.isna(dose):
        return plain(series)
    return f"{plain(series)} {dose:g}"


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


def _fixed(value: float, decimals: int) -> str:
    # Adding 0 turns a −0 that came of rounding into 0.
    return f"{round(value, decimals) + 0:,.{decimals}f}".replace("-", "−")


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


def pvalue(value: float) -> str:
    """Return ``p = .008`` or ``p < .001``, with spaces that do not break."""
    text = probability(value)
    return (f"p {text}" if text.startswith("<") else f"p = {text}").replace(" ", NO_BREAK)
