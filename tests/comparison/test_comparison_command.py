"""``python -m weightscape compare``: reads finished studies, writes tables, figure, page and summary."""

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from simulated_study import SimulatedStudy

from weightscape.__main__ import main
from weightscape.comparison.claims import compare_claims
from weightscape.figures.studies import COLORS, draw_studies
from weightscape.files import write_json, write_table

WRITTEN = {"report.html", "summary.md", "tables/claims.csv", "tables/agreement.csv", "tables/studies.csv",
           "figures/studies.svg", "figures/studies.png", "figures/studies.pdf"}  # fmt: skip


def write_study(study: SimulatedStudy, folder: Path, claims: pd.DataFrame) -> None:
    for name in ("plan", "runs"):
        write_table(study.tables[name], folder / f"tables/{name}.parquet")
    write_table(claims, folder / "tables/claims.parquet")
    write_json(study.backbone, folder / "backbone/backbone.json")
    write_json(study.manifest | {"source": {"name": "mnist5k"}}, folder / "data/manifest.json")
    provenance = study.provenance | {"config": {"title": f"Digits of {folder.name}"}}
    write_json(provenance, folder / "provenance.json")


@pytest.fixture
def results(large: SimulatedStudy, tmp_path: Path) -> Path:
    claims = large.tables["claims"]
    write_study(large, tmp_path / "one", claims)
    write_study(large, tmp_path / "two", claims.assign(statistic=-claims["statistic"]))
    return tmp_path


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_command_writes_tables_figure_page_and_summary(
    results: Path, large: SimulatedStudy, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", "one", "two", "--results", str(results)]) == 0
    folder = results / "compare/one+two"
    assert str(folder / "report.html") in capsys.readouterr().out
    assert files(folder) == WRITTEN
    table = pd.read_csv(folder / "tables/claims.csv")
    assert len(table) == 2 * len(large.tables["claims"])
    page, summary = (folder / "report.html").read_text(), (folder / "summary.md").read_text()
    for text in (page, summary):
        assert "One and two side by side" in text
        assert "One and two share backbone and data" in text
        assert "Digits of two" in text
        assert "nan" not in text.replace("dominant", "")
    assert "weightscape comparison" in page
    assert 'href="tables/agreement.csv"' in page


def test_the_same_studies_give_the_same_bytes(results: Path, tmp_path: Path) -> None:
    for name in ("x", "y"):
        assert main(["compare", "one", "two", "--results", str(results), "-o", str(tmp_path / name)]) == 0
    for name in WRITTEN:
        assert (tmp_path / "x" / name).read_bytes() == (tmp_path / "y" / name).read_bytes()


def test_changed_claims_change_the_page(results: Path, large: SimulatedStudy) -> None:
    claims = large.tables["claims"].copy()
    claims.loc[0, ["statistic", "low", "high", "pvalue", "pvalue_holm"]] = [77.7, 70.1, 85.3, 1e-6, 1e-5]
    claims.loc[0, "verdict"] = "supported"
    write_study(large, results / "two", claims)
    main(["compare", "one", "two", "--results", str(results)])
    summary = (results / "compare/one+two/summary.md").read_text()
    assert "1 supported of 2" in summary
    assert "77.7 in two" in summary


def test_a_study_that_is_not_finished_is_named(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (results / "two/tables/plan.parquet").unlink()
    assert main(["compare", "one", "two", "--results", str(results)]) == 2
    assert "two is not a finished study: tables/plan.parquet is missing" in capsys.readouterr().err
    assert not (results / "compare").exists()


@pytest.mark.parametrize("names", [["one"], ["one", "one"]])
def test_two_different_studies_are_needed(results: Path, names: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *names, "--results", str(results)]) == 2
    assert "two or more different studies are needed" in capsys.readouterr().err


def test_the_figure_has_a_panel_per_claim_and_a_row_per_study(large: SimulatedStudy) -> None:
    claims = large.tables["claims"]
    compared = compare_claims({"one": claims, "two": claims})
    compared["verdict"] = "undetermined"
    target = compared.index[compared["statistic"].notna()][0]
    compared.loc[target, "verdict"] = "supported"
    figure = draw_studies(compared)
    assert len(figure.axes) == len(claims)
    for ax in figure.axes:
        assert [label.get_text() for label in ax.get_yticklabels()] == ["one", "two"]
    marks = [line for ax in figure.axes for line in ax.lines if line.get_marker() == "o"]
    assert len(marks) == compared["statistic"].notna().sum()
    assert [line.get_markerfacecolor() for line in marks].count(COLORS["supported"]) == 1
    plt.close(figure)
