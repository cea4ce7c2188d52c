"""The part of a study's config that is its plan."""

from collections.abc import Mapping
from typing import Any

WITHOUT_EFFECT: Mapping[str, tuple[str, ...] | None] = {
    "study": None,
    "title": None,
    "training": ("device",),
    "seeds": ("per_job",),
}
"""Names, and what depends on the machine, by section (``None``: all of it): no result depends on them."""


def plan_sections(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return everything in a study's config that its results can depend on: all but `WITHOUT_EFFECT`."""
    sections: dict[str, Any] = {}
    for section, value in config.items():
        hidden = WITHOUT_EFFECT.get(section, ())
        if hidden is not None:
            sections[section] = {key: item for key, item in value.items() if key not in hidden} if hidden else value
    return sections
