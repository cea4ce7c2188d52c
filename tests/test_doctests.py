"""The examples in the docstrings run and give what they say."""

import doctest
import importlib
from pathlib import Path

import pytest

import weightscape

ROOT = Path(weightscape.__file__).parent
MODULES = sorted(
    ".".join(("weightscape", *path.relative_to(ROOT).with_suffix("").parts))
    for path in ROOT.rglob("*.py")
    if ">>>" in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_of(name: str) -> None:
    failed, attempted = doctest.testmod(importlib.import_module(name))
    assert attempted > 0
    assert failed == 0
