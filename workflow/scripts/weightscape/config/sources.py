"""The data sources of a configuration: known, large enough, and with the same classes."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from weightscape.config.errors import ConfigError, suggestion

if TYPE_CHECKING:
    from weightscape.data.sources import SourceFacts


def class_names(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Check the data sources and the sizes of the splits; return the names of the classes."""
    from weightscape.data.splits import check_split_sizes

    facts = _describe("data.source", data["source"])
    if "all" in facts.class_names:
        raise ConfigError(
            'data.source has a class "all"; allowed: any other name, since the tables call the whole set so'
        )
    try:
        check_split_sizes(facts.counts, data["splits"])
    except ValueError as error:
        raise ConfigError(str(error)) from None
    taken = {*data["splits"]}
    for index, source in enumerate(data.get("ood", [])):
        key = f"data.ood[{index}]"
        name = source.get("id", source["name"])
        source = {option: value for option, value in source.items() if option != "id"}
        if source == data["source"]:
            raise ConfigError(f"{key} = {source}: is the data set that the study trains on")
        if name in taken:
            raise ConfigError(f"{key}: the name {name!r} is taken; give the set a name of its own with the key id")
        taken.add(name)
        foreign = [name for name in _describe(key, source).class_names if name not in facts.class_names]
        if foreign:
            raise ConfigError(
                f"{key} has the class {foreign[0]!r}, which data.source has not; "
                f"allowed: {', '.join(facts.class_names)}"
            )
    return facts.class_names


def _describe(key: str, source: Mapping[str, Any]) -> "SourceFacts":
    from weightscape.data.sources import describe_source, source_names

    name = source["name"]
    if name not in source_names():
        raise ConfigError(
            f"{key}.name = {name!r}{suggestion(name, source_names())}; allowed: {', '.join(source_names())}"
        )
    try:
        return describe_source(source)
    except (ValueError, OSError) as error:
        raise ConfigError(f"{key} = {dict(source)}: {error}") from None
