"""Digests of what a rule depends on beyond its inputs: the code behind it, its packages, and folders of the user's."""

import ast
import hashlib
import json
from functools import cache
from pathlib import Path

import yaml

PACKAGE = "weightscape"
SCRIPTS = Path(__file__).resolve().parents[1]
ENVIRONMENTS = SCRIPTS.parents[1] / "envs"
# Change what a job says or whether it starts, never what it makes.
WITHOUT_EFFECT = ("weightscape/logs.py", "weightscape/timm_names.py", "weightscape/hub.py")


@cache
def code_digest(script: str, environment: str, *entries: str) -> str:
    """Return a SHA-256 digest of a script, of every library module it imports, and of its packages' pinned versions.

    The digest follows what the code does, not how it is written: comments, formatting and every string that stands
    alone (docstrings of modules, classes, functions, constants and fields) do not count, so only an edit that can
    change a result runs a rule again. Imports are found in the syntax tree, those inside functions included.

    Parameters
    ----------
    script
        File name in ``workflow/scripts``, such as ``"finetune.py"``.
    environment
        Name of the rule's file in ``envs``. Its pins count, because without conda nothing else tells Snakemake that a
        package has changed.
    *entries
        Modules that the script loads by the names in its config (`weightscape.registry`), such as
        ``"weightscape.data.sources.mnist5k"``: those of this rule's config only.
    """
    digest = hashlib.sha256(_pins(environment).encode())
    files = code_files(SCRIPTS / script).union(*(_closure(file) for name in entries for file in _module_files(name)))
    for path in sorted(files):
        name = path.relative_to(SCRIPTS).as_posix()
        if name not in WITHOUT_EFFECT:
            digest.update(f"{name}\n{_parsed(path)[0]}\n".encode())
    return digest.hexdigest()


def folder_digest(*paths: str | None) -> str | None:
    """Return a SHA-256 digest of the names and sizes of files, and of all files below folders; None if there are none.

    It notices files that were added, removed or replaced, without reading them each time a study is planned.
    """
    listing = []
    for path in (Path(path) for path in paths if path is not None):
        if path.is_dir():
            files = sorted(file for file in path.rglob("*") if file.is_file())
            listing += [(file.relative_to(path).as_posix(), file.stat().st_size) for file in files]
        elif path.is_file():
            listing.append((path.as_posix(), path.stat().st_size))
    return hashlib.sha256(json.dumps(listing).encode()).hexdigest() if listing else None


def code_files(script: Path) -> frozenset[Path]:
    """Return the script and all files of the library that it can import."""
    return _closure(script.resolve())


@cache
def _pins(environment: str) -> str:
    text = (ENVIRONMENTS / f"{environment}.yaml").read_text(encoding="utf-8")
    return json.dumps(yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))["dependencies"])


@cache
def _closure(path: Path) -> frozenset[Path]:
    found: set[Path] = set()
    pending = {path}
    while pending:
        path = pending.pop()
        found.add(path)
        pending |= _imports(path) - found
    return frozenset(found)


@cache
def _parsed(path: Path) -> tuple[str, frozenset[str]]:
    """Return the code of a file without what changes no result, and the names of the modules that it imports.

    Left out are comments, formatting, every statement that is a string, and what stands under ``if TYPE_CHECKING``.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    names: set[str] = set()
    blocks: list[list[ast.stmt]] = [tree.body]
    while blocks:
        block = blocks.pop()
        block[:] = [kept for statement in block for kept in _with_effect(statement)]
        for statement in block:
            if isinstance(statement, ast.Import):
                names |= {alias.name for alias in statement.names}
            elif isinstance(statement, ast.ImportFrom):
                if statement.level:
                    raise SyntaxError(f"{path}:{statement.lineno}: relative import; the library uses absolute ones")
                names |= {str(statement.module), *(f"{statement.module}.{alias.name}" for alias in statement.names)}
            parts = [statement, *getattr(statement, "handlers", ()), *getattr(statement, "cases", ())]
            blocks += [inner for part in parts for field in _BLOCKS if (inner := getattr(part, field, None))]
    return ast.dump(tree), frozenset(name for name in names if name.split(".")[0] == PACKAGE)


_BLOCKS = ("body", "orelse", "finalbody")
"""Fields of a statement that hold statements."""


def _with_effect(statement: ast.stmt) -> list[ast.stmt]:
    """Return what of a statement can change a result."""
    match statement:
        case ast.Expr(value=ast.Constant(value=str())):
            return []
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return statement.orelse
    return [statement]


@cache
def _imports(path: Path) -> frozenset[Path]:
    return frozenset(file for name in _parsed(path)[1] for file in _module_files(name))


@cache
def _module_files(name: str) -> tuple[Path, ...]:
    """Return the files that ``import name`` runs: the module and the ``__init__`` of each package above it."""
    parts = name.split(".")
    bases = [SCRIPTS.joinpath(*parts[:end]) for end in range(1, len(parts) + 1)]
    return tuple(file for base in bases for file in (base / "__init__.py", base.with_suffix(".py")) if file.is_file())
