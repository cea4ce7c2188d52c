"""Compute the logits of every run of a block on every evaluation set."""

from typing import Any

import numpy as np

from weightscape.backbone import load_for_prediction
from weightscape.backbone_description import read_description
from weightscape.evaluation.predict import predict_logits
from weightscape.files import read_json, write_arrays
from weightscape.logs import start_log
from weightscape.torch_job import start_torch


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    from safetensors.torch import load_file

    start_torch(snakemake.threads)
    inputs, params = snakemake.input, snakemake.params
    description = read_description(inputs.description)
    num_classes = len(read_json(inputs.manifest)["class_names"])
    sets = {name: np.load(path) for name, path in zip(params.sets, inputs.images, strict=True)}
    # One pass over all images: batches stay full although the corrupted sets are small.
    images = np.concatenate(list(sets.values()))
    ends = np.cumsum([len(array) for array in sets.values()])[:-1]

    logits: dict[str, np.ndarray] = {}
    for seed, weights in zip(params.seeds, inputs.weights, strict=True):
        model = load_for_prediction(description, load_file(weights), num_classes).to(params.device)
        parts = np.split(predict_logits(model, images, *description.normalisation), ends)
        logits |= {f"{seed}/{name}": part for name, part in zip(sets, parts, strict=True)}
        log.info("seed %d: %d images", seed, len(images))
    write_arrays(logits, snakemake.output.logits)


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
