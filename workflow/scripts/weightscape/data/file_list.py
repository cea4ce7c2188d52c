"""Images that a table lists: CSV with the columns `path` and `label`, and perhaps `split`, `group` and `domain`."""

import csv
import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

REQUIRED = ("path", "label")
OPTIONAL = ("split", "group", "domain")
SPLIT_VALUES = ("train", "test")


@dataclass(frozen=True)
class ListedImage:
    """A row of the table; `group` and `domain` are empty and `split` is "train" without a column of that name."""

    file: Path
    label: str
    split: str = "train"
    group: str = ""
    domain: str = ""


def read_file_list(path: str | Path, root: str | Path | None = None) -> list[ListedImage]:
    """Read the table, sorted by file: the order of its rows does not matter.

    Parameters
    ----------
    path
        The CSV file, in UTF-8.
    root
        Folder that relative paths in the table start from; by default the folder of the table.

    Raises
    ------
    ValueError
        If a column is missing or misspelt, a cell is empty, a file is not there or is listed twice, or a split is
        neither "train" nor "test". The message has the line's number.
    OSError
        If the table cannot be read.
    """
    base = Path(path).parent if root is None else Path(root)
    images: list[ListedImage] = []
    seen: dict[Path, int] = {}
    with open(path, newline="", encoding="utf-8-sig") as opened:
        reader = csv.DictReader(opened, strict=True)
        try:
            columns = _checked_columns(path, reader.fieldnames or ())
            for row in reader:
                where = f"{path}, line {reader.line_num}"
                image = _checked_row(where, row, columns, base)
                if (first := seen.setdefault(image.file, reader.line_num)) != reader.line_num:
                    raise ValueError(f"{where}: {image.file} is listed in line {first} already")
                images.append(image)
        except (csv.Error, UnicodeDecodeError) as error:
            raise ValueError(f"{path}: cannot be read as CSV in UTF-8: {error}") from None
    if not images:
        raise ValueError(f"{path}: lists no image")
    return sorted(images, key=lambda image: image.file.as_posix())


def _checked_columns(path: str | Path, columns: Sequence[str]) -> list[str]:
    """Return the columns that are read; ValueError if one is missing, given twice or nearly called so."""
    known = (*REQUIRED, *OPTIONAL)
    for name in REQUIRED:
        if name not in columns:
            raise ValueError(f"{path}: has no column {name}; allowed: {', '.join(known)} (the first two are required)")
    for name in columns:
        if columns.count(name) > 1:
            raise ValueError(f"{path}: the column {name} appears twice")
        close = difflib.get_close_matches((name or "").strip().lower(), known, n=1, cutoff=0.8)
        if close and name not in known:
            raise ValueError(f"{path}: has a column {name!r}; did you mean {close[0]}? Call it so, or otherwise")
    return [name for name in columns if name in known]


def _checked_row(where: str, row: dict[str, str], columns: list[str], base: Path) -> ListedImage:
    cells = {name: (row[name] or "").strip() for name in columns}
    for name, text in cells.items():
        if not text:
            raise ValueError(f"{where}: the cell of the column {name} is empty")
    if cells.get("split", "train") not in SPLIT_VALUES:
        raise ValueError(f"{where}: split = {cells['split']!r}; allowed: {', '.join(SPLIT_VALUES)}")
    file = base / cells.pop("path")
    if not file.is_file():
        raise ValueError(f"{where}: there is no file {file}")
    return ListedImage(file=file, **cells)
