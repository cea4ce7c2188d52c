"""``python -m weightscape compare``: the claims of finished studies side by side, as tables, a figure and a page."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from weightscape.comparison.studies import FinishedStudy

FILES = ("tables/claims.parquet", "tables/plan.parquet", "tables/runs.parquet", "backbone/backbone.json",
         "data/manifest.json", "provenance.json")  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("studies", nargs="+", metavar="STUDY", help="names of finished studies, two or more")
    parser.add_argument("--results", default="results", metavar="DIR", help="folder of the studies (default: results)")
    parser.add_argument("-o", "--output", metavar="DIR", help="folder to write (default: DIR/compare/STUDY+STUDY…)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Run the command.

    Raises
    ------
    ValueError, FileNotFoundError
        If there are fewer than two different studies, one is not finished or not readable, or they are judged on
        different claims; the message is for the user.
    """
    results = Path(arguments.results)
    folders = different_folders(results, arguments.studies)
    studies = [read_study(folder) for folder in folders]
    check_same_claims(studies)
    names = "+".join(study.name for study in studies)
    write_comparison(studies, output := Path(arguments.output or results / "compare" / names))
    print(f"wrote {output / 'report.html'}")


def different_folders(results: Path, names: Sequence[str]) -> list[Path]:
    """Return the folders of the studies.

    Raises
    ------
    ValueError
        If there are fewer than two, or two are the same folder or have the same name.
    """
    folders = [(results / name).resolve() for name in names]
    found = f"compare: found {' '.join(names)}"
    if len(folders) < 2 or len(set(folders)) < len(folders):
        raise ValueError(f"{found}; two or more different studies are needed")
    if len({folder.name for folder in folders}) < len(folders):
        raise ValueError(f"{found}; two of them have the same name, which is all that tells them apart on the page")
    return folders


def read_study(folder: Path) -> FinishedStudy:
    """Read what a comparison needs from the folder of a finished study.

    Raises
    ------
    FileNotFoundError
        If a file is missing.
    ValueError
        If a file is damaged, or lacks something as those of another version may.
    """
    from weightscape.comparison.claims import TAKEN
    from weightscape.figures.labels import described

    if missing := [name for name in FILES if not (folder / name).is_file()]:
        raise FileNotFoundError(f"{folder} is not a finished study: {missing[0]} is missing (make study STUDY=…)")
    runs = _table(folder / "tables/runs.parquet", ["seed"])
    return FinishedStudy(
        name=folder.name,
        title=_value(folder / "provenance.json", "config", "title"),
        backbone=_value(folder / "backbone/backbone.json", "architecture"),
        weights=_value(folder / "backbone/backbone.json", "sha256"),
        data=described(_value(folder / "data/manifest.json", "source")),
        runs=len(runs),
        seeds=runs["seed"].nunique(),
        claims=_table(folder / "tables/claims.parquet", [*TAKEN, "verdict"]),
        plan=_table(folder / "tables/plan.parquet", ["item", "current", "changed"]),
    )


def check_same_claims(studies: Sequence[FinishedStudy]) -> None:
    """Check that all studies are judged on the same claims.

    Raises
    ------
    ValueError
        If they are not, as studies of different versions may be, or if there is none.
    """
    claims = {study.name: list(study.claims["claim"]) for study in studies}
    first = claims[studies[0].name]
    for name, found in claims.items():
        if not found or set(found) != set(first):
            listed = "; ".join(f"{study} {', '.join(map(str, known)) or 'none'}" for study, known in claims.items())
            raise ValueError(f"compare: {name} is judged on other claims than {studies[0].name}: {listed}")


def _value(path: Path, *keys: str) -> Any:
    """Return what a JSON file holds under nested keys."""
    from weightscape.files import read_json

    try:
        value = read_json(path)
    except ValueError as error:
        raise ValueError(f"{path} is not a JSON file: {error}") from None
    for key in keys:
        if not isinstance(value, dict) or key not in value:
            raise ValueError(f"{path} lacks the key {'.'.join(keys)}")
        value = value[key]
    return value


def _table(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Return a table that has at least these columns."""
    from weightscape.files import read_table

    try:
        table = read_table(path)
    except (ValueError, OSError) as error:
        raise ValueError(f"{path} is not a Parquet file: {error}") from None
    if missing := [column for column in columns if column not in table]:
        raise ValueError(f"{path} lacks the column {missing[0]}")
    return table


def write_comparison(studies: list[FinishedStudy], output: Path) -> None:
    """Write tables, figure, page and summary of a comparison into a folder."""
    from weightscape.comparison.claims import agreement, compare_claims
    from weightscape.comparison.page import comparison_report
    from weightscape.comparison.studies import studies_table
    from weightscape.figures.labels import plain
    from weightscape.figures.studies import draw_studies
    from weightscape.figures.style import FORMATS, save_figure
    from weightscape.files import write_table, write_text
    from weightscape.report.images import embed_figure
    from weightscape.report.page import render_html, render_markdown
    from weightscape.report.texts import caption
    from weightscape.statistics.wording import count_seeds, listing

    compared = compare_claims({study.name: study.claims for study in studies})
    agreed = agreement(compared)
    for name, table in {"claims": compared, "agreement": agreed, "studies": studies_table(studies)}.items():
        write_table(table, output / f"tables/{name}.csv")
    save_figure(draw_studies(compared), {kind: output / f"figures/studies.{kind}" for kind in FORMATS})
    counts = {study.seeds for study in studies}
    seeds = listing([f"{count_seeds(study.seeds)} in {plain(study.name)}" for study in studies])
    if len(counts) == 1:
        seeds = f"{count_seeds(counts.pop())} in each study"
    figure = embed_figure(output / "figures/studies.svg", *caption("studies", seeds=seeds))
    report = comparison_report(studies, compared, agreed, figure)
    write_text(render_html(report), output / "report.html")
    write_text(render_markdown(report), output / "summary.md")
