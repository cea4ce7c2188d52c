"""Train the study's generator on the generator pool and save it in diffusers' layout.

``input``: manifest, images, labels. ``params``: settings (the training keys of ``generator:``), study, seed, device,
torch_threads (part of the result, as sums are split among threads), scratch (a folder on the same disk, for the state
of an unfinished training). ``output``: model_index (``model_index.json``), unet_config (``unet/config.json``),
unet_weights (``unet/diffusion_pytorch_model.safetensors``), scheduler_config (``scheduler/scheduler_config.json``), all
in one folder, and training (a CSV of step and loss).
"""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from weightscape.files import array_sha256, read_json, write_table
from weightscape.generator.kinds.diffusion import Diffusion
from weightscape.logs import start_log


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    import torch

    from weightscape.generator.early_check import check_early
    from weightscape.generator.training import train_diffusion
    from weightscape.torch_job import start_torch
    from weightscape.training_state import TrainingState

    start_torch(snakemake.params.torch_threads)
    inputs, params, output = snakemake.input, snakemake.params, snakemake.output
    settings = Diffusion(**params.settings)
    images, labels = np.load(inputs.images), np.load(inputs.labels)
    class_names = read_json(inputs.manifest)["class_names"]
    identity = {
        **params.settings, "study": params.study, "seed": params.seed, "device": params.device,
        "threads": params.torch_threads, "torch": torch.__version__, "code": params.code,
        "images": array_sha256(images), "labels": array_sha256(labels),
    }  # fmt: skip
    training_state = TrainingState(Path(params.scratch) / "checkpoint.safetensors", repr(sorted(identity.items())))
    log.info("training on %d images of %d classes", len(images), len(class_names))
    trained = train_diffusion(
        images, labels, class_names, settings, params.study, params.seed, params.device, training_state
    )
    steps = pd.DataFrame({"step": np.arange(1, len(trained.losses) + 1), "loss": trained.losses})
    write_table(steps, output.training)
    save_pipeline(trained.pipeline, output, params.scratch)
    shutil.rmtree(params.scratch)
    check_early(trained.pipeline, images, labels, class_names, settings, params.study)


def save_pipeline(pipeline: Any, output: Any, scratch: str) -> None:
    """Save the pipeline in the scratch folder and move its files to their places, the index last."""
    saved, folder = Path(scratch) / "pipeline", Path(output.model_index).parent
    pipeline.save_pretrained(saved)
    for path in map(Path, (output.unet_config, output.unet_weights, output.scheduler_config, output.model_index)):
        path.parent.mkdir(parents=True, exist_ok=True)
        (saved / path.relative_to(folder)).replace(path)


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
