"""Measure the synthetic images of every pool against real ones.

``input``: synthetic_images and synthetic_labels (lists, one per pool), and train_images, train_labels,
generator_images, generator_labels, test_images, test_labels, and encoder and description, the frozen encoder.
``params``: pools (list of their columns, in the same order), device. ``output``: table (Parquet) and csv.
"""

from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from weightscape.backbone import load_backbone_state
from weightscape.backbone_description import read_description
from weightscape.diversity.embedding import embed
from weightscape.files import write_table
from weightscape.generator.pool import SETTINGS
from weightscape.generator.quality import quality_table
from weightscape.logs import start_log
from weightscape.torch_job import start_torch


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    from safetensors.torch import load_file

    start_torch(snakemake.threads)
    inputs = snakemake.input
    description = read_description(inputs.description)
    encoder = load_backbone_state(description, load_file(inputs.encoder)).to(snakemake.params.device)
    mean, std, input_size = description.normalisation
    features = partial(embed, encoder, mean=mean, std=std, input_size=input_size)
    real = {
        name: (np.load(getattr(inputs, f"{name}_images")), np.load(getattr(inputs, f"{name}_labels")))
        for name in ("train", "generator", "test")
    }
    pools = pd.DataFrame(snakemake.params.pools).astype(dict.fromkeys(SETTINGS, float))
    files = zip(pools["pool"], inputs.synthetic_images, inputs.synthetic_labels, strict=True)
    synthetic = {name: (np.load(images), np.load(labels)) for name, images, labels in files}
    table = pools.merge(quality_table(synthetic, **real, embed=features), on="pool")
    write_table(table, snakemake.output.table)
    write_table(table, snakemake.output.csv)
    for row in table.itertuples():
        log.info("pool %s: %.1f %% recognised", row.pool, 100 * row.classifier_accuracy)


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
