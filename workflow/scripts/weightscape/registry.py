"""Entries of one kind, a module each, loaded by the name that a config gives.

What a study can name (a data set, a family of interventions, a policy, a backbone source, a kind of generator, a
corruption) is a class in a module of its own, ``<package>/<name>.py``. Nothing lists the entries: a new one is a new
file. A rule's digest covers the modules of the entries that its own config names (`weightscape.digest.code_digest`), so
a new entry, or an edit of one that a study does not use, runs nothing again.
"""

import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Annotated, Any, Generic, TypeVar, Union

from pydantic import Field

from weightscape.section import Section, extended

Entry = TypeVar("Entry", bound=Section)


@dataclass(frozen=True)
class Registry(Generic[Entry]):
    """All entries of one kind.

    Attributes
    ----------
    package
        Full name of the package whose modules are the entries.
    base
        The class that each entry's class is derived from.
    key
        The key of the config that names an entry; the entry's class has a field of this name, a literal.
    """

    package: str
    base: type[Entry]
    key: str = "name"

    def names(self) -> list[str]:
        """Return the names of all entries, sorted."""
        return sorted(module.name for module in pkgutil.iter_modules(import_module(self.package).__path__))

    def module(self, name: str) -> str:
        """Return the full name of an entry's module, for digests."""
        return f"{self.package}.{name}"

    def __getitem__(self, name: str) -> type[Entry]:
        """Return the class of an entry, importing its module and no other."""
        return _entry_class(self.module(name), self.base)

    def classes(self) -> list[type[Entry]]:
        """Return the classes of all entries, by name."""
        return [self[name] for name in self.names()]

    def union(self, **fields: Any) -> Any:
        """Return the type of a section that is any of the entries, told apart by `key`.

        Parameters
        ----------
        **fields
            Fields that the config adds to each entry, as pairs of annotation and default.
        """
        classes = tuple(extended(cls, **fields) if fields else cls for cls in self.classes())
        return Annotated[Union[classes], Field(discriminator=self.key)]  # noqa: UP007

    def parse(self, values: Mapping[str, Any]) -> Entry:
        """Return the entry with the settings `values`, as a rule's parameters hold them (see `Section.given`)."""
        return self[values[self.key]].model_validate(values)


@cache
def _entry_class(module: str, base: type[Entry]) -> type[Entry]:
    found = [
        value
        for value in vars(import_module(module)).values()
        if isinstance(value, type) and issubclass(value, base) and value.__module__ == module
    ]
    if len(found) != 1:
        raise TypeError(f"{module} must define one class derived from {base.__name__}, not {len(found)}")
    return found[0]
