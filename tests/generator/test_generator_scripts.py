"""The three scripts from arrays to the quality table, on grey digits and on colour photographs."""

import logging
import sys
from dataclasses import asdict, replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import timm
import torch
from PIL import Image
from safetensors.torch import save_file

import generator_quality
import sample_generator
import train_generator
from weightscape.backbone_source import BACKBONES
from weightscape.files import file_sha256, write_json
from weightscape.generator.kinds.diffusion import Diffusion
from weightscape.generator.pipeline import MODEL_FILES
from weightscape.generator.pool import Pool
from weightscape.pretrained import load_backbone


@pytest.fixture(autouse=True)
def _logging_as_before(monkeypatch):
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.captureWarnings(False)
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


@pytest.fixture(scope="session")
def photographs() -> tuple[np.ndarray, np.ndarray]:
    """Return 200 colour photographs of two classes, uint8 (n, 32, 32, 3), and their labels: crops of two pictures."""
    from sklearn.datasets import load_sample_image

    generator = np.random.default_rng(0)
    crops = []
    for picture in (load_sample_image("china.jpg"), load_sample_image("flower.jpg")):
        small = np.asarray(Image.fromarray(picture).resize((160, 106), Image.Resampling.BOX))
        corners = zip(generator.integers(0, 106 - 32, 100), generator.integers(0, 160 - 32, 100), strict=True)
        crops += [small[top : top + 32, left : left + 32] for top, left in corners]
    return np.stack(crops), np.arange(200) // 100


def write_sets(folder, images, labels):
    """Write three disjoint sets and return their paths by the names of the quality script's inputs."""
    paths = {}
    for index, name in enumerate(("train", "generator", "test")):
        for what, array in (("images", images), ("labels", labels.astype(np.int64))):
            paths[f"{name}_{what}"] = folder / f"{name}-{what}.npy"
            np.save(paths[f"{name}_{what}"], array[index::3])
    return paths


def write_manifest(folder, class_names):
    write_json({"class_names": list(class_names)}, folder / "manifest.json")
    return folder / "manifest.json"


def train(folder, paths, settings, class_names, threads=1):
    model = folder / "generator"
    output = SimpleNamespace(
        **dict(
            zip(
                ("model_index", "unet_config", "unet_weights", "scheduler_config"),
                (model / name for name in MODEL_FILES),
                strict=True,
            )
        ),
        training=model / "training.csv",
    )
    train_generator.main(
        SimpleNamespace(
            rule="train_generator",
            input=SimpleNamespace(
                manifest=write_manifest(folder, class_names),
                images=paths["generator_images"], labels=paths["generator_labels"],
            ),
            output=output,
            params=SimpleNamespace(
                settings=settings.params("training"), study="study", seed=0, device="cpu", torch_threads=threads,
                scratch=folder / "scratch", code="code",
            ),
            log=[folder / "train.log"],
        )
    )  # fmt: skip
    return output


def sample(folder, generator, settings, class_names, pool, n_images, image_size):
    output = SimpleNamespace(**{name: folder / f"{pool.name}-{name}.npy" for name in ("images", "labels", "sources")})
    sample_generator.main(
        SimpleNamespace(
            rule="sample_generator",
            input=SimpleNamespace(manifest=write_manifest(folder, class_names), **vars(generator)),
            output=output,
            params=SimpleNamespace(
                settings=settings.params("sampling"), key="generator", pool=asdict(pool), part=[0, n_images],
                image_size=image_size, study="study", device="cpu", torch_threads=1, code="code", contents=[],
                scratch=folder / "scratch",
            ),
            log=[folder / "sample.log"],
        )
    )  # fmt: skip
    return output


def write_encoder(folder):
    """Write timm's smallest network, untrained, and return its paths by the names of the quality script's inputs."""
    torch.manual_seed(0)
    save_file(timm.create_model("test_efficientnet", num_classes=0).state_dict(), folder / "encoder.safetensors")
    description = load_backbone(BACKBONES.parse({"name": "scratch", "architecture": "test_efficientnet"}))[1]
    write_json(replace(description, input_size=32).to_json(), folder / "encoder.json")
    return {"encoder": folder / "encoder.safetensors", "description": folder / "encoder.json"}


def measure(folder, paths, pools):
    generator_quality.main(
        SimpleNamespace(
            rule="generator_quality",
            input=SimpleNamespace(
                **paths,
                **write_encoder(folder),
                synthetic_images=[pool.images for pool in pools.values()],
                synthetic_labels=[pool.labels for pool in pools.values()],
            ),
            output=SimpleNamespace(table=folder / "quality.parquet", csv=folder / "quality.csv"),
            params=SimpleNamespace(pools=[pool.columns() for pool in pools], device="cpu"),
            threads=1,
            log=[folder / "quality.log"],
        )
    )
    return pd.read_parquet(folder / "quality.parquet")


def test_two_runs_give_the_same_files_and_leave_nothing_else_behind(digits, tiny, class_names, tmp_path):
    sums = []
    for run in ("first", "second"):
        folder = tmp_path / run
        folder.mkdir()
        paths = write_sets(folder, digits[0][:300], digits[1][:300])
        generator = train(folder, paths, tiny, class_names)
        pool = sample(folder, generator, tiny, class_names, Pool(guidance_scale=1.5), 6, 16)
        sums.append([file_sha256(path) for path in (*vars(generator).values(), *vars(pool).values())])
        assert not (folder / "scratch").exists()
        written = {str(path.relative_to(folder / "generator")) for path in (folder / "generator").rglob("*.*")}
        assert written == {*MODEL_FILES, "training.csv"}
    assert sums[0] == sums[1]


def test_the_training_log_has_a_line_per_twentieth_and_the_table_one_per_step(digits, tiny, class_names, tmp_path):
    paths = write_sets(tmp_path, digits[0][:300], digits[1][:300])
    settings = Diffusion(**{**tiny.model_dump(), "steps": 40, "channels": [8]})
    train(tmp_path, paths, settings, class_names)
    table = pd.read_csv(tmp_path / "generator" / "training.csv")
    assert table["step"].tolist() == list(range(1, 41))
    lines = [line for line in (tmp_path / "train.log").read_text().splitlines() if " of 40 " in line]
    assert len(lines) == 20
    assert "step 20 of 40 (50 %): loss" in lines[9]
    assert lines[9].endswith("s left")


@pytest.mark.slow
def test_digits_come_out_as_the_digits_that_were_asked_for(digits, class_names, tmp_path):
    settings = Diffusion(steps=300, batch_size=32, channels=[16, 32], sampling_steps=10)
    paths = write_sets(tmp_path, *digits)
    generator = train(tmp_path, paths, settings, class_names)
    pools = [Pool(guidance_scale=scale) for scale in (1.0, 2.0)]
    drawn = {pool: sample(tmp_path, generator, settings, class_names, pool, 200, 16) for pool in pools}
    table = measure(tmp_path, paths, drawn).set_index("guidance_scale")
    assert table.loc[2.0, "classifier_accuracy"] > 0.8
    assert table.loc[2.0, "classifier_accuracy"] >= table.loc[1.0, "classifier_accuracy"]
    assert (table["memorised_fraction"] < 0.1).all()
    losses = pd.read_csv(generator.training)["loss"]
    assert losses[-30:].mean() < 0.4 * losses[:30].mean()


@pytest.mark.slow
def test_colour_photographs_are_learnt_in_colour(photographs, tmp_path):
    settings = Diffusion(steps=120, batch_size=16, channels=[16, 32], sampling_steps=10)
    paths = write_sets(tmp_path, *photographs)
    generator = train(tmp_path, paths, settings, ["airplane", "frog"])
    pool = sample(tmp_path, generator, settings, ["airplane", "frog"], Pool(guidance_scale=2.0), 40, 32)
    images = np.load(pool.images)
    assert images.shape == (40, 32, 32, 3)
    assert (images != images[..., :1]).any()
    losses = pd.read_csv(generator.training)["loss"]
    assert losses[-20:].mean() < 0.6 * losses[:20].mean()
    sky, grass = images[0::2].mean((0, 1, 2)), images[1::2].mean((0, 1, 2))
    assert sky[2] - sky[0] > grass[2] - grass[0]
