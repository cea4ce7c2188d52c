"""Record where the results came from: code, configuration, package versions, machine, and what each stage cost."""

from pathlib import Path
from typing import Any

from weightscape.files import write_json
from weightscape.logs import start_log
from weightscape.report.provenance import provenance


def main(snakemake: Any) -> None:
    start_log(snakemake)
    params, output = snakemake.params, snakemake.output
    write_json(provenance(params.config, Path(output.record).parent / "benchmarks", params.benchmarks), output.record)


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
