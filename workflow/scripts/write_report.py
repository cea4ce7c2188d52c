"""Write the report of a study: one self-contained HTML page, the same as Markdown, and the tables that are its own."""

from pathlib import Path
from typing import Any

from weightscape.logs import start_log

TABLES = (
    "runs",
    "evaluation",
    "class_accuracy",
    "detection",
    "diversity",
    "diversity_curve",
    "effects",
    "similarity",
    "claims",
    "robustness",
    "controls",
    "manipulation",
    "positions",
    "plan",
    "generator_quality",
    "generator_classes",
)


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    from weightscape.files import read_json, read_table, write_table, write_text
    from weightscape.report.content import Figure, Study
    from weightscape.report.images import embed_figure
    from weightscape.report.page import render_html, render_markdown
    from weightscape.report.record import derived_tables
    from weightscape.report.sections import build_report
    from weightscape.report.texts import caption
    from weightscape.statistics.plan import Plan
    from weightscape.statistics.tables import one_baseline

    files, params, output = snakemake.input, snakemake.params, snakemake.output
    tables = {name: read_table(getattr(files, name)) for name in TABLES if hasattr(files, name)}
    for name in ("evaluation", "class_accuracy", "detection"):
        tables[name] = one_baseline(name, tables[name])
    study = Study(
        title=params.title,
        conditions=params.conditions,
        plan=Plan.from_mapping(params.claims),
        tables=tables,
        backbone=read_json(files.backbone),
        manifest=read_json(files.manifest),
        provenance=read_json(files.provenance),
    )
    derived = derived_tables(study)
    figures: dict[str, list[Figure]] = {}
    for path in map(Path, files.figures):
        figure = embed_figure(path, *caption(path.stem, snakemake=snakemake))
        figures.setdefault(params.sections[path.stem], []).append(figure)
    report = build_report(study, figures, derived)
    for name, table in derived.items():
        write_table(table, getattr(output, name))
    write_text(render_html(report), output.html)
    write_text(render_markdown(report), output.markdown)
    log.info("wrote %s with %d figures", output.html, len(files.figures))
    for verdict in report.verdicts:
        log.info("claim %s: %s", verdict.claim, verdict.verdict)


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
