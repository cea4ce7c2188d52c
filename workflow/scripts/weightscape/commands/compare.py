"""Claims of finished studies side by side, as tables, a figure and a page."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from weightscape.comparison.claims import agreement, compare_claims
from weightscape.comparison.page import comparison_report
from weightscape.comparison.studies import FinishedStudy, check_same_claims, read_finished_study, studies_table
from weightscape.figures.studies import draw_studies
from weightscape.figures.style import FORMATS, save_figure
from weightscape.files import write_table, write_text
from weightscape.report.images import embed_figure
from weightscape.report.page import render_html, render_markdown
from weightscape.report.texts import caption
from weightscape.words.names import plain
from weightscape.words.text import count_seeds, listing


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("studies", nargs="+", metavar="STUDY", help="names of finished studies, two or more")
    parser.add_argument("--results", default="results", metavar="DIR", help="folder of the studies (default: results)")
    parser.add_argument("-o", "--output", metavar="DIR", help="folder to write (default: DIR/compare/STUDY+STUDY…)")


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
    studies = [read_finished_study(folder) for folder in folders]
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
    named = f"compare: found {' '.join(names)}"
    if len(folders) < 2 or len(set(folders)) < len(folders):
        raise ValueError(f"{named}; two or more different studies are needed")
    if len({folder.name for folder in folders}) < len(folders):
        raise ValueError(f"{named}; two of them have the same name, which is all that tells them apart on the page")
    return folders


def write_comparison(studies: list[FinishedStudy], output: Path) -> None:
    """Write tables, figure, page and summary of a comparison into a folder."""
    compared = compare_claims({study.name: study.claims for study in studies})
    agreed = agreement(compared)
    for name, table in {
        "claims": compared,
        "agreement": pd.DataFrame(agreed),
        "studies": studies_table(studies),
    }.items():
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
