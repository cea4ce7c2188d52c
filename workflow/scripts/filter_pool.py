"""Leave out of a pool the synthetic images that a classifier of real images does not recognise.

``input``: drawn_images, drawn_labels and drawn_sources, the pool as it was drawn; seen_images and seen_labels, the real
images that the classifier learns from; validation_images and validation_labels; encoder and description, the frozen
encoder; manifest. ``params``: filter (``generator.filter``), n_images, device. ``output``: images, labels, sources,
rejected (a Parquet table of class, number drawn and share rejected).
"""

from typing import Any

import numpy as np

from weightscape.files import read_json, write_array, write_table
from weightscape.generator.label_filter import LabelFilter, select
from weightscape.logs import start_log


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    from weightscape.generator.classifier import train_classifier
    from weightscape.generator.encoder import load_encoder
    from weightscape.torch_job import start_torch

    start_torch(snakemake.threads)
    inputs, params, output = snakemake.input, snakemake.params, snakemake.output
    seen, validation, drawn = (
        (np.load(getattr(inputs, f"{name}_images")), np.load(getattr(inputs, f"{name}_labels")))
        for name in ("seen", "validation", "drawn")
    )
    classifier = train_classifier(seen, validation, load_encoder(inputs.encoder, inputs.description, params.device))
    log.info("the classifier sees %s", classifier.space)
    class_names = read_json(inputs.manifest)["class_names"]
    settings = LabelFilter(**params.filter)
    chosen, rejected = select(classifier.probability(*drawn), drawn[1], params.n_images, settings, class_names)
    for row in rejected.itertuples():
        log.info("%s: %.1f %% of %d images rejected", row.class_name, 100 * row.rejected, row.drawn)
    write_array(drawn[0][chosen], output.images)
    write_array(drawn[1][chosen], output.labels)
    write_array(np.load(inputs.drawn_sources)[chosen], output.sources)
    write_table(rejected, output.rejected)


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
