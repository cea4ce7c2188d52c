"""Sets of corrupted images as CIFAR-10-C and ImageNet-C have them, written in miniature and read."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

import read_corruptions
from weightscape.data.corruption_files import CorruptionFiles
from weightscape.files import write_json

CLASSES = ("airplane", "bird", "cat")
N = 12


def value(kind: int, severity: int, image: int) -> int:
    """The grey of an image, which tells what it is."""
    return 100 * kind + 15 * severity + image


@pytest.fixture
def arrays(tmp_path: Path) -> Path:
    """Two kinds of CIFAR-10-C: n images at severity 1, then the same at severity 2 …, labels five times over."""
    for number, kind in enumerate(("fog", "saturate")):
        greys = [value(number, severity, image) for severity in range(1, 6) for image in range(N)]
        images = np.broadcast_to(np.array(greys, np.uint8)[:, None, None, None], (5 * N, 32, 32, 3))
        np.save(tmp_path / f"{kind}.npy", images)
    np.save(tmp_path / "labels.npy", np.tile(np.arange(N) % 3, 5))
    return tmp_path


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """One kind of ImageNet-C: ``<kind>/<severity>/<class>/<image>.JPEG``."""
    for severity in range(1, 6):
        for image in range(N):
            folder = tmp_path / "fog" / str(severity) / CLASSES[image % 3]
            folder.mkdir(parents=True, exist_ok=True)
            grey = np.full((40, 50, 3), value(0, severity, image), np.uint8)
            Image.fromarray(grey).save(folder / f"ILSVRC2012_val_{image:08}.JPEG", quality=95)
    return tmp_path


def files(path: Path, **changes: object) -> CorruptionFiles:
    settings = {"path": str(path), "kinds": ["fog"], "severities": [1, 3, 5], "images": 6}
    return CorruptionFiles.model_validate(settings | changes)


@pytest.fixture(params=["arrays", "folders"])
def path(request: pytest.FixtureRequest) -> Path:
    return request.getfixturevalue(request.param)


def test_the_same_images_are_drawn_at_every_severity_with_their_labels(path):
    found = files(path)
    assert found.problem(CLASSES) is None
    drawn = []
    for severity in (1, 3, 5):
        images, labels = found.load("fog", severity, 16, CLASSES, "study")
        assert images.shape == (6, 16, 16, 3)
        assert images.dtype == np.uint8
        assert labels.dtype == np.int64
        assert np.bincount(labels).tolist() == [2, 2, 2]
        numbers = np.rint(images.mean(axis=(1, 2, 3))).astype(int) - value(0, severity, 0)
        assert (numbers % 3 == labels).all()
        drawn.append(numbers.tolist())
    assert drawn[0] == drawn[1] == drawn[2]


def test_labels_are_those_of_the_classes_that_the_config_names(arrays):
    _, labels = files(arrays, images=N).load("saturate", 2, 32, CLASSES, "study")
    _, other = files(arrays, images=N, classes=["cat", "airplane", "bird"]).load("saturate", 2, 32, CLASSES, "study")
    assert labels.tolist() == [0, 1, 2] * 4
    assert other.tolist() == [2, 0, 1] * 4


def test_the_script_writes_a_set_for_each_kind_and_severity(arrays, tmp_path):
    write_json({"class_names": CLASSES}, tmp_path / "manifest.json")
    names = [(kind, severity) for kind in ("fog", "saturate") for severity in (2, 4)]
    outputs = {
        part: [tmp_path / "out" / f"files-{kind}-{severity}" / f"{part}.npy" for kind, severity in names]
        for part in ("images", "labels")
    }
    given = {"path": str(arrays), "kinds": ["fog", "saturate"], "severities": [2, 4], "images": N}
    read_corruptions.main(
        SimpleNamespace(
            input=SimpleNamespace(manifest=tmp_path / "manifest.json"),
            output=SimpleNamespace(**outputs),
            params=SimpleNamespace(files=given, image_size=32, study="study"),
            log=[tmp_path / "log"],
            rule="read_corruptions",
        )
    )
    for (kind, severity), image_path in zip(names, outputs["images"], strict=True):
        greys = np.load(image_path)[:, 0, 0, 0]
        assert greys.tolist() == [value(("fog", "saturate").index(kind), severity, image) for image in range(N)]


def short_array(path: Path) -> None:
    np.save(path / "fog.npy", np.zeros((N, 32, 32, 3), np.uint8))


def high_label(path: Path) -> None:
    np.save(path / "labels.npy", np.full(5 * N, 7))


PROBLEMS: list[tuple[dict, Callable[[Path], None] | None, str]] = [
    ({"path": "/nowhere"}, None, r".path = '/nowhere': no such folder"),
    ({"kinds": ["fogs"]}, None, r".kinds[0] = 'fogs'; allowed: what {path} has, fog, saturate"),
    ({"images": 13}, None, r".images = 13: at most the 12 of a severity"),
    ({"classes": ["dog"]}, None, r".classes has 'dog'; allowed: the study's classes, airplane, bird, cat"),
    ({}, high_label, r".path: labels.npy has the label 7; allowed: 0 … 2, for 3 classes"),
    ({}, short_array, ".path: fog.npy holds uint8 of shape (12, 32, 32, 3); allowed: uint8 of shape (60, "),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "damage", "message"), PROBLEMS)
def test_what_is_wrong_with_arrays_is_said(arrays, changes, damage, message):
    if damage:
        damage(arrays)
    problem = files(**{"path": arrays, **changes}).problem(CLASSES)
    assert problem
    assert problem.startswith(message.replace("{path}", str(arrays)))


def test_what_is_wrong_with_folders_is_said(folders):
    assert (
        files(folders, classes=["cat"]).problem(CLASSES)
        == ".classes: is for arrays; folders are named as their classes"
    )
    assert files(folders, images=13).problem(CLASSES) == ".images = 13: at most the 12 of a severity"
    assert "has the class 'cat', which the study has not" in str(files(folders).problem(CLASSES[:2]))
    (folders / "snow").mkdir()
    assert "snow/1: no such folder" in str(files(folders, kinds=["snow"]).problem(CLASSES))
