"""Measure the synthetic images of every guidance scale against real ones.

``input``: synthetic_images and synthetic_labels (lists, one per guidance scale), and train_images, train_labels,
generator_images, generator_labels, test_images, test_labels, and backbone and description, the frozen encoder.
``params``: guidance_scales (list, in the same order), device. ``output``: table (Parquet) and csv.
"""

from functools import partial
from typing import Any

import numpy as np

from weightscape.backbone import load_backbone_state
from weightscape.diversity.embedding import embed
from weightscape.files import read_json, write_table
from weightscape.generator.quality import quality_table
from weightscape.logs import start_log
from weightscape.torch_job import start_torch


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    from safetensors.torch import load_file

    start_torch(snakemake.threads)
    inputs = snakemake.input
    description = read_json(inputs.description)
    encoder = load_backbone_state(description, load_file(inputs.backbone)).to(snakemake.params.device)
    features = partial(
        embed, encoder, mean=description["mean"], std=description["std"], input_size=description["input_size"]
    )
    real = {
        name: (np.load(getattr(inputs, f"{name}_images")), np.load(getattr(inputs, f"{name}_labels")))
        for name in ("train", "generator", "test")
    }
    pools = zip(snakemake.params.guidance_scales, inputs.synthetic_images, inputs.synthetic_labels, strict=True)
    synthetic = {scale: (np.load(images), np.load(labels)) for scale, images, labels in pools}
    table = quality_table(synthetic, **real, embed=features)
    write_table(table, snakemake.output.table)
    write_table(table, snakemake.output.csv)
    for row in table.itertuples():
        log.info("guidance scale %g: %.1f %% recognised", row.guidance_scale, 100 * row.classifier_accuracy)


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
