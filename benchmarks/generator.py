"""Quality beside cost of the generator: settings of training, steps and guidance of sampling, and a stock DDPM sampler.

Run as ``OMP_NUM_THREADS=1 PYTHONPATH=workflow/scripts python benchmarks/generator.py results/digits`` after a study;
prints rows of docs/generator.md and docs/performance.md. ``--train 600x64 1200x32`` trains with other numbers of steps
and images per step first, and shows what comes out beside the study's own generator.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from diffusers import DDPMScheduler
from torch.nn.functional import pixel_shuffle

from weightscape.files import read_json
from weightscape.generator.classifier import Labelled
from weightscape.generator.encoder import load_encoder
from weightscape.generator.generator import Batch, Draw, Task
from weightscape.generator.kinds.diffusion import Diffusion
from weightscape.generator.pipeline import ClassConditionalPipeline
from weightscape.generator.pool import Pool
from weightscape.generator.quality import Real, quality_tables
from weightscape.generator.sampling import sample_images
from weightscape.generator.training import train_diffusion
from weightscape.statistics.recognised_share import DEFAULT_RECOGNISED, REAL
from weightscape.torch_job import start_torch

BATCH = 50
SETTINGS = ((1.0, 4), (1.0, 8), (1.0, 16), (0.8, 8), (1.2, 8), (1.5, 8), (3.0, 8))
"""Guidance scales and steps."""

COLUMNS = {
    "classifier_accuracy": 3, "recognised_share_low": 2, "vendi_ratio_pixel": 2, "vendi_ratio_embedding": 2,
    "precision": 2, "recall": 2, "frechet_distance": 1, "kernel_distance": 4, "memorised_fraction": 3,
}  # fmt: skip
"""Columns of the quality table that are shown, and their decimals."""


def stock_ddpm(pipeline: ClassConditionalPipeline) -> Draw:
    """Return diffusers' 1000 ancestral steps of DDPM [1]_, with the same network.

    With ᾱ of the scheduler, √ᾱ x₀ + √(1 − ᾱ) ε is c x_σ with σ = √(1 − ᾱ)/c and c = √ᾱ + √(1 − ᾱ), so the noise that
    it asks for is ε = x_σ + (1 − σ) v.

    .. [1] Ho, Jain & Abbeel, Denoising Diffusion Probabilistic Models, NeurIPS 2020, arXiv 2006.11239.
    """
    scheduler, unet = DDPMScheduler(clip_sample=True), pipeline.unet

    @torch.inference_mode()
    def draw(batch: Batch) -> np.ndarray:
        generators = list(batch.generators)
        shape = (1, unet.config.in_channels, unet.config.sample_size, unet.config.sample_size)
        sample = torch.cat([torch.randn(shape, generator=generator) for generator in generators])
        for timestep in scheduler.timesteps:
            alpha = scheduler.alphas_cumprod[timestep]
            scale = alpha.sqrt() + (1 - alpha).sqrt()
            sigma = (1 - alpha).sqrt() / scale
            velocity = unet(sample / scale, 1000 * sigma, torch.tensor(batch.labels)).sample
            noise = sample / scale + (1 - sigma) * velocity
            sample = scheduler.step(noise, timestep, sample, generator=generators).prev_sample
        images = pixel_shuffle(sample, pipeline.config.fold).add(1).div(2).clamp(0, 1)
        return images.permute(0, 2, 3, 1).numpy()

    return draw


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("study", type=Path, help="folder of a finished study with a trained generator")
    parser.add_argument("--train", nargs="*", default=[], metavar="STEPSxBATCH", help="settings to train with first")
    parser.add_argument("--images", type=int, default=1000, help="synthetic images per row")
    parser.add_argument("--stock", type=int, default=0, help="images of the stock sampler; 0 leaves it out")
    arguments = parser.parse_args()
    start_torch(1)
    manifest = read_json(arguments.study / "data/manifest.json")
    class_names, image_size = manifest["class_names"], manifest["image_size"]
    real = {name: _real(arguments.study, name) for name in ("train", "generator", "test")}
    pools: dict[str, Labelled] = {}
    costs: dict[str, str] = {}

    def draw_pool(name: str, draw: Draw, guidance_scale: float, count: int) -> None:
        start = time.process_time()
        task = Task("generator", manifest["study"], class_names, count, image_size)
        drawn = sample_images(draw, task, Pool(guidance_scale=guidance_scale), BATCH)
        label = f"{name} | {guidance_scale:g}"
        pools[label] = (drawn.images, drawn.labels)
        costs[label] = f"{1000 * (time.process_time() - start) / count:.1f}"

    for setting in arguments.train:
        steps, batch_size = map(int, setting.split("x"))
        start = time.process_time()
        settings = Diffusion(steps=steps, batch_size=batch_size)
        trained = train_diffusion(*real["generator"], class_names, settings, manifest["study"], 0)
        print(f"{setting}: {time.process_time() - start:.0f} s of training")
        draw_pool(setting, _stepwise(trained.pipeline, 8), 1.0, arguments.images)
    pipeline = ClassConditionalPipeline.load(arguments.study / "generator")
    if arguments.stock:
        draw_pool("stock DDPM, 1000 steps", stock_ddpm(pipeline), 1.0, arguments.stock)
        draw_pool("the same number of images in 8 steps", _stepwise(pipeline, 8), 1.0, arguments.stock)
    else:
        for guidance_scale, steps in SETTINGS:
            draw_pool(f"{steps} steps", _stepwise(pipeline, steps), guidance_scale, arguments.images)
    encoder = load_encoder(
        arguments.study / "backbone/model.safetensors", arguments.study / "backbone/backbone.json", "cpu"
    )
    measured = Real(real["train"], real["generator"], real["test"])
    quality, _ = quality_tables(pools, measured, encoder, class_names, DEFAULT_RECOGNISED)
    for row in quality.to_dict("records"):
        label = "new real ones | " if row["pool"] == REAL else row["pool"]
        cells = [f"{row[column]:.{digits}f}" for column, digits in COLUMNS.items()]
        print(f"| {label} | {costs.get(row['pool'], '')} | {' | '.join(cells)} |")


def _stepwise(pipeline: ClassConditionalPipeline, steps: int) -> Draw:
    return lambda batch: pipeline(batch.labels, batch.pool.guidance_scale, list(batch.generators), steps).images


def _real(study: Path, name: str) -> Labelled:
    return np.load(study / f"data/{name}/images.npy"), np.load(study / f"data/{name}/labels.npy")


if __name__ == "__main__":
    main()
