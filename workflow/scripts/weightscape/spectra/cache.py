"""A store of results by the content of the weight: frozen and pre-trained layers are analysed once."""

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

from weightscape.files import atomic_path, read_json, write_json

_ROWS = "rows"


class Store(Protocol):
    """What gives the results of a key, from wherever it keeps them."""

    def row(self, key: str, compute: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return the row of `key`."""

    def arrays(self, key: str, compute: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
        """Return the named arrays of `key`."""


class Uncached:
    """Keeps nothing, so that no layer's decomposition stays in memory."""

    def row(self, _: str, compute: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Compute the row."""
        return compute()

    def arrays(self, _: str, compute: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
        """Compute the arrays."""
        return compute()


class Cache:
    """Results in memory, and rows of the table also in a folder if there is one.

    A key is made from the weight's bytes, the settings and the description of the layer. It says nothing of the code:
    whoever keeps a file or folder for another version of this package must tell them apart, as the workflow does by its
    rules' digests, and the command ``spectra`` by a folder for each version. Files are written atomically, so several
    jobs may share a folder.

    Parameters
    ----------
    folder
        Folder of the rows, made when needed; ``None`` keeps them in memory only.
    saved
        File that `save` wrote: what it holds is not computed again. Its arrays are read when they are asked for.
    """

    def __init__(self, folder: str | Path | None = None, saved: str | Path | None = None):
        self._folder = None if folder is None else Path(folder)
        self._saved = None if saved is None else safe_open(saved, framework="numpy")
        self._saved_arrays = set() if self._saved is None else set(self._saved.keys())
        self._rows: dict[str, dict[str, Any]] = {}
        self._arrays: dict[str, dict[str, np.ndarray]] = {}
        if self._saved is not None:
            self._rows = {key: _from_json(row) for key, row in json.loads(self._saved.metadata()[_ROWS]).items()}

    def row(self, key: str, compute: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return the row of `key` from memory or disk, or compute and keep it."""
        if key not in self._rows:
            self._rows[key] = self._from_folder(key, compute)
        return dict(self._rows[key])

    def arrays(self, key: str, compute: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
        """Return the named arrays of `key` from memory or the saved file, or compute and keep them in memory."""
        if key not in self._arrays:
            names = [name for name in self._saved_arrays if name.startswith(f"{key}|")]
            saved = {name.partition("|")[2]: self._saved.get_tensor(name) for name in names} if self._saved else {}
            self._arrays[key] = saved or compute()
        return self._arrays[key]

    def save(self, path: str | Path) -> None:
        """Write all rows and arrays in memory to one safetensors file, for `Cache(saved=…)`."""
        arrays = {f"{key}|{name}": value for key, named in self._arrays.items() for name, value in named.items()}
        rows = json.dumps({key: _to_json(row) for key, row in self._rows.items()}, sort_keys=True)
        with atomic_path(path) as temporary:
            save_file({name: np.ascontiguousarray(value) for name, value in arrays.items()}, temporary, {_ROWS: rows})

    def _from_folder(self, key: str, compute: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        if self._folder is None:
            return compute()
        path = self._folder / f"{key}.json"
        if path.exists():
            return _from_json(read_json(path))
        row = compute()
        write_json(_to_json(row), path)
        return row


def content_key(content: str, *context: Mapping[str, Any]) -> str:
    """Return the key of a result that depends on `content` (a sum) and on `context`."""
    text = json.dumps([content, context], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _to_json(row: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: value.item() if isinstance(value, np.generic) else value for name, value in row.items()}
    return {name: None if isinstance(value, float) and math.isnan(value) else value for name, value in plain.items()}


def _from_json(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: math.nan if value is None else value for name, value in row.items()}
