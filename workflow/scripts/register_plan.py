"""Record a study's plan (all of its config that results depend on, and the analysis) and its hash before any run."""

from typing import Any

from weightscape.logs import start_log


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    from weightscape.config.plan import registered_sections
    from weightscape.files import write_json
    from weightscape.statistics.preregistration import plan_hash, plan_record

    plan = plan_record(registered_sections(snakemake.config))
    write_json({"hash": plan_hash(plan), "plan": plan}, snakemake.output.plan)
    log.info("plan %s", plan_hash(plan))


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
