"""What the diffusion kind makes of photographs: quality by guidance scale and by class, and a sheet of images.

Run as ``OMP_NUM_THREADS=1 PYTHONPATH=workflow/scripts python benchmarks/photographs.py FOLDER [KEY=VALUE …]``, where
FOLDER/train and FOLDER/test have a folder of images per class; prints the tables of docs/generator.md. The first 200
images of each class train the generator, the others the classifier that judges it, and the test images are unseen real
ones. Keys of the config's section `generator` may be given; the others are the defaults for the images' colour.
"""

import argparse
import time
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from PIL import Image

from weightscape.backbone_source import BACKBONES
from weightscape.diversity.embedding import embed
from weightscape.generator.classifier import Embed, Labelled
from weightscape.generator.generator import Batch, Task
from weightscape.generator.kinds.diffusion import Diffusion
from weightscape.generator.pool import Pool
from weightscape.generator.quality import Real, quality_tables
from weightscape.generator.sampling import sample_images
from weightscape.generator.training import train_diffusion
from weightscape.pretrained import load_backbone
from weightscape.torch_job import start_torch

PER_CLASS = 200
GUIDANCE_SCALES = (1.0, 2.0)
COLUMNS = (
    "classifier_accuracy", "recognised_share", "recognised_share_low", "memorised_fraction", "vendi_ratio_pixel",
    "vendi_ratio_embedding", "precision", "recall", "frechet_distance", "kernel_distance",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("keys", nargs="*", metavar="KEY=VALUE", help="keys of generator, such as steps=1000")
    parser.add_argument("--images", type=int, default=300, help="synthetic images per guidance scale")
    parser.add_argument("--input-size", type=int, default=96, help="side at which the frozen encoder sees the images")
    parser.add_argument("--sheet", type=Path, help="where to save a sheet of images (PNG)")
    arguments = parser.parse_args()
    start_torch(1)
    keys = {key: yaml.safe_load(value) for key, value in (text.split("=") for text in arguments.keys)}
    settings = Diffusion(**keys)
    class_names = sorted(path.name for path in (arguments.folder / "train").iterdir())
    train, test = (read(arguments.folder / part, class_names) for part in ("train", "test"))
    places = np.concatenate([np.flatnonzero(train[1] == label)[:PER_CLASS] for label in range(len(class_names))])
    rest = np.setdiff1d(np.arange(len(train[1])), places)
    seen, unseen = ((train[0][part], train[1][part]) for part in (places, rest))
    start = time.process_time()
    pipeline = train_diffusion(*seen, class_names, settings, "photographs", 0).pipeline
    chosen = settings.chosen(pipeline.image_channels)
    print(f"{chosen.steps} steps: {time.process_time() - start:.0f} s of CPU", flush=True)

    def draw(batch: Batch) -> np.ndarray:
        scale = batch.pool.guidance_scale
        return pipeline(batch.labels, scale, list(batch.generators), chosen.sampling_steps).images

    pools = {}
    for scale in GUIDANCE_SCALES:
        start = time.process_time()
        task = Task("generator", "photographs", class_names, arguments.images, seen[0].shape[1])
        drawn = sample_images(draw, task, Pool(guidance_scale=scale), settings.sampling_batch_size)
        pools[f"guidance {scale:g}"] = (drawn.images, drawn.labels)
        cost = 1000 * (time.process_time() - start) / arguments.images
        print(f"guidance {scale:g}: {cost:.0f} ms of CPU an image", flush=True)
    quality, classes = quality_tables(pools, Real(unseen, seen, test), encoder(arguments.input_size), class_names, 0.5)
    show(quality.set_index("pool")[[*COLUMNS, "outcome"]])
    show(classes.pivot_table(index="pool", columns="class_name", values="classifier_accuracy", sort=False))
    if arguments.sheet:
        Image.fromarray(sheet(pools, len(class_names))).save(arguments.sheet)


def read(folder: Path, class_names: list[str]) -> Labelled:
    """Return the images of a folder with a folder per class, in the order of their names."""
    files = [(path, label) for label, name in enumerate(class_names) for path in sorted((folder / name).iterdir())]
    images = np.stack([np.asarray(Image.open(path).convert("RGB")) for path, _ in files])
    return images, np.array([label for _, label in files], np.int64)


def encoder(input_size: int) -> Embed:
    """Return the frozen EfficientNet-Lite0 with its ImageNet weights."""
    model, description = load_backbone(BACKBONES.parse({"name": "efficientnet_lite0", "input_size": input_size}))
    mean, std, size = description.normalisation
    return partial(embed, model, mean=mean, std=std, input_size=size)


def show(table: pd.DataFrame) -> None:
    """Print a table as Markdown."""
    print(f"| | {' | '.join(map(str, table.columns))} |\n|{' --- |' * (len(table.columns) + 1)}")
    for name, row in table.iterrows():
        cells = [value if isinstance(value, str) else f"{value:.3g}" for value in row]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


def sheet(pools: dict[str, Labelled], classes: int, rows: int = 4) -> np.ndarray:
    """Return the first images of every class, a column each, pool below pool."""
    bands = [
        np.concatenate([np.concatenate(list(images[labels == label][:rows])) for label in range(classes)], axis=1)
        for images, labels in pools.values()
    ]
    return np.concatenate(bands).repeat(3, axis=0).repeat(3, axis=1)


if __name__ == "__main__":
    main()
