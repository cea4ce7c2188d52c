"""Draw a pool of synthetic images, or a part of it, from one of the study's generators.

``input``: manifest; for the kind ``diffusion``, model_index (``model_index.json``) and the other files of the
generator; for a kind that makes images from real ones, train_images and train_labels. ``params``: settings (the
sampling keys of the generator), key (how messages call it), pool (see `Pool`), part (first
place and the one after the last), image_size, study, device, torch_threads, code, contents (of the user's folders),
scratch (a folder on the same disk, for the batches of an interrupted job). ``output``: images, labels, sources.
"""

import shutil
from pathlib import Path
from typing import Any

import numpy as np

from weightscape.data.imageset import NO_CLASS
from weightscape.files import array_sha256, file_sha256, read_json, write_array
from weightscape.generator.generator import GENERATORS, Task
from weightscape.generator.pool import Pool
from weightscape.logs import start_log


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    import torch

    from weightscape.generator.sampling import RealImages, UnfinishedPool, load_generator, sample_images
    from weightscape.torch_job import start_torch

    inputs, params, output = snakemake.input, snakemake.params, snakemake.output
    start_torch(params.torch_threads)
    settings, pool, part = GENERATORS.parse(params.settings), Pool(**params.pool), range(*params.part)
    class_names = read_json(inputs.manifest)["class_names"]
    task = Task(
        key=params.key,
        study=params.study,
        class_names=settings.own_classes(class_names) or class_names,
        images=part.stop,
        image_size=params.image_size,
        device=params.device,
    )
    identity = {name: getattr(params, name) for name in IDENTITY} | {
        "class_names": task.class_names, "torch": torch.__version__,
    }  # fmt: skip
    trained = real = None
    if settings.trains:
        trained = Path(inputs.model_index).parent
        identity["trained"] = file_sha256(inputs.unet_weights)
    if settings.made_from_real:
        real = RealImages(np.load(inputs.train_images), np.load(inputs.train_labels))
        identity["real"] = [array_sha256(real.images), array_sha256(real.labels)]
    unfinished = UnfinishedPool(Path(params.scratch), repr(sorted(identity.items())))
    draw = load_generator(settings, trained, task)
    log.info("drawing the images %d to %d of the pool %s", part.start, part.stop - 1, pool.name)
    drawn = sample_images(draw, task, pool, settings.images_at_once, part, real, unfinished)
    foreign = settings.own_classes(class_names) is not None
    write_array(drawn.images, output.images)
    write_array(np.full_like(drawn.labels, NO_CLASS) if foreign else drawn.labels, output.labels)
    write_array(drawn.sources, output.sources)
    shutil.rmtree(params.scratch)


IDENTITY = (
    "settings", "pool", "part", "image_size", "study", "device", "torch_threads", "code", "contents",
)  # fmt: skip
"""Parameters that decide the images."""


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
