"""The studies that ship: each can be loaded, and each of its conditions trains, in miniature."""

import os
from pathlib import Path

import clip_towers  # noqa: F401  (registers small towers of CLIP)
import numpy as np
import pytest
import yaml
from PIL import Image

from weightscape.backbone import initial_state
from weightscape.backbone_source import BACKBONES
from weightscape.config.load import load_study
from weightscape.estimate.work import count_work
from weightscape.pretrained import load_backbone
from weightscape.training.datasets import LabelledImages, SyntheticPool, assemble
from weightscape.training.finetune import finetune

CONFIG = Path(__file__).parents[2] / "config"
PAPER = sorted(path.stem for path in (CONFIG / "paper").glob("*.yaml"))
CLIP = [name for name in PAPER if "resnet18" not in name]


def read(name):
    return yaml.safe_load((CONFIG / f"{name}.yaml").read_text(encoding="utf-8"))


def place_images(root):
    """Put down what the configs read: the same small picture under as many names as they need."""
    picture = root / "picture.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (8, 8, 3), np.uint8)).save(picture)

    def fill(folder, count):
        folder.mkdir(parents=True)
        for index in range(count):
            os.link(picture, folder / f"{index}.png")

    domainnet = read("paper/domainnet_rn50")["data"]["source"]
    for name in domainnet["classes"]:
        fill(root / "data/domainnet/real" / name, 300)
        for domain in domainnet["ood_domains"]:
            fill(root / "data/domainnet" / domain / name, 1)
    for index in range(10):
        fill(root / f"data/photos/train/class{index}", 300)
        fill(root / f"data/photos/test/class{index}", 100)
    cars(root / "data/stanford_cars", picture)


def cars(folder, picture):
    """Write Stanford Cars with its numbers of images and classes."""
    from scipy.io import savemat

    (folder / "devkit").mkdir(parents=True)
    classes = np.array([f"Model {index}" for index in range(196)], object)
    savemat(folder / "devkit/cars_meta.mat", {"class_names": classes})
    parts = {"train": ("devkit/cars_train_annos.mat", 8144), "test": ("cars_test_annos_withlabels.mat", 8041)}
    for part, (file, count) in parts.items():
        rows = [(1, 1 + index % 196, f"{index:05d}.png") for index in range(count)]
        fields = [("bbox_x1", "i4"), ("class", "i4"), ("fname", "O")]
        savemat(folder / file, {"annotations": np.array(rows, fields)})
        (folder / f"cars_{part}").mkdir()
        for _, _, name in rows:
            os.link(picture, folder / f"cars_{part}" / name)


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    root = tmp_path_factory.mktemp("shipped")
    place_images(root)
    return root


@pytest.mark.parametrize("name", [*(f"paper/{name}" for name in PAPER), "photos", "doses", "digits"])
def test_a_shipped_study_is_one(name, images, monkeypatch):
    monkeypatch.chdir(images)
    study = load_study(read(name), name)
    work = count_work(study)
    assert work.runs == len(study.conditions) * study.seeds.count
    assert work.steps > 0


def test_the_studies_of_clip_have_the_same_conditions_and_training():
    """What differs is the data, the network, and how many images there are."""
    first = read(f"paper/{CLIP[0]}")
    for name in CLIP[1:]:
        other = read(f"paper/{name}")
        assert other["conditions"] == first["conditions"]
        assert other["claims"] == first["claims"]
        assert {**other["training"], "images": 0} == {**first["training"], "images": 0}


@pytest.mark.parametrize("name", PAPER)
def test_the_papers_training_is_kept(name):
    """Adam with L2, rate 1e-5, batches of 32, 5 epochs; four rates of dropout, six decays, ten augmentations."""
    study = read(f"paper/{name}")
    training = study["training"]
    assert {key: training[key] for key in ("epochs", "batch_size", "optimizer", "learning_rate", "schedule")} == {
        **{"epochs": 5, "batch_size": 32, "optimizer": "adam", "learning_rate": 1e-5, "schedule": "constant"}
    }
    conditions = study["conditions"]
    assert conditions["dropout"]["doses"] == [0.1, 0.3, 0.5, 0.7]
    assert conditions["weight_decay_l2"]["doses"] == [1e-5, 5e-5, 1e-4, 5e-4, 1e-3, 5e-3]
    kinds = {"autoaugment", "randaugment", "augmix", "trivialaugment", "auto1", "auto2", "auto3"}
    assert kinds < set(conditions)
    assert conditions["noise"]["doses"] == [0.01, 0.03, 0.05]
    assert study["seeds"]["count"] >= 8


TINY = {
    "paper/cifar10_rn50": ("tiny_clip_resnet", 64),
    "paper/cifar10_vit": ("tiny_clip_vit", 32),
    "paper/cifar10_resnet18": ("test_resnet", 32),
    "photos": ("test_resnet", 32),
    "doses": ("test_resnet", 32),
}
"""Small networks of the same kind, and the sides of their inputs."""


@pytest.mark.parametrize("name", TINY)
def test_every_condition_of_a_shipped_study_trains_in_miniature(name, images, monkeypatch):
    monkeypatch.chdir(images)
    raw = read(name)
    raw["training"] |= {"images": 16, "epochs": 1, "batch_size": 4, "device": "cpu"}
    raw["data"]["image_size"] = 16
    # Every weight and image of a condition is drawn here; the encoder and the generator are tested elsewhere.
    raw["encoder"] = {"name": "efficientnet_lite0", "input_size": 32}
    if "generator" in raw:
        raw["generator"] = {"kind": "diffusion", "images": raw["generator"]["images"]}
    raw["backbone"] = {"name": "scratch", "architecture": "test_resnet", "input_size": 32}
    study = load_study(raw, name)
    architecture, size = TINY[name]
    _, description = load_backbone(
        BACKBONES.parse({"name": "scratch", "architecture": architecture, "input_size": size})
    )
    state = initial_state(description, 0)
    random = np.random.default_rng(0)

    def draw(count):
        return random.integers(0, 256, (count, 16, 16, 3), np.uint8), random.integers(0, 10, count)

    pool, synthetic = LabelledImages(*draw(80)), SyntheticPool(*draw(80), np.full(80, -1))
    states = {}
    for condition in study.conditions:
        training = assemble(condition.treatment, pool, synthetic, 16, study.name, 0)
        run = finetune(
            condition.treatment, study.training, description, state, training, pool.take(np.arange(4)), 10,
            study.name, condition.stream_seed(0), replicate=condition.replicate,
        )  # fmt: skip
        states[condition.name] = run.state
        assert np.isfinite(run.history["train_loss"]).all()
    baseline = states.pop("baseline")
    for condition, trained in states.items():
        changed = any(not baseline[key].equal(trained[key]) for key in trained)
        assert changed, f"{condition} trains as the baseline does"
