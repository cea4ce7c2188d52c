"""Facts of data sets that take long to find out: they are kept in a file from one plan of a study to the next."""

import hashlib
import json
import os
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from weightscape.data.source import Source, SourceFacts
from weightscape.files import read_json, write_json


def remembered_facts(source: Source, find: Callable[[], SourceFacts], *versions: str) -> SourceFacts:
    """Return the facts of a data set, found once for each state of its files.

    They are found again when the config's keys, a file (its name, size or time of change), the code of the entry or one
    of the `versions` of packages differs.
    """
    file = _folder() / f"{_key(source, versions)}.json"
    with suppress(OSError, ValueError, TypeError, KeyError):
        known = read_json(file)
        return SourceFacts(known["counts"], tuple(known["class_names"]), known["class_counts"])
    facts = find()
    with suppress(OSError):  # a home that cannot be written to costs time, no more
        write_json(vars(facts), file)
    return facts


def _folder() -> Path:
    """Return the folder of this machine's user for what can be made again."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "weightscape", "data-sets")


def _key(source: Source, versions: tuple[str, ...]) -> str:
    code = import_module(source.module).__file__
    listing = [state for path in (*source.paths, *source.texts, code or "") for state in _states(Path(path))]
    parts: list[Any] = [source.given(), listing, versions]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _states(path: Path) -> list[tuple[str, int, int]]:
    """Return name, size and time of change of a file, or of all files below a folder."""
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    return [
        (str(file.absolute()), status.st_size, status.st_mtime_ns)
        for file in files
        if file.is_file()
        for status in (file.stat(),)
    ]
