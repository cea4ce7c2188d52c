"""Make the result tables of a study: effects, similarities, claims, their robustness, controls and checks, the plan."""

from pathlib import Path
from typing import Any

from weightscape.logs import start_log


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    from weightscape.evaluation.answers import right_answers
    from weightscape.files import read_json, read_table, write_table
    from weightscape.statistics.plan import Plan
    from weightscape.statistics.preregistration import plan_record, plan_table
    from weightscape.statistics.study import analyse_study
    from weightscape.statistics.study_tables import StudyTables
    from weightscape.statistics.tables import one_baseline

    inputs, params = snakemake.input, snakemake.params
    names = ("runs", "evaluation", "diversity", "spectra")
    tables = {name: one_baseline(name, read_table(getattr(inputs, name))) for name in names}
    planned, seeds = params.plan["seeds"]["count"], tables["runs"]["seed"].nunique()
    if seeds != planned:
        raise ValueError(f"{inputs.runs}: {seeds} seeds, but the study has {planned}")
    images = right_answers(inputs.logits, params.predictions, dict(zip(params.ood, inputs.labels, strict=True)))
    quality = read_table(inputs.generator_quality) if hasattr(inputs, "generator_quality") else None
    study = StudyTables(**tables, images=images, combinations=params.combinations, quality=quality, pools=params.pools)
    results = vars(analyse_study(study, Plan.from_mapping(params.plan["claims"])))
    results |= {"plan": plan_table(read_json(inputs.plan)["plan"], plan_record(params.plan))}
    for name, table in results.items():
        output = Path(getattr(snakemake.output, name))
        for path in (output, output.with_suffix(".csv")):
            write_table(table, path)
        log.info("%s: %d rows", output, len(table))
    for claim in results["claims"].itertuples():
        log.info("claim %s: %s (p %.3g, after Holm %.3g)", claim.claim, claim.verdict, claim.pvalue, claim.pvalue_holm)


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
