"""Simulated studies, and their reports, for the tests of the report."""

from collections.abc import Mapping
from types import SimpleNamespace

import matplotlib.pyplot as plt
import pytest
from simulated_study import SMALL, SimulatedStudy, simulate

from weightscape.figures.claims import draw_claims
from weightscape.figures.contrast import draw_contrast
from weightscape.figures.effects import draw_effects
from weightscape.figures.positions import draw_positions
from weightscape.figures.registry import declared_figures
from weightscape.figures.similarity import draw_similarity
from weightscape.figures.style import save_figure
from weightscape.report.content import Figure, Report, Study
from weightscape.report.images import embed_figure
from weightscape.report.record import derived_tables
from weightscape.report.sections import build_report
from weightscape.report.texts import caption
from weightscape.statistics.plan import Plan


@pytest.fixture(scope="session")
def large() -> SimulatedStudy:
    return simulate()


@pytest.fixture(scope="session")
def small() -> SimulatedStudy:
    return simulate(SMALL, seeds=2)


@pytest.fixture(scope="session")
def figures(large: SimulatedStudy, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Figure]:
    """Return five embedded figures of the large study."""
    folder = tmp_path_factory.mktemp("figures")
    claims, tables = large.claims_config, large.tables
    drawn = {
        "positions": draw_positions(tables["positions"], large.conditions),
        "claims": draw_claims(tables["claims"]),
        "contrast": draw_contrast(tables["positions"], large.conditions, claims["margin"]),
        "effects": draw_effects(tables["effects"], large.conditions, Plan.from_mapping(claims)),
        "similarity": draw_similarity(tables["similarity"], large.conditions),
    }
    for name, figure in drawn.items():
        save_figure(figure, {kind: folder / f"{name}.{kind}" for kind in ("svg", "png")})
    plt.close("all")
    return {name: embed_figure(folder / f"{name}.svg", *caption(name, snakemake=job(large))) for name in drawn}


def job(study: SimulatedStudy) -> SimpleNamespace:
    """Return what captions read of Snakemake's object."""
    return SimpleNamespace(config={"seeds": {"count": study.seeds}})


def report_of(study: SimulatedStudy, figures: Mapping[str, Figure] | None = None) -> Report:
    """Return the report of a simulated study."""
    inputs = Study(
        title="Simulated digits",
        conditions=study.conditions,
        plan=Plan.from_mapping(study.claims_config),
        tables=study.tables,
        backbone=study.backbone,
        manifest=study.manifest,
        provenance=study.provenance,
    )
    by_section: dict[str, list[Figure]] = {}
    for declared in declared_figures():
        if figures and declared.name in figures:
            by_section.setdefault(declared.section, []).append(figures[declared.name])
    return build_report(inputs, by_section, derived_tables(inputs))


@pytest.fixture(scope="session")
def make_report():
    return report_of


@pytest.fixture(scope="session")
def make_job():
    return job
