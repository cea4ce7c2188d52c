"""The page as a browser shows it: no overflow on a phone or a desk, no request, no error, light, dark and in print."""

from pathlib import Path

import pytest
from browser import Rendered, check_schemes, check_widths, needs_chromium, printed_pages, render, run_chromium
from figure_files import FIGURES, draw, write_inputs
from simulated_study import SimulatedStudy

from weightscape.report.images import embed_figure
from weightscape.report.page import render_html
from weightscape.report.texts import caption

pytestmark = [needs_chromium, pytest.mark.slow]


@pytest.fixture(scope="module")
def page(large: SimulatedStudy, make_report, make_job, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the page of the large study with every figure that the workflow draws."""
    folder = tmp_path_factory.mktemp("figures")
    write_inputs(large, folder)
    draw(FIGURES, large, folder, folder)
    files = {name: folder / f"{name}.svg" for name in FIGURES}
    figures = {name: embed_figure(path, *caption(name, snakemake=make_job(large))) for name, path in files.items()}
    return render_html(make_report(large, figures))


@pytest.fixture(scope="module")
def light(page: str, tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    return render(page, tmp_path_factory.mktemp("light"))


@pytest.fixture(scope="module")
def dark(page: str, tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    return render(page, tmp_path_factory.mktemp("dark"), dark=True)


def test_the_page_fits_shows_every_figure_and_loads_nothing(light: Rendered, dark: Rendered) -> None:
    for rendered in (light, dark):
        check_widths(rendered, len(FIGURES))


def test_light_and_dark_differ_and_can_be_read(light: Rendered, dark: Rendered) -> None:
    check_schemes(light, dark)


def test_a_phone_shows_figures_whole_and_enlarges_them_on_demand(light: Rendered) -> None:
    assert max(light.views[390]["shown"]) < 390
    assert min(light.views[390]["enlarged"]) > 500
    assert light.views[1280]["enlarged"] == light.views[1280]["shown"]


def test_the_first_column_stays_when_a_table_is_scrolled(light: Rendered) -> None:
    assert light.views[390]["first_column"] == pytest.approx(0, abs=1)


def test_a_click_on_a_column_sorts_the_table(light: Rendered) -> None:
    assert light.views[1280]["sorted"]


def test_folded_tables_are_open_in_print_only(light: Rendered) -> None:
    view = light.views[1280]
    assert view["folded"] > 4
    assert view["printed"] == [view["folded"], 0]


def test_the_page_prints_on_a_sane_number_of_sheets(page: str, tmp_path: Path) -> None:
    assert 10 <= printed_pages(page, tmp_path) <= 40


def test_sorting_puts_what_is_missing_last_in_both_directions(project: Path, tmp_path: Path) -> None:
    script = (project / "workflow/scripts/weightscape/report/templates/page.js").read_text()
    cells = ("data-value='2'>2", ">–", "data-value='-1'>−1", "data-value='10'>10")
    rows = "".join(f"<tr><td {cell}</td></tr>" for cell in cells)
    ask = """
        const texts = () => [...document.querySelectorAll("td")].map((cell) => cell.textContent).join(" ");
        const found = [0, 1].map(() => { document.querySelector("th button").click(); return texts(); });
        document.body.innerHTML = `<pre id="result">${found.join("; ")}</pre>`;
    """
    table = f"<div><table><thead><tr><th>value</th></tr></thead><tbody>{rows}</tbody></table></div>"
    page = tmp_path / "table.html"
    page.write_text(
        f'<!DOCTYPE html><meta charset="utf-8"><body>{table}<script>{script}</script><script>{ask}</script>'
    )
    shown = run_chromium(tmp_path / "profile", "--dump-dom", f"file://{page}").stdout
    assert '<pre id="result">−1 2 10 –; 10 2 −1 –</pre>' in shown
