"""What the statistics find, as typed facts without words: `weightscape.words.reasons` makes the sentences."""

import dataclasses
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import NoneType
from typing import Any, get_args, get_type_hints

from weightscape.statistics.estimate import Estimate


class Facts:
    """What was found, or why nothing could be: a frozen dataclass per kind, whose name is the kind."""


@dataclass(frozen=True)
class Case(Facts):
    """A kind of facts that has a name, and no more than names and a number; `words.reasons.CASES` has the sentences."""

    case: str
    names: tuple[str, ...] = ()
    number: int = 0


@dataclass(frozen=True)
class TooFew(Facts):
    """Fewer seeds or conditions than `needed_by` needs: "comparison", "contrast", "cosine", "line" or "regression"."""

    of: str
    n: int
    minimum: int
    needed_by: str


@dataclass(frozen=True)
class Name(Facts):
    """The name of something in a study; `of` is "series", "metric", "layer group" or "set"."""

    of: str
    name: str


@dataclass(frozen=True)
class ConditionName(Facts):
    """A condition by the series and the dose that it is made of."""

    name: str
    series: str
    dose: float


@dataclass(frozen=True)
class Change(Facts):
    """A change of the analysis: a text in which ``{}`` stands for the name of what is changed, if there is such."""

    text: str
    subject: Name | ConditionName | None = None

    def __str__(self) -> str:
        return self.text.format(self.subject.name) if self.subject else self.text


@dataclass(frozen=True)
class Changed(Facts):
    """What a claim's analysis finds after a change."""

    change: Change
    finding: Facts


@dataclass(frozen=True)
class Measured(Facts):
    """A statistic with its interval, for a claim that has nothing else to tell."""

    statistic_name: str
    estimate: Estimate


@dataclass(frozen=True)
class Judged(Facts):
    """What was compared, how sure it is, and whether that decides the claim."""

    comparison: Facts
    pvalue: float
    n_seeds: int
    decided: bool


@dataclass(frozen=True)
class NotDecided(Facts):
    """The finding of a claim whose verdict does not survive the adjustment for all claims."""

    finding: Facts
    pvalue_holm: float
    verdict_alone: str


class CannotBeJudgedError(Exception):
    """An analysis that cannot be made; `facts` say why."""

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self.facts = facts


class NotInStudyError(CannotBeJudgedError):
    """A study lacks what a claim needs."""


def write_facts(facts: Facts) -> str:
    """Return facts as canonical JSON: the kind and the fields, sorted; NaN is null.

    Examples
    --------
    >>> write_facts(Case("no complete runs", ("dropout",)))
    '{"case": "no complete runs", "kind": "Case", "names": ["dropout"], "number": 0}'
    """
    return json.dumps(_plain(facts), sort_keys=True, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        kind: dict[str, Any] = {"kind": type(value).__name__} if isinstance(value, Facts) else {}
        return kind | {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def read_facts(text: str, kinds: Mapping[str, type[Facts]]) -> Facts:
    """Return the facts that `write_facts` wrote.

    Parameters
    ----------
    text
        JSON.
    kinds
        The dataclass of each kind.

    Raises
    ------
    ValueError
        If a kind is not among `kinds`.
    """
    return _typed(json.loads(text), Facts, kinds)


def _typed(value: Any, hint: Any, kinds: Mapping[str, type[Facts]]) -> Any:
    """Return a value of JSON as what the type hint of its field says."""
    if isinstance(value, dict):
        values = dict(value)
        kind = values.pop("kind", None)
        if kind is not None and kind not in kinds:
            raise ValueError(f"facts of the unknown kind {kind!r}; known: {', '.join(sorted(kinds))}")
        shape = kinds[kind] if kind else next(part for part in get_args(hint) or (hint,) if part is not NoneType)
        hints = get_type_hints(shape)
        return shape(**{name: _typed(item, hints[name], kinds) for name, item in values.items()})
    if isinstance(value, list):
        return tuple(_typed(item, get_args(hint)[0], kinds) for item in value)
    return math.nan if value is None and hint is float else value
