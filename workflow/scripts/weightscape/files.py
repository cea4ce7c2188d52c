"""Reading and writing the workflow's files: atomic, without pickle, and the same bytes for the same content."""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on success it takes its place, on an error it is removed.

    Readers therefore see the old file or the whole new one. The temporary name keeps the suffix of `path`, because
    writers such as ``numpy.save`` choose or extend the name by it.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.partial{path.suffix}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_table(table: "pd.DataFrame", path: str | Path) -> None:
    """Write `table` as Parquet or CSV, by the suffix of `path`, without the index.

    CSV numbers use the shortest text that reads back to the same float64. The column `dose`, which may hold None where
    there is no dose, is float64 in every file, NaN there.
    """
    path = Path(path)
    if "dose" in table:
        table = table.astype({"dose": "float64"})
    with atomic_path(path) as temporary:
        if path.suffix == ".parquet":
            table.to_parquet(temporary, index=False)
        elif path.suffix == ".csv":
            table.to_csv(temporary, index=False)
        else:
            raise ValueError(f"{path}: a table is written as .parquet or .csv, not {path.suffix!r}")


def read_table(path: str | Path) -> "pd.DataFrame":
    """Read a table that `write_table` wrote as Parquet."""
    import pandas as pd

    return pd.read_parquet(path)


def write_json(value: Any, path: str | Path) -> None:
    """Write `value` as indented JSON with sorted keys; NaN is refused, since JSON has none."""
    text = json.dumps(value, indent=2, sort_keys=True, allow_nan=False, ensure_ascii=False)
    write_text(text + "\n", path)


def read_json(path: str | Path) -> Any:
    """Read a JSON file."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def write_text(text: str, path: str | Path) -> None:
    """Write UTF-8 text."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_array(array: np.ndarray, path: str | Path) -> None:
    """Write one array as ``.npy``; object arrays, which would need pickle, are refused."""
    with atomic_path(path) as temporary:
        np.save(temporary, array, allow_pickle=False)


def write_arrays(arrays: dict[str, np.ndarray], path: str | Path) -> None:
    """Write named arrays as one compressed ``.npz`` (read with ``numpy.load``; the zip's time stamps are fixed)."""
    with atomic_path(path) as temporary, open(temporary, "wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def file_sha256(path: str | Path) -> str:
    """Return the SHA-256 sum of a file as hexadecimal text."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def array_sha256(array: np.ndarray) -> str:
    """Return the SHA-256 sum of an array's type, shape and bytes, whatever its memory order."""
    array = np.ascontiguousarray(array)
    digest = hashlib.sha256(f"{array.dtype.str}{array.shape}".encode())
    digest.update(array.data.cast("B") if array.size else b"")
    return digest.hexdigest()
