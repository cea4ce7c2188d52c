"""The scripts of the rules read their tables and write PNG, SVG and PDF that are not blank."""

import importlib
from pathlib import Path

import matplotlib.image
import pytest
from figure_files import FIGURES, draw, write_inputs
from simulated_study import SimulatedStudy


@pytest.fixture(scope="module")
def inputs(small: SimulatedStudy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the inputs of all figures once."""
    folder = tmp_path_factory.mktemp("study")
    write_inputs(small, folder)
    return folder


@pytest.mark.parametrize("name", FIGURES)
def test_script_writes_the_figure(name: str, inputs: Path, small: SimulatedStudy, tmp_path: Path) -> None:
    draw([name], small, inputs, tmp_path)
    image = matplotlib.image.imread(tmp_path / f"{name}.png")[..., :3]
    assert image.std() > 0.01
    assert (tmp_path / f"{name}.svg").read_text().startswith("<?xml")
    assert (tmp_path / f"{name}.pdf").read_bytes().startswith(b"%PDF")


def test_every_figure_script_is_tested() -> None:
    scripts = Path(importlib.import_module("weightscape").__file__).parents[1].glob("figure_*.py")
    assert sorted(path.stem.removeprefix("figure_") for path in scripts) == list(FIGURES)
