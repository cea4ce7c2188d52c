"""Write a natural out-of-distribution set: images of the study's classes from another data set."""

from weightscape.data.source import SOURCES, match_classes
from weightscape.files import read_json, write_array
from weightscape.logs import start_log


def main(snakemake) -> None:
    log = start_log(snakemake)
    params = snakemake.params

    class_names = read_json(snakemake.input.manifest)["class_names"]
    dataset = SOURCES.parse(params.source).load(params.image_size)
    labels = match_classes(dataset, class_names)
    log.info("read %d images of the classes %s from %s", len(dataset), dataset.class_names, params.source)
    write_array(dataset.images, snakemake.output.images)
    write_array(labels, snakemake.output.labels)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (Snakemake injects it)
