"""Digests of what a rule depends on beyond its inputs: the code behind it, its packages, and folders of the user's."""

import ast
import hashlib
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml

PACKAGE = "weightscape"
SCRIPTS = Path(__file__).resolve().parents[1]
ENVIRONMENTS = SCRIPTS.parents[1] / "envs"
# Changes what a job says, never what it makes.
WITHOUT_EFFECT = ("weightscape/logs.py",)


def code_digest(script: str, environment: str) -> str:
    """Return a SHA-256 digest of a script, of every library module it imports, and of its packages' pinned versions.

    The digest follows what the code does, not how it is written: comments, docstrings and formatting do not count, so
    only an edit that can change a result runs a rule again. Imports are found in the syntax tree, those inside
    functions included.

    Parameters
    ----------
    script
        File name in ``workflow/scripts``, such as ``"finetune.py"``.
    environment
        Name of the rule's file in ``envs``. Its pins count, because without conda nothing else tells Snakemake that a
        package has changed.
    """
    pins = yaml.safe_load((ENVIRONMENTS / f"{environment}.yaml").read_text(encoding="utf-8"))["dependencies"]
    digest = hashlib.sha256(json.dumps(pins).encode())
    for path in sorted(code_files(SCRIPTS / script)):
        name = path.relative_to(SCRIPTS).as_posix()
        if name not in WITHOUT_EFFECT:
            digest.update(f"{name}\n{_normalised(path)}\n".encode())
    return digest.hexdigest()


def folder_digest(path: str | None) -> str | None:
    """Return a SHA-256 digest of the names and sizes of all files below a folder; None where there is no folder.

    It notices files that were added, removed or replaced, without reading them each time a study is planned.
    """
    if path is None or not Path(path).is_dir():
        return None
    files = sorted(file for file in Path(path).rglob("*") if file.is_file())
    listing = [(file.relative_to(path).as_posix(), file.stat().st_size) for file in files]
    return hashlib.sha256(json.dumps(listing).encode()).hexdigest()


def code_files(script: Path) -> set[Path]:
    """Return the script and all files of the library that it can import."""
    found: set[Path] = set()
    pending = {script.resolve()}
    while pending:
        path = pending.pop()
        found.add(path)
        pending |= _imports(path) - found
    return found


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@cache
def _imports(path: Path) -> frozenset[Path]:
    names: set[str] = set()
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                raise SyntaxError(f"{path}:{node.lineno}: relative import; the library uses absolute ones")
            names |= {str(node.module)} | {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(file for name in names if name.split(".")[0] == PACKAGE for file in _module_files(name))


def _module_files(name: str) -> Iterator[Path]:
    """Yield the files that ``import name`` runs: the module and the ``__init__`` of each package above it."""
    parts = name.split(".")
    for end in range(1, len(parts) + 1):
        base = SCRIPTS.joinpath(*parts[:end])
        for file in (base / "__init__.py", base.with_suffix(".py")):
            if file.is_file():
                yield file


@cache
def _normalised(path: Path) -> str:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)
