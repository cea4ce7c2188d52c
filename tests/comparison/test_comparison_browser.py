"""The comparison's page as a browser shows it."""

from pathlib import Path

import pytest
from browser import check_schemes, check_widths, needs_chromium, printed_pages, render
from simulated_study import SimulatedStudy
from test_comparison_command import write_study

from weightscape.__main__ import main

pytestmark = [needs_chromium, pytest.mark.slow]


@pytest.fixture(scope="module")
def page(large: SimulatedStudy, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("results")
    claims = large.tables["claims"]
    names = ("digits", "ten_thousand_photographs_on_a_vision_transformer", "nothing")
    for name, table in zip(names, (claims, claims.assign(statistic=-claims["statistic"]), claims), strict=True):
        write_study(large, folder / name, table)
    assert main(["compare", *names, "--results", str(folder), "-o", str(folder / "out")]) == 0
    return (folder / "out/report.html").read_text()


def test_the_page_fits_and_can_be_read_in_light_and_dark(page: str, tmp_path: Path) -> None:
    for name in ("light", "dark"):
        (tmp_path / name).mkdir()
    light, dark = render(page, tmp_path / "light"), render(page, tmp_path / "dark", dark=True)
    for rendered in (light, dark):
        check_widths(rendered, figures=1)
    check_schemes(light, dark)


def test_the_page_prints_on_a_few_sheets(page: str, tmp_path: Path) -> None:
    assert 1 <= printed_pages(page, tmp_path) <= 9
