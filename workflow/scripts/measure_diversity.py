"""Measure how diverse the effective training sets of one condition are, for each seed of a block."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from weightscape.backbone import load_for_prediction
from weightscape.backbone_description import read_description
from weightscape.diversity.embedding import embed
from weightscape.diversity.prdc import Balls
from weightscape.diversity.table import Sets, diversity_tables
from weightscape.diversity.vendi import comparable_pixels
from weightscape.files import read_json, write_table
from weightscape.logs import start_log
from weightscape.torch_job import start_torch
from weightscape.training.datasets import LabelledImages, SyntheticPool, assemble
from weightscape.training.effective import effective_training_set, original_positions
from weightscape.training.intervention import parse_treatment


class Encoder:
    """A frozen network as a space in which images lie."""

    def __init__(self, weights: str, description: str, device: str):
        from safetensors.torch import load_file

        self.description = read_description(description)
        self.model = load_for_prediction(self.description, load_file(weights), num_classes=0).to(device)

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Return the features of images."""
        return embed(self.model, images, *self.description.normalisation)


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    start_torch(snakemake.threads)
    inputs, params = snakemake.input, snakemake.params
    treatment, n_images = parse_treatment(params.treatment), params.n_images
    class_names, description = read_json(inputs.manifest)["class_names"], read_description(inputs.description)
    files = zip(params.encoders, inputs.encoder_weights, inputs.encoder_descriptions, strict=True)
    encoders = {name: Encoder(weights, network, params.device) for name, weights, network in files}
    pool = LabelledImages(np.load(inputs.train_images), np.load(inputs.train_labels))
    reference = LabelledImages(np.load(inputs.test_images), np.load(inputs.test_labels))
    synthetic = None
    if hasattr(inputs, "synthetic_images"):
        synthetic = SyntheticPool(
            *(np.load(getattr(inputs, f"synthetic_{name}")) for name in ("images", "labels", "sources"))
        )

    originals = {
        seed: original_positions(pool.labels, n_images, params.batch_size, params.study, seed)
        for seed in params.stream_seeds
    }
    needed = np.unique(np.concatenate([*originals.values()]))
    known = {name: (encode(pool.images[needed]), encode(reference.images)) for name, encode in encoders.items()}
    of_reference: dict[tuple[str, str, int], Balls] = {}
    tables: dict[str, list[pd.DataFrame]] = {"table": [], "curve": []}
    for seed, stream_seed in zip(params.seeds, params.stream_seeds, strict=True):
        training = assemble(treatment, pool, synthetic, n_images, params.study, stream_seed)
        seen = effective_training_set(
            training, treatment, n_images, params.batch_size, params.study, stream_seed, description, len(class_names)
        )
        original = originals[stream_seed]
        spaces = {"pixel": Sets(*comparable_pixels(seen.images, pool.images[original], reference.images))}
        for name, encode in encoders.items():
            of_pool, references = known[name]
            spaces[name] = Sets(encode(seen.images), of_pool[np.searchsorted(needed, original)], references)
        labels = Sets(seen.labels, pool.labels[original], reference.labels)
        found = diversity_tables(spaces, labels, class_names, (params.study, stream_seed), params.kernels, of_reference)
        for kept, table in zip(tables.values(), found, strict=True):
            kept.append(with_names(table, {**params.columns, "seed": seed}))
        log.info("seed %d: %d images", seed, len(seen))
    for name, kept in tables.items():
        write_table(pd.concat(kept, ignore_index=True), getattr(snakemake.output, name))


def with_names(table: pd.DataFrame, names: Mapping[str, Any]) -> pd.DataFrame:
    """Put the columns that name a run in front of a table."""
    for position, (key, value) in enumerate(names.items()):
        table.insert(position, key, value)
    return table


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
