"""The part of a study's config that is its plan."""

from collections.abc import Mapping
from typing import Any

from weightscape.config.study import Study
from weightscape.generator.generator import GENERATORS
from weightscape.section import NO_EFFECT, Section


def plan_sections(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return everything in a study's config that its results can depend on: all but what is marked `NO_EFFECT`.

    Parameters
    ----------
    config
        The config as its file gives it.
    """
    return _with_effect(config, Study)


def registered_sections(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return `plan_sections` with what the images decide of a generator, where the config leaves it to them.

    Parameters
    ----------
    config
        The config as its file gives it.
    """
    sections = plan_sections(config)
    if generator := config.get("generator"):
        defaults = GENERATORS[generator.get("kind", "diffusion")].by_colour
        left = {colour: {k: v for k, v in keys.items() if k not in generator} for colour, keys in defaults.items()}
        sections |= {"generator_defaults": left} if left else {}
    return sections


def _with_effect(values: Mapping[str, Any], section: type[Section]) -> dict[str, Any]:
    fields = {field.alias or name: field for name, field in section.model_fields.items()}
    kept = {key: value for key, value in values.items() if NO_EFFECT not in fields[key].metadata}
    for key, value in kept.items():
        kind = fields[key].annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            kept[key] = _with_effect(value, kind)
    return kept
