"""What is written down about the config is made from its models: the JSON schema, and the tables of config/README.md.

``python -m weightscape.config.manual`` writes both; a test holds that they are up to date.
"""

import re
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic.fields import FieldInfo

from weightscape.backbone_source import BACKBONES
from weightscape.config.study import Study
from weightscape.data.source import SOURCES
from weightscape.files import write_text
from weightscape.generator.generator import GENERATORS
from weightscape.registry import Registry
from weightscape.section import Range, Section, meaning
from weightscape.training.intervention import FAMILIES, POLICIES

ROOT = Path(__file__).resolve().parents[4]
SCHEMA = ROOT / "workflow" / "schemas" / "study.schema.yaml"
MANUAL = ROOT / "config" / "README.md"


def schema_text() -> str:
    """Return the JSON schema of a study as YAML, for editors that check files as they are typed."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Study.model_json_schema(by_alias=True)}
    return yaml.safe_dump(_without_titles(schema), sort_keys=False, allow_unicode=True, width=120)


def manual_text(text: str) -> str:
    """Return the manual with new tables, each between ``<!-- table: name -->`` and ``<!-- end -->``."""
    for name, rows in _tables().items():
        table = "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows)
        text = re.sub(
            rf"(<!-- table: {name} -->\n).*?(<!-- end -->)",
            partial(_between, table),
            text,
            flags=re.DOTALL,
        )
    return text


def _between(table: str, found: re.Match[str]) -> str:
    return f"{found[1]}{table}\n{found[2]}"


def _tables() -> dict[str, list[list[str]]]:
    return {
        "keys": [["key", "meaning", "allowed"], ["---"] * 3, *_keys(Study)],
        "families": _entries(
            FAMILIES, "dose", ["`augment`", "A policy of augmentation, see below", "as the policy says", "`policy`"]
        ),
        "policies": _entries(POLICIES, "dose"),
        "sources": _entries(SOURCES),
        "backbones": _entries(BACKBONES),
        **{f"generator {kind}": _options(GENERATORS[kind]) for kind in GENERATORS.names()},
    }


def _keys(section: type[Section], above: str = "") -> Iterator[list[str]]:
    """Yield the rows of a section's keys, and in their place those of the sections that it holds."""
    for name, field in section.model_fields.items():
        key = f"{above}{field.alias or name}"
        inner = next((part for part in (field.annotation, *get_args(field.annotation)) if _is_section(part)), None)
        if inner is not None and "discriminator" not in repr(field):
            yield from _keys(inner, f"{key}.")
        else:
            optional = "" if field.is_required() else "optional: "
            yield [f"`{key}`", optional + meaning(section, name), _allowed(field)]


def _is_section(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Section)


def _entries(registry: Registry[Any], dose: str = "", *more: list[str]) -> list[list[str]]:
    """Return the table of a registry: a row per entry with its own keys."""
    heads = [f"`{registry.key}`", "what it is", *([dose] if dose else []), "options"]
    rows = [*more]
    for name in registry.names():
        entry = registry[name]
        options = [key for key in entry.model_fields if key not in (registry.key, dose, "family")]
        texts = [f"`{key}`: {meaning(entry, key)}{_in_brackets(entry.model_fields[key])}" for key in options]
        doses = [f"{meaning(entry, dose)}, {_allowed(entry.model_fields[dose])}"] if dose else []
        rows.append([f"`{name}`", (entry.__doc__ or "").split("\n")[0].rstrip("."), *doses, "; ".join(texts)])
    return [heads, ["---"] * len(heads), *(row[:1] + [""] * (len(heads) - len(row)) + row[1:] for row in rows)]


def _options(section: type[Section]) -> list[list[str]]:
    rows = [
        [f"`{name}`", meaning(section, name), _allowed(field), _default(field)]
        for name, field in section.model_fields.items()
        if name != "kind"
    ]
    return [["key", "meaning", "allowed", "default"], ["---"] * 4, *rows]


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    default = field.get_default(call_default_factory=True)
    return "" if default is None else f"`{default}`"


def _allowed(field: FieldInfo) -> str:
    """Return what a field allows, in words."""
    ranges = [rule for rule in _metadata(field) if isinstance(rule, Range)]
    if ranges:
        return str(ranges[0])
    words = [
        word
        for part in (field.annotation, *get_args(field.annotation))
        for word in get_args(part)
        if isinstance(word, str | int)
    ]
    return ", ".join(f"`{word}`" for word in dict.fromkeys(words))


def _in_brackets(field: FieldInfo) -> str:
    """Return the range of a field, if it has one, to stand behind its meaning."""
    return f" ({_allowed(field)})" if any(isinstance(rule, Range) for rule in _metadata(field)) else ""


def _metadata(field: FieldInfo) -> Iterable[Any]:
    yield from field.metadata
    for part in get_args(field.annotation):
        yield from getattr(part, "__metadata__", ())


def _without_titles(schema: Any) -> Any:
    """Return a schema without the titles that pydantic makes of names, and with texts on one line."""
    if isinstance(schema, dict):
        kept = {key: value for key, value in schema.items() if key != "title" or not isinstance(value, str)}
        return {key: _without_titles(value) for key, value in kept.items()}
    if isinstance(schema, list):
        return [_without_titles(item) for item in schema]
    return " ".join(schema.split()) if isinstance(schema, str) else schema


def main() -> None:
    """Write the schema and the tables of the manual."""
    write_text(schema_text(), SCHEMA)
    write_text(manual_text(MANUAL.read_text(encoding="utf-8")), MANUAL)


if __name__ == "__main__":
    main()
