"""Measure how diverse the effective training sets of one condition are, for each seed of a block."""

from typing import Any

import numpy as np
import pandas as pd

from weightscape.backbone import load_for_prediction
from weightscape.diversity.embedding import embed
from weightscape.diversity.vendi import diversity_table
from weightscape.files import read_json, write_table
from weightscape.logs import start_log
from weightscape.torch_job import start_torch
from weightscape.training.datasets import LabelledImages, assemble
from weightscape.training.effective import effective_training_set
from weightscape.training.intervention import parse_treatment


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    from safetensors.torch import load_file

    start_torch(snakemake.threads)
    inputs, params = snakemake.input, snakemake.params
    treatment, n_images = parse_treatment(params.treatment), params.n_images
    description = read_json(inputs.description)
    class_names = read_json(inputs.manifest)["class_names"]
    encoder = load_for_prediction(description, load_file(inputs.backbone), num_classes=0).to(params.device)
    pool = LabelledImages(np.load(inputs.train_images), np.load(inputs.train_labels))
    synthetic = None
    if hasattr(inputs, "synthetic_images"):
        synthetic = LabelledImages(np.load(inputs.synthetic_images), np.load(inputs.synthetic_labels))

    tables = []
    for seed, stream_seed in zip(params.seeds, params.stream_seeds, strict=True):
        training = assemble(treatment, pool, synthetic, n_images, params.study, stream_seed)
        seen = effective_training_set(
            training, treatment, n_images, params.batch_size, params.study, stream_seed, description, len(class_names)
        )
        features = embed(encoder, seen.images, description["mean"], description["std"], description["input_size"])
        table = diversity_table(seen.images, features, seen.labels, class_names)
        table.insert(0, "seed", seed)
        for position, (key, value) in enumerate(params.columns.items()):
            table.insert(position, key, value)
        tables.append(table)
        log.info("seed %d: %d images", seed, len(seen))
    write_table(pd.concat(tables, ignore_index=True), snakemake.output.table)


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
