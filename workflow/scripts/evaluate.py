"""Evaluate every run on every set: its metrics raw and temperature-scaled, the accuracy of each class, detection."""

from pathlib import Path
from typing import Any

import numpy as np

from weightscape.evaluation.classes import class_accuracy_table
from weightscape.evaluation.detection import detection_table
from weightscape.evaluation.runs import LabelledSet, Run
from weightscape.evaluation.table import evaluation_table
from weightscape.files import read_json, write_table
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
    tables = {
        "evaluation": evaluation_table(runs, sets),
        "class_accuracy": class_accuracy_table(runs, sets, read_json(inputs.manifest)["class_names"]),
        "detection": detection_table(runs, sets),
    }
    for name, table in tables.items():
        output = Path(getattr(snakemake.output, name))
        for path in (output, output.with_suffix(".csv")):
            write_table(table, path)
        log.info("%s: %d rows", output, len(table))


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
                corruptions_seen=block["corruptions_seen"],
            )
            for seed in block["seeds"]
        ]


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
