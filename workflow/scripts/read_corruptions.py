"""Write a part of the corrupted images that exist as files, one set for each kind of corruption and severity."""

from itertools import product
from typing import Any

from weightscape.data.corruption_files import CorruptionFiles
from weightscape.files import read_json, write_array
from weightscape.logs import start_log


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    params = snakemake.params
    files = CorruptionFiles.model_validate(params.files)
    class_names = tuple(read_json(snakemake.input.manifest)["class_names"])
    pairs = product(files.kinds, files.severities)
    outputs = zip(snakemake.output.images, snakemake.output.labels, strict=True)
    for (kind, severity), (images_path, labels_path) in zip(pairs, outputs, strict=True):
        images, labels = files.load(kind, severity, params.image_size, class_names, params.study)
        write_array(images, images_path)
        write_array(labels, labels_path)
        log.info("wrote %d images with %s of severity %d", len(images), kind, severity)


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
