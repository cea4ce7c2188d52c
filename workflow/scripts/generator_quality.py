"""Measure the synthetic images of every guidance scale against real ones.

``input``: synthetic_images and synthetic_labels (lists, one per guidance scale), and train_images, train_labels,
generator_images, generator_labels, test_images, test_labels. ``params``: guidance_scales (list, in the same order).
``output``: table (Parquet) and csv.
"""

from typing import Any

import numpy as np

from weightscape.files import write_table
from weightscape.generator.quality import quality_table
from weightscape.logs import start_log


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    inputs = snakemake.input
    real = [
        (np.load(images), np.load(labels))
        for images, labels in (
            (inputs.train_images, inputs.train_labels),
            (inputs.generator_images, inputs.generator_labels),
            (inputs.test_images, inputs.test_labels),
        )
    ]
    pools = zip(snakemake.params.guidance_scales, inputs.synthetic_images, inputs.synthetic_labels, strict=True)
    synthetic = {scale: (np.load(images), np.load(labels)) for scale, images, labels in pools}
    table = quality_table(synthetic, *real)
    write_table(table, snakemake.output.table)
    write_table(table, snakemake.output.csv)
    for row in table.itertuples():
        log.info("guidance scale %g: %.1f %% recognised", row.guidance_scale, 100 * row.classifier_accuracy)


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
