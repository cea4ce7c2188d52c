"""The scripts from arrays to the quality table, on grey digits and on colour photographs."""

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

import filter_pool
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
    for index, name in enumerate(("unseen", "seen", "test")):
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
                images=paths["seen_images"], labels=paths["seen_labels"],
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


def measure(folder, paths, pools, class_names, threshold=0.5, rejected=()):
    tables = {name: folder / f"{name}.parquet" for name in ("table", "classes")}
    generator_quality.main(
        SimpleNamespace(
            rule="generator_quality",
            input=SimpleNamespace(
                **paths,
                **write_encoder(folder),
                rejected=list(rejected),
                manifest=write_manifest(folder, class_names),
                synthetic_images=[pool.images for pool in pools.values()],
                synthetic_labels=[pool.labels for pool in pools.values()],
            ),
            output=SimpleNamespace(**tables, csv=folder / "quality.csv", classes_csv=folder / "classes.csv"),
            params=SimpleNamespace(
                pools=[{**pool.columns(), "learnt_from": "pool"} for pool in pools],
                filtered=[pool.name for pool in pools][: len(rejected)],
                threshold=threshold,
                device="cpu",
            ),
            threads=1,
            log=[folder / "quality.log"],
        )
    )
    return tuple(pd.read_parquet(path) for path in tables.values())


def filter_drawn(folder, paths, drawn, class_names, settings, n_images):
    output = SimpleNamespace(**{name: folder / f"kept-{name}.npy" for name in ("images", "labels", "sources")})
    output.rejected = folder / "rejected.parquet"
    filter_pool.main(
        SimpleNamespace(
            rule="filter_pool",
            input=SimpleNamespace(
                drawn_images=drawn.images,
                drawn_labels=drawn.labels,
                drawn_sources=drawn.sources,
                seen_images=paths["seen_images"],
                seen_labels=paths["seen_labels"],
                validation_images=paths["test_images"],
                validation_labels=paths["test_labels"],
                manifest=write_manifest(folder, class_names),
                **write_encoder(folder),
            ),
            output=output,
            params=SimpleNamespace(filter=settings, n_images=n_images, device="cpu"),
            threads=1,
            log=[folder / "filter.log"],
        )
    )
    return output


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
    table = measure(tmp_path, paths, drawn, class_names)[0].set_index("guidance_scale")
    assert table.loc[2.0, "classifier_accuracy"] > 0.8
    assert table.loc[2.0, "classifier_accuracy"] >= table.loc[1.0, "classifier_accuracy"]
    assert (table["memorised_fraction"] < 0.1).all()
    assert (table["outcome"] == "recognised").all()
    assert "WARNING" not in (tmp_path / "quality.log").read_text()
    losses = pd.read_csv(generator.training)["loss"]
    assert losses[-30:].mean() < 0.4 * losses[:30].mean()


def spoilt(folder, digits, n_images=300, every=3):
    """Write a pool of real digits of which one in `every` has the label of another class."""
    labels = np.arange(n_images) % 10
    order = np.concatenate([np.flatnonzero(digits[1] == label)[: n_images // 10] for label in range(10)])
    images = digits[0][order].reshape(10, -1, 16, 16, 3).swapaxes(0, 1).reshape(-1, 16, 16, 3)
    wrong = np.arange(n_images) % every == 0
    images[wrong] = np.roll(images[wrong], 1, axis=0)
    arrays = {"images": images, "labels": labels, "sources": np.arange(n_images)}
    drawn = SimpleNamespace(**{name: folder / f"drawn-{name}.npy" for name in arrays})
    for name, array in arrays.items():
        np.save(getattr(drawn, name), array)
    return drawn, wrong


def test_the_filter_leaves_out_images_of_another_class(digits, class_names, tmp_path):
    drawn, wrong = spoilt(tmp_path, digits)
    paths = write_sets(tmp_path, digits[0][400:], digits[1][400:])
    kept = filter_drawn(tmp_path, paths, drawn, class_names, {"probability": 0.3, "drawn": 3.0}, 100)
    images = np.load(kept.images)
    np.testing.assert_array_equal(np.load(kept.labels), np.arange(100) % 10)
    np.testing.assert_array_equal(images, np.load(drawn.images)[np.load(kept.sources)])
    spoilt_images = {image.tobytes() for image in np.load(drawn.images)[wrong]}
    assert sum(image.tobytes() in spoilt_images for image in images) <= 2
    rejected = pd.read_parquet(kept.rejected)
    assert rejected["class_name"].astype(str).tolist() == class_names
    assert rejected["drawn"].tolist() == [30] * 10
    assert rejected["rejected"].mean() == pytest.approx(1 / 3, abs=0.15)
    assert "images rejected" in (tmp_path / "filter.log").read_text()
    # The table of classes says it too.
    _, classes = measure(tmp_path, paths, {Pool(guidance_scale=1.0): kept}, class_names, rejected=[kept.rejected])
    of_pool = classes[classes["pool"] == "guidance-1"]
    assert of_pool["rejected"].tolist() == pytest.approx(rejected["rejected"].tolist())


def test_a_pool_that_is_not_recognised_is_said_in_the_log(digits, class_names, tmp_path):
    paths = write_sets(tmp_path, *digits)
    noise = SimpleNamespace(images=tmp_path / "noise.npy", labels=tmp_path / "labels.npy")
    np.save(noise.images, np.random.default_rng(0).integers(0, 256, (100, 16, 16, 3), np.uint8))
    np.save(noise.labels, np.arange(100) % 10)
    quality, _ = measure(tmp_path, paths, {Pool(guidance_scale=2.0): noise}, class_names)
    assert quality["outcome"].tolist() == ["recognised", "not recognised"]
    log = (tmp_path / "quality.log").read_text()
    assert "WARNING guidance-2: not recognised, so claim 2 gets no verdict" in log
    assert "claims.recognised = 0.5" in log


@pytest.mark.slow
def test_colour_photographs_are_learnt_in_colour(photographs, tmp_path):
    settings = Diffusion(
        steps=120, batch_size=16, channels=[16, 32], sampling_steps=10, learning_rate=2e-3, ema_decay=0.95
    )
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
