"""Pools by the scripts of the rules: images from a folder, variants of real ones, pools in parts."""

import logging
import sys
from dataclasses import asdict
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from tiny_pipelines import save_stable_diffusion

import join_pool
import sample_generator
from weightscape.data.imageset import NO_CLASS
from weightscape.files import write_json
from weightscape.generator.generator import GENERATORS
from weightscape.generator.pool import Pool

FILES = ("images", "labels", "sources")


@pytest.fixture(autouse=True)
def _logging_as_before(monkeypatch):
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.captureWarnings(False)
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


@pytest.fixture
def folder(tmp_path):
    """Ten images each of cats and dogs."""
    for name in ("cat", "dog"):
        (tmp_path / "made" / name).mkdir(parents=True)
        for number in range(10):
            Image.new("RGB", (16, 16), (number, 0, 0)).save(tmp_path / "made" / name / f"{number}.png")
    return tmp_path


def sample(folder, class_names, part, pool=None, settings=None, name="pool", **inputs):
    """Run the script and return what it wrote, by name."""
    settings = GENERATORS.parse(settings or {"kind": "folder", "path": str(folder / "made")})
    write_json({"class_names": class_names}, folder / "manifest.json")
    output = SimpleNamespace(**{file: folder / name / f"{file}.npy" for file in FILES})
    sample_generator.main(
        SimpleNamespace(
            rule="sample_generator",
            input=SimpleNamespace(manifest=folder / "manifest.json", **inputs),
            output=output,
            params=SimpleNamespace(
                settings=settings.params("sampling"), key="generator", pool=asdict(pool or Pool()), part=part,
                image_size=16, study="study", device="cpu", torch_threads=1, code="code", contents=[],
                scratch=folder / "scratch",
            ),
            log=[folder / "sample.log"],
        )
    )  # fmt: skip
    assert not (folder / "scratch").exists()
    return {file: np.load(path) for file, path in vars(output).items()}


def test_images_of_a_folder_have_the_labels_of_their_classes(folder):
    drawn = sample(folder, ["dog", "cat"], [0, 20])
    assert drawn["labels"].tolist() == [0, 1] * 10
    assert drawn["sources"].tolist() == [-1] * 20
    assert sorted(drawn["images"][:, 0, 0, 0]) == sorted([*range(10)] * 2)


def test_images_of_other_classes_have_none_of_the_study(folder):
    drawn = sample(folder, ["cow", "horse", "sheep"], [0, 20])
    assert drawn["labels"].tolist() == [NO_CLASS] * 20
    assert sorted(drawn["images"][:, 0, 0, 0]) == sorted([*range(10)] * 2)


def test_parts_are_joined_to_the_pool_that_one_job_would_draw(folder):
    # A folder is read in batches of 100, so a part starts at a multiple of it.
    for name in ("cat", "dog"):
        for number in range(10, 110):
            Image.new("RGB", (16, 16), (number, 1, 0)).save(folder / "made" / name / f"{number}.png")
    whole = sample(folder, ["cat", "dog"], [0, 210])
    parts = [[0, 100], [100, 200], [200, 210]]
    for number, part in enumerate(parts):
        sample(folder, ["cat", "dog"], part, name=f"part-{number}")
    output = SimpleNamespace(**{file: folder / "joined" / f"{file}.npy" for file in FILES})
    join_pool.main(
        SimpleNamespace(
            rule="join_pool",
            input=SimpleNamespace(
                **{file: [folder / f"part-{number}" / f"{file}.npy" for number in range(len(parts))] for file in FILES}
            ),
            output=output,
            log=[folder / "join.log"],
        )
    )
    for file, path in vars(output).items():
        assert np.array_equal(np.load(path), whole[file])


def test_variants_are_made_of_the_training_pool(folder):
    pytest.importorskip("transformers", reason="img2img needs the extra text2image")
    random = np.random.default_rng(0)
    np.save(folder / "images.npy", random.integers(0, 256, (3, 16, 16, 3), np.uint8))
    np.save(folder / "labels.npy", np.array([1, 1, 0]))
    settings = {
        "kind": "img2img", "model": save_stable_diffusion(folder / "sd"), "prompts": ["a {class_name}"],
        "sampling_steps": 2, "sampling_batch_size": 2,
    }  # fmt: skip
    pool = Pool(guidance_scale=2.0, strength=0.5)
    real = {"train_images": folder / "images.npy", "train_labels": folder / "labels.npy"}
    drawn = sample(folder, ["cat", "dog"], [0, 5], pool, settings, **real)
    assert drawn["sources"].tolist() == [0, 1, 2, 0, 1]
    assert drawn["labels"].tolist() == [1, 1, 0, 1, 1]
    assert len({image.tobytes() for image in drawn["images"]}) == 5
