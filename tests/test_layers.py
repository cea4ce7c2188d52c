"""The library is built in layers: no module imports from a higher one."""

import re
from pathlib import Path

import pytest

import weightscape
from weightscape import digest

ROOT = Path(weightscape.__file__).parent
# fmt: off
LAYERS = (
    (
        "files",
        "streams",
        "usage",
        "logs",
        "section",
        "condition_rows",
        "registry",
        "digest",
        "torch_job",
        "training_state",
    ),
    (
        "data",
        "images",
        "batch_norm",
        "few_pixels",
        "spectra",
        "evaluation",
        "diversity",
        "statistics",
        "checkpoints",
        "published",
        "timm_names",
        "hub",
    ),
    ("backbone_source", "backbone_description", "backbones", "residual_branches", "pretrained", "backbone"),
    ("training", "generator"),
    ("conditions", "config"),
    ("estimate",),
    ("words",),
    ("figures",),
    ("report",),
    ("comparison", "gallery"),
    ("commands",),
    ("__main__",),
)
# fmt: on
"""Packages and modules, from the lowest layer to the highest; those of one layer may import each other."""

HEIGHT = {name: height for height, names in enumerate(LAYERS) for name in names}


def part_of(path: Path) -> str:
    """The package or module directly below `weightscape` that a file belongs to."""
    return path.relative_to(ROOT).with_suffix("").parts[0]


FILES = sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")


def test_every_part_of_the_library_has_a_layer():
    assert {part_of(path) for path in FILES} == set(HEIGHT)


def test_contributing_lists_the_parts_from_the_lowest_layer_to_the_highest(project):
    text = (project / "CONTRIBUTING.md").read_text()
    table = text[text.index("| layer |") :].split("\n\n")[0]
    listed = [name for row in table.splitlines() for name in re.findall(r"`(\w+)`", row.split("|")[2])]
    assert sorted(listed) == sorted(set(HEIGHT) - {"__main__"})
    assert [HEIGHT[name] for name in listed] == sorted(HEIGHT[name] for name in listed)


def test_every_file_that_contributing_names_is_there(project):
    named = re.findall(r"`([\w/]+\.(?:py|md|smk))`", (project / "CONTRIBUTING.md").read_text())
    assert len(named) > 30
    assert [name for name in named if not any((place / name).exists() for place in (project, ROOT))] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_module_imports_from_a_higher_layer(path):
    imported = {part_of(file) for file in digest._imports(path) if file != ROOT / "__init__.py"}
    assert sorted(name for name in imported if HEIGHT[name] > HEIGHT[part_of(path)]) == []


def test_no_part_of_the_library_imports_itself_through_another():
    """Parts of one layer do not import each other in a circle."""
    edges = {name: set() for name in HEIGHT}
    for path in FILES:
        edges[part_of(path)] |= {part_of(file) for file in digest._imports(path) if file != ROOT / "__init__.py"}
    for name in edges:
        reached, pending = set(), edges[name] - {name}
        while pending:
            other = pending.pop()
            reached.add(other)
            pending |= edges[other] - reached
        assert name not in reached, f"{name} imports itself through {sorted(reached)}"
