"""Write a natural out-of-distribution set: images of the study's classes from another data set.

Images that the study's own data, or an out-of-distribution set before this one, have as well are left out.
``params.images`` of the others are drawn, with the classes in proportion; all if it is None.
"""

from typing import Any

import numpy as np

from weightscape.data.source import SOURCES, match_classes
from weightscape.data.splits import stratified_order, without_shared
from weightscape.files import read_json, write_array
from weightscape.logs import start_log
from weightscape.streams import stream


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    inputs, params = snakemake.input, snakemake.params

    class_names = read_json(inputs.manifest)["class_names"]
    dataset = SOURCES.parse(params.source).load(params.image_size)
    labels = match_classes(dataset, class_names)
    log.info("read %d images of the classes %s from %s", len(dataset), dataset.class_names, params.source)
    others = {name: np.load(path) for name, path in zip(params.others, inputs.others, strict=True)}
    try:
        kept, shared = without_shared(dataset, others)
    except ValueError as error:
        raise ValueError(f"data.ood, {params.source}: {error}") from None
    for name, count in shared.items():
        if count:
            log.warning("left out %d images that %s has as well", count, name)
    used = np.flatnonzero(kept)
    if params.images is not None:
        order = stratified_order(labels[used], stream(params.study, "ood", params.name))
        used = np.sort(used[order[: params.images]])
    write_array(dataset.images[used], snakemake.output.images)
    write_array(labels[used], snakemake.output.labels)


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
