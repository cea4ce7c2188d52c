"""Make the result tables of a study: effects, similarity, claims, their robustness, controls and the plan."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from weightscape.logs import start_log


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    from weightscape.files import read_json, read_table, write_table
    from weightscape.statistics.plan import Plan
    from weightscape.statistics.preregistration import plan_record, plan_table
    from weightscape.statistics.study import analyse_study

    inputs, params = snakemake.input, snakemake.params
    tables = {name: read_table(getattr(inputs, name)) for name in ("runs", "evaluation", "diversity", "spectra")}
    count = params.plan["seeds"]["count"]
    if (found := tables["runs"]["seed"].nunique()) != count:
        raise ValueError(f"{inputs.runs}: {found} seeds, but the study has {count}")
    images = right_answers(inputs.logits, params.predictions, dict(zip(params.ood, inputs.labels, strict=True)))
    results = vars(analyse_study(**tables, plan=Plan.from_mapping(params.plan["claims"]), images=images))
    results |= {"plan": plan_table(read_json(inputs.plan)["plan"], plan_record(params.plan))}
    for name, table in results.items():
        output = Path(getattr(snakemake.output, name))
        for path in (output, output.with_suffix(".csv")):
            write_table(table, path)
        log.info("%s: %d rows", output, len(table))
    for claim in results["claims"].itertuples():
        log.info("claim %s: %s. %s", claim.claim, claim.verdict, claim.reason)


def right_answers(
    paths: Iterable[str], blocks: Sequence[Mapping[str, Any]], labels: Mapping[str, str]
) -> dict[str, np.ndarray] | None:
    """Return, per condition, whether each out-of-distribution image was classified rightly, (seeds, images).

    `blocks` names the condition and the seeds of each file of logits, `labels` the file of labels of each set; the
    images of several sets follow each other. Without a set there is nothing to return.
    """
    if not labels:
        return None
    truth = {name: np.load(path) for name, path in labels.items()}
    rows: dict[str, dict[int, np.ndarray]] = {}
    for block, path in zip(blocks, paths, strict=True):
        with np.load(path) as logits:
            for seed in block["seeds"]:
                right = [logits[f"{seed}/{name}"].argmax(axis=1) == truth[name] for name in truth]
                rows.setdefault(block["condition"], {})[seed] = np.concatenate(right)
    return {condition: np.stack([seeds[seed] for seed in sorted(seeds)]) for condition, seeds in rows.items()}


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
