"""A store of results by the content of the weight: frozen and pre-trained layers are analysed once."""

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from weightscape.files import read_json, write_json


class Cache:
    """Results in memory, and rows of the table also on disk if a folder is given.

    A key is made from the weight's bytes and everything else that the result depends on: the settings, the description
    of the layer, and the source of this package. Files are written atomically, so several jobs may share a folder.

    Parameters
    ----------
    folder
        Folder of the rows, made when needed; ``None`` keeps them in memory only.
    """

    def __init__(self, folder: str | Path | None = None):
        self._folder = None if folder is None else Path(folder)
        self._memory: dict[str, Any] = {}

    def remember(self, key: str, compute: Callable[[], Any]) -> Any:
        """Return the value of `key`, computed at first and kept in memory."""
        if key not in self._memory:
            self._memory[key] = compute()
        return self._memory[key]

    def row(self, key: str, compute: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return the row of `key` from memory or disk, or compute and keep it."""
        return dict(self.remember(key, lambda: self._from_disk(key, compute)))

    def _from_disk(self, key: str, compute: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        if self._folder is None:
            return compute()
        path = self._folder / f"{key}.json"
        if path.exists():
            return {name: math.nan if value is None else value for name, value in read_json(path).items()}
        row = compute()
        missing = {name for name, value in row.items() if isinstance(value, float) and math.isnan(value)}
        write_json({name: None if name in missing else _plain(value) for name, value in row.items()}, path)
        return row


def content_key(content: str, *context: Mapping[str, Any]) -> str:
    """Return the key of a result that depends on `content` (a sum), on `context` and on the code of this package."""
    text = json.dumps([content, context, _code()], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=1)
def _code() -> str:
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
