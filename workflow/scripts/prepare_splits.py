"""Draw the four disjoint splits of the study's data set and write them as arrays, with a manifest of their sums."""

from typing import Any

from weightscape.data.source import SOURCES
from weightscape.data.splits import SPLITS, check_classes, check_disjoint, make_manifest, split_images
from weightscape.files import write_array, write_json
from weightscape.logs import start_log


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    source, image_size, study = (snakemake.params[name] for name in ("source", "image_size", "study"))

    dataset = SOURCES.parse(source).load(image_size)
    log.info("read %d images of %d classes from %s", len(dataset), len(dataset.class_names), source)
    splits = split_images(dataset, snakemake.params["splits"], study)
    log.info("left out %d duplicates, %d with another label", len(splits.duplicates), len(splits.conflicting))
    if dataset.groups is not None:
        log.info("left out %d images, so that each split has its number and no group is in two", len(splits.surplus))
    check_classes(dataset, splits)
    check_disjoint({split: dataset.images[splits.indices[split]] for split in SPLITS})

    for split in SPLITS:
        write_array(dataset.images[splits.indices[split]], snakemake.output[f"{split}_images"])
        write_array(dataset.labels[splits.indices[split]], snakemake.output[f"{split}_labels"])
        log.info("wrote %d images for %s", len(splits.indices[split]), split)
    write_json(make_manifest(dataset, splits, source, image_size, study), snakemake.output["manifest"])


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
