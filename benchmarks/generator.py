"""Quality beside cost of the generator: settings of training, steps and guidance of sampling, and a stock DDPM sampler.

Run as ``OMP_NUM_THREADS=1 PYTHONPATH=workflow/scripts python benchmarks/generator.py results/digits`` after a study;
prints rows of docs/generator.md and docs/performance.md. ``--train 600x64 1200x32`` trains with other numbers of steps
and images per step first, and shows what comes out beside the study's own generator.
"""

import argparse
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from diffusers import DDPMScheduler
from safetensors.torch import load_file
from torch.nn.functional import pixel_shuffle

from weightscape.backbone import load_backbone_state
from weightscape.diversity.embedding import embed
from weightscape.files import read_json
from weightscape.generator.generator import Batch, Draw, Task
from weightscape.generator.kinds.diffusion import Diffusion
from weightscape.generator.pipeline import ClassConditionalPipeline
from weightscape.generator.pool import Pool
from weightscape.generator.quality import Labelled, quality_table
from weightscape.generator.sampling import sample_images
from weightscape.generator.training import train_diffusion
from weightscape.torch_job import start_torch

BATCH = 50
SETTINGS = ((1.0, 4), (1.0, 8), (1.0, 16), (0.8, 8), (1.2, 8), (1.5, 8), (3.0, 8))
"""Guidance scales and steps."""


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
    encode = _encoder(arguments.study)
    encoded = {id(real[name][0]): encode(real[name][0]) for name in ("train", "test")}

    def features(images: np.ndarray) -> np.ndarray:
        return encoded[id(images)] if id(images) in encoded else encode(images)

    # Unseen real images in the place of synthetic ones.
    show_quality("unseen real images", "", "", quality_table({"real": real["test"]}, **real, embed=features))

    def show(name: str, draw: Draw, guidance_scale: float, count: int) -> None:
        start = time.process_time()
        task = Task("generator", manifest["study"], class_names, count, image_size)
        drawn = sample_images(draw, task, Pool(guidance_scale=guidance_scale), BATCH)
        cost = 1000 * (time.process_time() - start) / count
        quality = quality_table({name: (drawn.images, drawn.labels)}, **real, embed=features)
        show_quality(name, f"{guidance_scale:g}", f"{cost:.1f}", quality)

    for setting in arguments.train:
        steps, batch_size = map(int, setting.split("x"))
        start = time.process_time()
        settings = Diffusion(steps=steps, batch_size=batch_size)
        trained = train_diffusion(*real["generator"], class_names, settings, manifest["study"], 0)
        print(f"{setting}: {time.process_time() - start:.0f} s of training")
        show(setting, _stepwise(trained.pipeline, 8), 1.0, arguments.images)
    pipeline = ClassConditionalPipeline.load(arguments.study / "generator")
    if arguments.stock:
        show("stock DDPM, 1000 steps", stock_ddpm(pipeline), 1.0, arguments.stock)
        show("the same number of images in 8 steps", _stepwise(pipeline, 8), 1.0, arguments.stock)
    else:
        for guidance_scale, steps in SETTINGS:
            show(f"{steps} steps", _stepwise(pipeline, steps), guidance_scale, arguments.images)


def show_quality(name: str, guidance_scale: str, milliseconds: str, quality: pd.DataFrame) -> None:
    """Print a row: what is measured, guidance, CPU milliseconds per image, and the columns of `quality_table`."""
    row = quality.iloc[0]
    print(
        f"| {name} | {guidance_scale} | {milliseconds} | {row.classifier_accuracy:.3f} | {row.vendi_ratio_pixel:.2f} | "
        f"{row.vendi_ratio_embedding:.2f} | {row.embedding_distance:.4f} | {100 * row.memorised_fraction:.1f} |",
        flush=True,
    )


def _stepwise(pipeline: ClassConditionalPipeline, steps: int) -> Draw:
    return lambda batch: pipeline(batch.labels, batch.pool.guidance_scale, list(batch.generators), steps).images


def _real(study: Path, name: str) -> Labelled:
    return np.load(study / f"data/{name}/images.npy"), np.load(study / f"data/{name}/labels.npy")


def _encoder(study: Path) -> Callable[[np.ndarray], np.ndarray]:
    description = read_json(study / "backbone/backbone.json")
    encoder = load_backbone_state(description, load_file(study / "backbone/model.safetensors"))
    return partial(
        embed, encoder, mean=description["mean"], std=description["std"], input_size=description["input_size"]
    )


if __name__ == "__main__":
    main()
