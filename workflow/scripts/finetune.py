"""Fine-tune the backbone under one condition, once for each seed of a block.

``params.scratch`` is a folder on the same disk, for the states of an interrupted job: runs that are done are kept,
and the one that was not resumes after its last whole epoch.
"""

import shutil
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from weightscape.backbone_description import BackboneDescription, read_description
from weightscape.files import array_sha256, atomic_path, read_json, write_json, write_table
from weightscape.logs import start_log
from weightscape.torch_job import start_torch
from weightscape.training.datasets import LabelledImages, SyntheticPool, assemble
from weightscape.training.finetune import Observer, finetune
from weightscape.training.intervention import parse_treatment
from weightscape.training.settings import TrainingSettings
from weightscape.training_state import TrainingState


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    import torch
    from safetensors.torch import load_file, save_file

    start_torch(snakemake.threads)
    inputs, params = snakemake.input, snakemake.params
    treatment, settings = parse_treatment(params.treatment), TrainingSettings(**params.settings)
    description = read_description(inputs.description)
    num_classes = len(read_json(inputs.manifest)["class_names"])
    pool = LabelledImages(np.load(inputs.train_images), np.load(inputs.train_labels))
    validation = LabelledImages(np.load(inputs.validation_images), np.load(inputs.validation_labels))
    synthetic = None
    if hasattr(inputs, "synthetic_images"):
        synthetic = SyntheticPool(
            *(np.load(getattr(inputs, f"synthetic_{name}")) for name in ("images", "labels", "sources"))
        )

    record = {
        "treatment": params.treatment,
        "settings": params.settings,
        "study": params.study,
        "seeds": params.seeds,
        "replicate": params.replicate,
        "device": params.device,
        "num_classes": num_classes,
        "backbone_sha256": description.sha256,
        "torch": torch.__version__,
    }
    trajectory_of = _trajectories(params, description)
    trajectories: list[pd.DataFrame] = []
    histories: list[pd.DataFrame] = []
    runs: list[dict[str, Any]] = []
    per_run = zip(params.seeds, params.stream_seeds, inputs.before, snakemake.output.weights, strict=True)
    for seed, stream_seed, before, output in per_run:
        training = assemble(treatment, pool, synthetic, settings.images, params.study, stream_seed)
        identity = {
            **record, "seed": stream_seed, "threads": snakemake.threads, "code": params.code, "spectra": params.spectra,
            "images": [array_sha256(part) for part in (training.images, training.labels, *vars(validation).values())],
        }  # fmt: skip
        path = Path(params.scratch) / f"seed-{seed}.safetensors"
        training_state = TrainingState(path, repr(sorted(identity.items())))
        start = load_file(before)
        trajectory = trajectory_of({name: tensor.numpy() for name, tensor in start.items()}) if trajectory_of else None
        observer = Observer(params.spectra["every"], trajectory.observe) if trajectory else None
        run = finetune(
            treatment, settings, description, start, training, validation, num_classes,
            params.study, stream_seed, params.device, training_state, params.replicate, observer,
        )  # fmt: skip
        with atomic_path(output) as path:
            save_file(run.state, path)
        if trajectory:
            trajectories.append(trajectory.table(run.points, {**params.columns, "seed": seed}))
        histories.append(run.history.assign(**params.columns, seed=seed))
        last = run.history.iloc[-1]
        runs.append(
            {
                **params.columns,
                "seed": seed,
                "stream_seed": stream_seed,
                "block": params.block,
                "weights": params.weights[len(runs)],
                "n_real": training.n_real,
                "n_synthetic": training.n_synthetic,
                "steps": run.steps,
                "final_train_loss": last["train_loss"],
                "fitted_loss": run.fitted_loss,
                "final_validation_accuracy": last["validation_accuracy"],
            }
        )
        log.info("%s seed %d: done, %d of %d", params.columns["condition"], seed, len(runs), len(params.seeds))
    write_table(pd.DataFrame(runs), snakemake.output.runs)
    write_table(_ordered(pd.concat(histories, ignore_index=True)), snakemake.output.history)
    if trajectories:
        write_table(pd.concat(trajectories, ignore_index=True), snakemake.output.trajectory)
    write_json(record, snakemake.output.record)
    shutil.rmtree(params.scratch)


def _trajectories(params: Any, description: BackboneDescription) -> Callable[..., Any] | None:
    """Return what makes a run's `Trajectory` of the weights that it starts from; None where the study has none.

    The module is loaded by its name, as the rule's digest has it, so that an edit of the code of spectra trains again
    only where they are taken along training.
    """
    if params.spectra is None:
        return None
    cache = import_module("weightscape.spectra.cache").Cache()
    kind = import_module("weightscape.spectra.trajectory").Trajectory
    return partial(kind, layers=description.layers, metrics=params.spectra["metrics"], cache=cache)


def _ordered(history: pd.DataFrame) -> pd.DataFrame:
    keys = ["condition", "series", "family", "dose", "seed", "epoch"]
    return history[[*keys, *(column for column in history if column not in keys)]]


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
