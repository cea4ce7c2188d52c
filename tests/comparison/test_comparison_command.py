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
        assert "One and two share a backbone and data" in text
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


@pytest.mark.parametrize("names", [["one"], ["one", "one"], ["one", "one/"], ["one", "../{results}/one"]])
def test_two_different_studies_are_needed(results: Path, names: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    names = [name.format(results=results.name) for name in names]
    assert main(["compare", *names, "--results", str(results)]) == 2
    assert "two or more different studies are needed" in capsys.readouterr().err


def refusal(results: Path, capsys: pytest.CaptureFixture[str], *names: str) -> str:
    """Return the one line with which a comparison is refused."""
    assert main(["compare", *names, "--results", str(results)]) == 2
    assert not (results / "compare").exists()
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_studies_of_the_same_name_are_refused(
    results: Path, large: SimulatedStudy, capsys: pytest.CaptureFixture[str]
) -> None:
    write_study(large, results / "elsewhere/one", large.tables["claims"])
    assert "found one elsewhere/one; two of them have the same name" in refusal(results, capsys, "one", "elsewhere/one")


@pytest.mark.parametrize("there", [(), ("1-change", "1-shape")])
def test_studies_judged_on_other_claims_are_refused(
    there: tuple[str, ...], results: Path, large: SimulatedStudy, capsys: pytest.CaptureFixture[str]
) -> None:
    claims = large.tables["claims"]
    write_study(large, results / "two", claims[claims["claim"].isin(there)])
    line = refusal(results, capsys, "one", "two")
    assert "two is judged on different claims from one: one 1-change, 1-shape, 1-scale, 2a, 2b, 2c, 2d; two " in line
    assert line.endswith("two 1-change, 1-shape" if there else "two none")


def test_studies_of_other_series_are_compared(results: Path, large: SimulatedStudy) -> None:
    claims = large.tables["claims"]
    write_study(large, results / "two", claims[claims["series"] != "affine"])
    assert main(["compare", "one", "two", "--results", str(results)]) == 0
    (table,) = results.glob("compare/**/claims.csv")
    found = pd.read_csv(table).groupby("claim").size()
    assert (found["1-change-affine"], found["1-change"]) == (1, 2)


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("provenance.json", "{}", "lacks the key config.title"),
        ("provenance.json", '{"config": {}}', "lacks the key config.title"),
        ("provenance.json", '{"config":', "is not a JSON file"),
        ("data/manifest.json", "[]", "lacks the key source"),
        ("backbone/backbone.json", "", "is not a JSON file"),
        ("tables/claims.parquet", "PAR1xx", "is not a Parquet file"),
    ],
)
def test_a_damaged_file_is_named(
    file: str, content: str, message: str, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (results / "two" / file).write_text(content)
    assert f"two/{file} {message}" in refusal(results, capsys, "one", "two")


def test_a_table_of_another_version_is_named(
    results: Path, large: SimulatedStudy, capsys: pytest.CaptureFixture[str]
) -> None:
    write_study(large, results / "two", large.tables["claims"].drop(columns="n_seeds"))
    assert "two/tables/claims.parquet lacks the column n_seeds" in refusal(results, capsys, "one", "two")


def test_the_caption_says_how_many_seeds_each_study_has(results: Path, large: SimulatedStudy) -> None:
    main(["compare", "one", "two", "--results", str(results), "-o", str(results / "same")])
    assert "n = 8 seeds in each study." in (results / "same/summary.md").read_text()
    runs = large.tables["runs"]
    fewer = large.with_table("runs", runs[runs["seed"] < 6])
    write_study(fewer, results / "two", large.tables["claims"])
    main(["compare", "one", "two", "--results", str(results), "-o", str(results / "other")])
    assert "n = 8 seeds in one and 6 seeds in two." in (results / "other/summary.md").read_text()


def test_a_comparison_is_named_by_its_studies_whatever_their_path(results: Path) -> None:
    assert main(["compare", "one/", f"../{results.name}/two", "--results", str(results)]) == 0
    assert (results / "compare/one+two/report.html").is_file()


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
