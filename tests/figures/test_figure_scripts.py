"""The scripts of the rules read their tables and write PNG, SVG and PDF that are not blank."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import matplotlib.image
import pytest
from figure_files import FIGURES, draw, write_inputs
from simulated_study import SimulatedStudy

from weightscape.figures import registry
from weightscape.figures.registry import declared_figures


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


def test_every_figure_has_a_caption_and_a_section_of_the_report(small: SimulatedStudy) -> None:
    from weightscape.report.texts import caption

    figures = declared_figures()
    assert len(figures) == len({(figure.section, figure.place) for figure in figures}) >= 13
    job = SimpleNamespace(config={"seeds": {"count": small.seeds}})
    assert all(caption(figure.name, snakemake=job) for figure in figures)


def test_planning_imports_no_matplotlib() -> None:
    code = "import sys; from weightscape.figures.registry import declared_figures; declared_figures()"
    code += "; assert not {'matplotlib', 'pandas', 'numpy'} & set(sys.modules)"
    scripts = Path(registry.__file__).parents[2]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=scripts)


def test_a_figure_that_is_added_from_outside_is_declared_and_drawn(
    small: SimulatedStudy, inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A module with the constants and a function `draw` is all that a figure is."""
    import weightscape.figures

    (tmp_path / "toy.py").write_text(
        '''"""Figure: a line."""

import matplotlib.pyplot as plt

CATEGORY = "Toys"
SECTION = ("verdicts", 9)
TABLES = ("claims",)


def draw(inputs):
    figure, ax = plt.subplots()
    ax.plot(inputs.table("claims")["statistic"])
    return figure
'''
    )
    (toy,) = registry.read_figures(tmp_path)
    assert (toy.name, toy.category, toy.tables, toy.files, toy.params) == ("toy", "Toys", ("claims",), (), ())
    monkeypatch.setattr(weightscape.figures, "__path__", [*weightscape.figures.__path__, str(tmp_path)])
    monkeypatch.setattr(registry, "declared_figures", lambda: (toy,))
    draw(["toy"], small, inputs, tmp_path)
    assert matplotlib.image.imread(tmp_path / "toy.png")[..., :3].std() > 0.01
