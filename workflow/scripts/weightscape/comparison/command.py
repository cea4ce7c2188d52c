"""``python -m weightscape compare``: the claims of finished studies side by side, as tables, a figure and a page."""

import argparse
from pathlib import Path

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
        If there are fewer than two different studies, or one is not finished; the message is for the user.
    """
    names = arguments.studies
    if len(set(names)) != len(names) or len(names) < 2:
        raise ValueError(f"compare: found {' '.join(names)}; two or more different studies are needed")
    results = Path(arguments.results)
    studies = [read_study(results / name) for name in names]
    output = Path(arguments.output) if arguments.output else results / "compare" / "+".join(names)
    write_comparison(studies, output)
    print(f"wrote {output / 'report.html'}")


def read_study(folder: Path) -> FinishedStudy:
    """Read what a comparison needs from the folder of a finished study.

    Raises
    ------
    FileNotFoundError
        If a file is missing.
    """
    from weightscape.figures.labels import described
    from weightscape.files import read_json, read_table

    if missing := [name for name in FILES if not (folder / name).is_file()]:
        raise FileNotFoundError(f"{folder} is not a finished study: {missing[0]} is missing (make study STUDY=…)")
    config = read_json(folder / "provenance.json")["config"]
    runs = read_table(folder / "tables/runs.parquet")
    return FinishedStudy(
        name=folder.name,
        title=config["title"],
        backbone=read_json(folder / "backbone/backbone.json")["architecture"],
        data=described(read_json(folder / "data/manifest.json")["source"]),
        runs=len(runs),
        seeds=runs["seed"].nunique(),
        claims=read_table(folder / "tables/claims.parquet"),
        plan=read_table(folder / "tables/plan.parquet"),
    )


def write_comparison(studies: list[FinishedStudy], output: Path) -> None:
    """Write tables, figure, page and summary of a comparison into a folder."""
    from weightscape.comparison.claims import agreement, compare_claims
    from weightscape.comparison.page import comparison_report
    from weightscape.comparison.studies import studies_table
    from weightscape.figures.studies import draw_studies
    from weightscape.figures.style import FORMATS, save_figure
    from weightscape.files import write_table, write_text
    from weightscape.report.images import embed_figure
    from weightscape.report.page import render_html, render_markdown
    from weightscape.report.texts import caption

    compared = compare_claims({study.name: study.claims for study in studies})
    agreed = agreement(compared)
    for name, table in {"claims": compared, "agreement": agreed, "studies": studies_table(studies)}.items():
        write_table(table, output / f"tables/{name}.csv")
    save_figure(draw_studies(compared), {kind: output / f"figures/studies.{kind}" for kind in FORMATS})
    figure = embed_figure(output / "figures/studies.svg", *caption("studies"))
    report = comparison_report(studies, compared, agreed, figure)
    write_text(render_html(report), output / "report.html")
    write_text(render_markdown(report), output / "summary.md")
