"""A part of a study's config as a checked object: strict types, no unknown key, nothing that can change later."""

import ast
import math
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler, create_model, model_validator
from pydantic_core import PydanticCustomError, core_schema

SectionType = TypeVar("SectionType", bound="Section")

NO_EFFECT = "no effect"
"""Marks a field that no result depends on, a name or something of the machine: it is not part of the plan."""


class Section(BaseModel):
    """Base of everything that a config holds.

    The text below a field is what the manual of the config and the axes of figures call it. It is not part of any code
    digest: rewording it runs nothing again.
    """

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, values: object) -> object:
        """Refuse an unknown key before anything else: a misspelt key also is a missing one."""
        known = [field.alias or name for name, field in cls.model_fields.items()]
        for key in values if isinstance(values, dict) else ():
            if key not in known:
                text = ascii(key)[1:-1] if isinstance(key, str) else repr(key)
                raise PydanticCustomError("unknown_key", "unknown key {key}", {"key": text[:60], "known": known})
        return values

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Add what the fields are called to the schema."""
        schema = handler.resolve_ref_schema(handler(core))
        for name, field in cls.model_fields.items():
            schema["properties"][field.alias or name].setdefault("description", meaning(cls, name))
        return schema

    def given(self) -> dict[str, Any]:
        """Return the keys that were given, as plain values: what a rule that uses this section depends on."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)

    @property
    def module(self) -> str:
        """The module that defines this section, for digests (`weightscape.digest.code_digest`)."""
        return type(self).__module__


def meaning(section: type[Section], field: str) -> str:
    """Return what a field of a section is called, in words: the text below its declaration in the source.

    Pydantic could read these texts too, but would do so whenever a class is made, which takes most of the time in which
    a config is loaded.
    """
    declared = section.model_fields[field].description
    texts = (texts_below(cls.__module__).get(cls.__name__, {}).get(field) for cls in section.__mro__)
    words = declared or next(filter(None, texts), None) or field.replace("_", " ")
    return " ".join(words.split())


@cache
def texts_below(module: str) -> dict[str, dict[str, str]]:
    """Return the texts below the fields and attributes of each class of a module: class → name → text."""
    spec = find_spec(module)
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return {}
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    return {
        node.name: {
            name.id: text.value.value
            for field, text in pairwise(node.body)
            if isinstance(field, ast.AnnAssign | ast.Assign)
            if isinstance(name := field.targets[0] if isinstance(field, ast.Assign) else field.target, ast.Name)
            if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant) and isinstance(text.value.value, str)
        }
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    }


def extended(section: type[SectionType], **fields: Any) -> type[SectionType]:
    """Return a section with more fields, pairs of annotation and default; its module stays that of the section."""
    name = section.__name__ + "".join(fields).title()
    return create_model(name, __base__=section, __module__=section.__module__, **fields)


class _Distinct:
    """See `DISTINCT`."""

    def __get_pydantic_core_schema__(self, source: type, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(
        self, core: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(core), "uniqueItems": True}

    @staticmethod
    def _checked(values: list[Any]) -> list[Any]:
        if len(set(values)) < len(values):
            raise PydanticCustomError("twice", "must not hold a value twice")
        return values


DISTINCT = _Distinct()
"""Annotates a list, whose values must differ."""

UNLIMITED = 10**9
"""An upper end that stands for none: no study has so much of anything."""


@dataclass(frozen=True)
class Range:
    """The numbers that a field allows: from `low` to `high`, whole ones only if `integer`; an open end is excluded.

    It annotates a field, ``dose: Annotated[float, Range(0, 1, low_open=True)]``, and refuses everything else with one
    message that says what is allowed. `of` says in it what the number is.
    """

    low: float
    high: float
    low_open: bool = False
    high_open: bool = False
    integer: bool = False
    of: str = ""

    def __contains__(self, value: object) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float) or not self._finite(value):
            return False
        above = value > self.low if self.low_open else value >= self.low
        below = value < self.high if self.high_open else value <= self.high
        return above and below and (isinstance(value, int) or not self.integer)

    def __str__(self) -> str:
        kind = "a whole number" if self.integer else "a number"
        if self.high >= UNLIMITED:
            return f"{kind} of at least {self.low}"
        low, high = (f"{end}" if isinstance(end, int) else f"{end:g}" for end in (self.low, self.high))
        return f"{kind} in {'(' if self.low_open else '['}{low}, {high}{')' if self.high_open else ']'}"

    def __get_pydantic_core_schema__(self, source: type, _: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(lambda value: source(self._checked(value)))

    def __get_pydantic_json_schema__(self, *_: core_schema.CoreSchema | GetJsonSchemaHandler) -> dict[str, Any]:
        return {
            "type": "integer" if self.integer else "number",
            "exclusiveMinimum" if self.low_open else "minimum": self.low,
            "exclusiveMaximum" if self.high_open else "maximum": self.high,
        }

    def _checked(self, value: object) -> Any:
        if value not in self:
            message = f"{self.of} must be {self}".strip()
            raise PydanticCustomError("range", "{message}", {"message": message})
        return value

    @staticmethod
    def _finite(value: float) -> bool:
        """Whether the number is finite as a float, which a whole number of hundreds of digits is not."""
        try:
            return math.isfinite(value)
        except OverflowError:
            return False


Count = Annotated[int, Range(1, UNLIMITED, integer=True)]
"""A number of things, at least one."""
