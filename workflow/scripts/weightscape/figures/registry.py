"""What the figures of a study say of themselves, read from their source so that planning imports no Matplotlib.

A figure is one module of `weightscape.figures` that has these constants, and a function ``draw(inputs)`` from `Inputs`
to a Matplotlib figure; its caption is ``workflow/report/<name>.rst``.

``CATEGORY``
    Where ``snakemake --report`` shows it.
``SECTION``
    Anchor of the report's section that shows it, and its place there.
``TABLES``, ``FILES``, ``PARAMS``
    What it is drawn from: tables of the study, other files, and facts of the config, by the names that
    ``workflow/rules/figures.smk`` gives them. A figure whose files a study does not have is left out.
"""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from weightscape.condition_rows import ConditionRow

if TYPE_CHECKING:
    import pandas as pd

CONSTANTS = ("CATEGORY", "SECTION", "TABLES", "FILES", "PARAMS")


@dataclass(frozen=True)
class Declaration:
    """The constants of a figure's module; `section` is the anchor, `place` the order among its figures."""

    name: str
    category: str
    section: str
    place: int
    tables: tuple[str, ...]
    files: tuple[str, ...]
    params: tuple[str, ...]

    @property
    def module(self) -> str:
        """The full name of the module, for digests."""
        return f"weightscape.figures.{self.name}"


@cache
def declared_figures() -> tuple[Declaration, ...]:
    """Return all figures, in the order in which the report shows those of a section."""
    return read_figures(Path(__file__).parent)


def read_figures(folder: Path) -> tuple[Declaration, ...]:
    """Return the figures whose modules are in a folder."""
    read = ((path.stem, _constants(path)) for path in sorted(folder.glob("*.py")))
    figures = [_declaration(name, constants) for name, constants in read if constants]
    return tuple(sorted(figures, key=lambda figure: (figure.section, figure.place)))


def _declaration(name: str, constants: Mapping[str, Any]) -> Declaration:
    section, place = constants["SECTION"]
    inputs = (constants["TABLES"], constants["FILES"], constants["PARAMS"])
    return Declaration(name, constants["CATEGORY"], section, place, *inputs)


def _constants(path: Path) -> dict[str, Any]:
    """Return the constants of a figure's module; nothing if it is no figure of a study."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    constants = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in CONSTANTS
    }
    if constants and (missing := [name for name in ("CATEGORY", "SECTION") if name not in constants]):
        raise ValueError(f"{path}: a figure needs the constant {missing[0]}")
    return {"TABLES": (), "FILES": (), "PARAMS": ()} | constants if constants else {}


@dataclass(frozen=True)
class Inputs:
    """What a figure is drawn from: files by name, and facts of the config (see `weightscape.figures.registry`).

    Attributes
    ----------
    files
        Paths by name; several where a name stands for a list.
    params
        What the figure's ``PARAMS`` asks for: ``conditions`` (see `weightscape.conditions.Condition.described`),
        ``claims`` (the section of the config), ``pools`` (their columns, see `weightscape.generator.pool.Pool`).
    """

    files: Mapping[str, Any]
    params: Mapping[str, Any]

    def table(self, name: str) -> "pd.DataFrame":
        """Return one of the study's tables; the baseline's replicates are one condition."""
        from weightscape.files import read_table
        from weightscape.statistics.tables import KEYS, one_baseline

        table = read_table(self.files[name])
        return one_baseline(name, table) if name in KEYS else table

    @property
    def conditions(self) -> Sequence[ConditionRow]:
        """The study's conditions."""
        return self.params["conditions"]

    @property
    def claims(self) -> Mapping[str, Any]:
        """The section ``claims`` of the config: series by role, the metrics of the feature families, the margin."""
        return self.params["claims"]
