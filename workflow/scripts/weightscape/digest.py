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
# Changes what a job says, never what it makes.
WITHOUT_EFFECT = ("weightscape/logs.py",)


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
def _tree(path: Path) -> ast.Module:
    """Return the code of a file without comments, formatting, strings that stand alone and imports for types only."""
    return _WithoutEffect().visit(ast.parse(path.read_text(encoding="utf-8"), filename=str(path)))


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


@cache
def _module_files(name: str) -> tuple[Path, ...]:
    """Return the files that ``import name`` runs: the module and the ``__init__`` of each package above it."""
    parts = name.split(".")
    bases = [SCRIPTS.joinpath(*parts[:end]) for end in range(1, len(parts) + 1)]
    return tuple(file for base in bases for file in (base / "__init__.py", base.with_suffix(".py")) if file.is_file())


@cache
def _normalised(path: Path) -> str:
    return ast.dump(_tree(path))


class _WithoutEffect(ast.NodeTransformer):
    """Takes out what changes no result: every statement that is a string, and blocks under ``if TYPE_CHECKING``."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        is_text = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return None if is_text else node

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.AST]:
        for_types = isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        if not for_types:
            return self.generic_visit(node)
        return [self.visit(other) for other in node.orelse]
