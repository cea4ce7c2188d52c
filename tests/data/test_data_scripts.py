"""The scripts of the data rules, called as Snakemake calls them."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import corrupt_test
import prepare_ood
import prepare_splits
from weightscape.data.splits import SPLITS, check_disjoint
from weightscape.files import array_sha256, file_sha256, read_json


class Named(dict):
    """Names with values, read as attributes or items, like Snakemake's."""

    __getattr__ = dict.__getitem__


@pytest.fixture
def job(tmp_path: Path) -> Callable[..., SimpleNamespace]:
    def make(inputs: dict, outputs: dict, params: dict) -> SimpleNamespace:
        return SimpleNamespace(
            input=Named(inputs), output=Named(outputs), params=Named(params), log=[tmp_path / "log"], rule="rule"
        )

    return make


@pytest.fixture
def prepare(job, image_tree, tmp_path) -> Callable[[str], Named]:
    path = image_tree({"images/cat": 20, "images/dog": 20})

    def run(folder: str) -> Named:
        outputs = Named(manifest=tmp_path / folder / "manifest.json")
        for split in SPLITS:
            outputs[f"{split}_images"] = tmp_path / folder / split / "images.npy"
            outputs[f"{split}_labels"] = tmp_path / folder / split / "labels.npy"
        params = {
            "source": {"name": "image_folder", "path": str(path / "images")},
            "image_size": 8,
            "splits": {"test": 10, "validation": 6, "generator": 8, "train": 16},
            "study": "study",
        }
        prepare_splits.main(job({}, outputs, params))
        return outputs

    return run


def test_prepare_splits_writes_arrays_that_the_manifest_describes(prepare):
    outputs = prepare("data")
    manifest = read_json(outputs.manifest)
    arrays = {split: np.load(outputs[f"{split}_images"]) for split in SPLITS}
    check_disjoint(arrays)
    for split in SPLITS:
        assert manifest["sets"][split]["images_sha256"] == array_sha256(arrays[split])
        labels = np.load(outputs[f"{split}_labels"])
        assert manifest["sets"][split]["labels_sha256"] == array_sha256(labels)
        assert labels.dtype == np.int64


def test_two_runs_of_prepare_splits_write_the_same_bytes(prepare):
    first, second = prepare("first"), prepare("second")
    assert {name: file_sha256(path) for name, path in first.items()} == {
        name: file_sha256(path) for name, path in second.items()
    }


def test_prepare_ood_writes_labels_of_the_study_and_leaves_out_its_images(prepare, job, image_tree, tmp_path):
    data = prepare("data")
    path = image_tree({"other/dog": 3})
    outputs = Named(images=tmp_path / "ood" / "images.npy", labels=tmp_path / "ood" / "labels.npy")
    source = {"name": "image_folder", "path": str(path / "other")}
    params = {"source": source, "image_size": 8, "others": ["test"], "images": None, "name": "ood", "study": "study"}
    inputs = {"manifest": data.manifest, "others": [data.test_images]}
    prepare_ood.main(job(inputs, outputs, params))
    assert np.load(outputs.labels).tolist() == [1, 1, 1]
    images = np.load(outputs.images)
    assert images.shape == (3, 8, 8, 3)

    np.save(tmp_path / "earlier.npy", np.concatenate([images[1:2], np.load(data.train_images)[:2]]))
    prepare_ood.main(job(inputs | {"others": [tmp_path / "earlier.npy"]}, outputs, params | {"others": ["earlier"]}))
    assert np.array_equal(np.load(outputs.images), images[[0, 2]])
    assert np.load(outputs.labels).tolist() == [1, 1]
    assert "left out 1 images that earlier has as well" in (tmp_path / "log").read_text()


def test_a_part_of_an_out_of_distribution_set_has_its_classes_in_proportion(prepare, job, image_tree, tmp_path):
    data = prepare("data")
    path = image_tree({"other/cat": 8, "other/dog": 24})

    def drawn(number: int | None, name: str = "ood") -> tuple[np.ndarray, np.ndarray]:
        outputs = Named(images=tmp_path / "ood" / "images.npy", labels=tmp_path / "ood" / "labels.npy")
        params = {"source": {"name": "image_folder", "path": str(path / "other")}, "image_size": 8, "others": []}
        params |= {"images": number, "name": name, "study": "study"}
        prepare_ood.main(job({"manifest": data.manifest, "others": []}, outputs, params))
        return np.load(outputs.images), np.load(outputs.labels)

    images, labels = drawn(None)
    few, few_labels = drawn(8)
    assert np.bincount(few_labels).tolist() == [2, 6]
    places = [[(image == known).all() for known in images].index(True) for image in few]
    assert places == sorted(set(places))
    assert labels[places].tolist() == few_labels.tolist()
    assert np.array_equal(drawn(8)[0], few)
    assert not np.array_equal(drawn(8, "another")[0], few)
    assert np.array_equal(drawn(100)[0], images)


def test_the_training_data_under_another_path_are_refused(prepare, job, tmp_path):
    data = prepare("data")
    outputs = Named(images=tmp_path / "ood" / "images.npy", labels=tmp_path / "ood" / "labels.npy")
    source = read_json(data.manifest)["source"]
    params = {
        "source": source, "image_size": 8, "others": list(SPLITS), "images": None, "name": "ood", "study": "study",
    }  # fmt: skip
    inputs = {"manifest": data.manifest, "others": [data[f"{split}_images"] for split in SPLITS]}
    with pytest.raises(ValueError, match="40 of its 40 images have the same pixels as images of other sets"):
        prepare_ood.main(job(inputs, outputs, params))
    assert not outputs.images.exists()


def test_corrupt_test_writes_kinds_by_severities_of_the_same_images(prepare, job, tmp_path):
    data = prepare("data")
    sets = [(kind, severity) for kind in ("contrast", "blur") for severity in (1, 4)]
    outputs = Named(
        images=[tmp_path / f"test-{kind}-{severity}" / "images.npy" for kind, severity in sets],
        labels=[tmp_path / f"test-{kind}-{severity}" / "labels.npy" for kind, severity in sets],
    )
    params = {"corruptions": {"kinds": ["contrast", "blur"], "severities": [1, 4], "images": 6}, "study": "study"}
    corrupt_test.main(job({"images": data.test_images, "labels": data.test_labels}, outputs, params))
    labels = [np.load(path) for path in outputs.labels]
    assert all((each == labels[0]).all() for each in labels)
    assert np.bincount(labels[0]).tolist() == [3, 3]
    spread = [np.load(path).std() for path in outputs.images]
    assert spread[0] > 2 * spread[1]
    assert spread[1] < spread[3] < spread[2]
