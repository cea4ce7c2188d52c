"""Write the report of a study: one self-contained HTML page, the same as Markdown, and the evaluation summary."""

from pathlib import Path
from typing import Any

from weightscape.logs import start_log

# Figures that show no mean over seeds.
NOT_OF_SEEDS = ("esd", "samples")
TABLES = (
    "runs",
    "evaluation",
    "diversity",
    "spectra",
    "effects",
    "similarity",
    "claims",
    "robustness",
    "controls",
    "plan",
    "generator_quality",
)


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    from weightscape.files import read_json, read_table, write_table, write_text
    from weightscape.report.content import Study
    from weightscape.report.images import embed_figure
    from weightscape.report.page import render_html, render_markdown
    from weightscape.report.sections import build_report
    from weightscape.report.tables import evaluation_summary
    from weightscape.report.texts import caption
    from weightscape.statistics.plan import Plan

    files, params, output = snakemake.input, snakemake.params, snakemake.output
    tables = {name: read_table(getattr(files, name)) for name in TABLES if hasattr(files, name)}
    study = Study(
        title=params.title,
        conditions=params.conditions,
        plan=Plan.from_mapping(params.claims),
        tables=tables,
        backbone=read_json(files.backbone),
        manifest=read_json(files.manifest),
        provenance=read_json(files.provenance),
    )
    summary = evaluation_summary(tables["evaluation"])
    seeds = tables["runs"]["seed"].nunique()
    figures = {}
    for path in map(Path, files.figures):
        text, alt = caption(path.stem)
        figures[path.stem] = embed_figure(
            path, f"{text} {seeds} seeds." if path.stem not in NOT_OF_SEEDS else text, alt
        )
    report = build_report(study, figures, summary)
    write_table(summary, output.summary_table)
    write_text(render_html(report), output.html)
    write_text(render_markdown(report), output.markdown)
    log.info("wrote %s with %d figures", output.html, len(figures))
    for verdict in report.verdicts:
        log.info("claim %s: %s", verdict.claim, verdict.verdict)


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
