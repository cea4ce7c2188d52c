"""Draw a pool of synthetic images from the study's generator.

``input``: manifest and, for the kind ``diffusion``, model_index (``model_index.json``) and the other files of the
generator. ``params``: settings (the sampling keys of ``generator:``), pool (the settings of a `Pool`), n_images,
image_size, study, device, torch_threads. ``output``: images, labels.
"""

from pathlib import Path
from typing import Any

from weightscape.files import read_json, write_array
from weightscape.generator.generator import GENERATORS
from weightscape.logs import start_log


def main(snakemake: Any) -> None:
    log = start_log(snakemake)
    from weightscape.generator.sampling import load_generator, sample_images
    from weightscape.torch_job import start_torch

    start_torch(snakemake.params.torch_threads)
    params = snakemake.params
    settings = GENERATORS.parse(params.settings)
    trained = Path(snakemake.input.model_index).parent if settings.trains else None
    class_names = read_json(snakemake.input.manifest)["class_names"]
    draw = load_generator(settings, trained, class_names, params.device)
    log.info("drawing %d images with %s", params.n_images, params.pool)
    images, labels = sample_images(
        draw, params.n_images, len(class_names), params.pool["guidance_scale"], settings.sampling_batch_size,
        params.image_size, params.study,
    )  # fmt: skip
    write_array(images, snakemake.output.images)
    write_array(labels, snakemake.output.labels)


if __name__ == "__main__":
    main(snakemake)  # type: ignore[name-defined]  # noqa: F821  (Snakemake injects it)
