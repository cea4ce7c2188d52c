"""Make the effects, similarity and claims tables of a study from its runs, evaluation, diversity and spectra tables."""

from pathlib import Path
from typing import Any

from weightscape.logs import start_log


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    from weightscape.files import read_table, write_table
    from weightscape.statistics.plan import Plan
    from weightscape.statistics.study import analyse_study

    tables = {
        name: read_table(getattr(snakemake.input, name)) for name in ("runs", "evaluation", "diversity", "spectra")
    }
    found = tables["runs"]["seed"].nunique()
    if found != snakemake.params.seeds:
        raise ValueError(f"{snakemake.input.runs}: {found} seeds, but the study has {snakemake.params.seeds}")
    results = analyse_study(**tables, plan=Plan.from_mapping(snakemake.params.claims))
    for name in ("effects", "similarity", "claims"):
        table, output = getattr(results, name), Path(getattr(snakemake.output, name))
        for path in (output, output.with_suffix(".csv")):
            write_table(table, path)
        log.info("%s: %d rows", output, len(table))
    for claim in results.claims.itertuples():
        log.info("claim %s: %s. %s", claim.claim, claim.verdict, claim.reason)


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
