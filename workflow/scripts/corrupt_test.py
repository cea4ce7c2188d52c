"""Write corrupted copies of some test images, one set for each kind of corruption and severity."""

from itertools import product
from typing import Any

import numpy as np

from weightscape.data.corruption import corrupt, draw_for_corruption
from weightscape.files import write_array
from weightscape.logs import start_log


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    corruptions, study = snakemake.params.corruptions, snakemake.params.study

    images, labels = np.load(snakemake.input.images), np.load(snakemake.input.labels)
    drawn = draw_for_corruption(labels, corruptions["images"], study)
    pairs = product(corruptions["kinds"], corruptions["severities"])
    outputs = zip(snakemake.output.images, snakemake.output.labels, strict=True)
    for (kind, severity), (images_path, labels_path) in zip(pairs, outputs, strict=True):
        write_array(corrupt(images[drawn], kind, severity, study), images_path)
        write_array(labels[drawn], labels_path)
        log.info("wrote %d images with %s of severity %d", len(drawn), kind, severity)


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
