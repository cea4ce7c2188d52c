"""Compute accuracy, likelihood and calibration of every run on every set, raw and temperature-scaled."""

from typing import Any

import numpy as np

from weightscape.evaluation.table import LabelledSet, Run, evaluation_table
from weightscape.files import write_table
from weightscape.logs import start_log


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    inputs, params = snakemake.input, snakemake.params

    sets = [
        LabelledSet(entry["name"], entry["kind"], np.load(path), entry["corruption"], entry["severity"])
        for entry, path in zip(params.sets, inputs.labels, strict=True)
    ]
    runs = [run for block, path in zip(params.runs, inputs.logits, strict=True) for run in read_runs(block, path, sets)]
    log.info("evaluating %d runs on %d sets", len(runs), len(sets))
    table = evaluation_table(runs, sets)
    write_table(table, snakemake.output.table)
    write_table(table, snakemake.output.csv)
    log.info("wrote %d rows", len(table))


def read_runs(block: dict, path: str, sets: list[LabelledSet]) -> list[Run]:
    """Read the logits of a block of seeds, whose keys are ``<seed>/<set>``."""
    with np.load(path) as file:
        return [
            Run(
                condition=block["condition"],
                series=block["series"],
                family=block["family"],
                dose=block["dose"],
                seed=seed,
                logits={entry.name: file[f"{seed}/{entry.name}"] for entry in sets},
            )
            for seed in block["seeds"]
        ]


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
