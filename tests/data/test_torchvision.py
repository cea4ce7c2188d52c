"""Data sets that torchvision reads, written in miniature so that its own readers run."""

import gzip
import http.server
import threading
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import yaml
from pydantic import ValidationError
from torchvision_files import WRITERS, class_of, idx, sum_of, write_idx

import fetch_data
from weightscape.config.load import load_study
from weightscape.config.messages import ConfigError
from weightscape.data.published import PUBLISHED
from weightscape.data.resize import resize_frames
from weightscape.data.source import SOURCES
from weightscape.files import read_json


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    return folder


def source(name: str, root: Path, **keys):
    dataset, _, split = name.partition(" ")
    more = {"split": split} if split else {}
    return SOURCES.parse({"name": "torchvision", "dataset": dataset, "root": str(root), **more, **keys})


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_facts_and_images_are_those_of_the_files(name, tmp_path, monkeypatch):
    written = WRITERS[name](tmp_path, monkeypatch)
    entry = source(name, tmp_path)
    facts = entry.describe()
    assert facts.problem() is None
    assert facts.counts == {part: len(labels) for part, (_, labels) in written.items()}
    classes = range(len(facts.class_names))
    assert facts.class_counts == {
        part: [labels.count(label) for label in classes] for part, (_, labels) in written.items()
    }
    assert set(classes) == set(next(iter(written.values()))[1])

    first = next(iter(written.values()))[0]
    size = 16 if first.shape[1] == 1 else first.shape[1]
    dataset = entry.load(size)
    assert dataset.class_names == facts.class_names
    images = np.concatenate([images for images, _ in written.values()])
    if images.ndim == 3:
        images = np.repeat(images[..., None], 3, axis=3)
    assert dataset.labels.tolist() == [label for _, labels in written.values() for label in labels]
    # Files in JPEG give back a plain colour to within a few levels.
    assert np.abs(dataset.images.astype(int) - images).max() <= (8 if images.shape[1] == 1 else 0)
    held_out = [part == "test" for part, (_, labels) in written.items() for _ in labels]
    assert (dataset.held_out is None) == ("all" in written)
    assert dataset.held_out is None or dataset.held_out.tolist() == held_out


def test_every_data_set_is_read_by_a_test():
    assert {name.split()[0] for name in WRITERS} == {name.split()[0] for name in PUBLISHED}


def test_what_is_known_beforehand_fits_torchvisions_classes():
    for name, known in PUBLISHED.items():
        dataset, _, split = name.partition(" ")
        cls = class_of(dataset)
        classes = getattr(cls, "classes", None) if not split else cls.classes_split_dict[split]
        if known.counts:
            assert len(known.class_names) > 1, name
            assert len(set(known.class_names)) == len(known.class_names), name
            assert set(known.counts) == ({"train", "test"} if known.test else {"all"}), name
        if classes and known.class_names:
            classes = [text.split(" - ")[0] for text in classes if text != "N/A"]
            assert list(known.class_names) == classes, name


@pytest.mark.parametrize(
    ("name", "number"),
    [("CIFAR100", 100), ("DTD", 47), ("OxfordIIITPet", 37), ("Food101", 101), ("EMNIST balanced", 47), ("EuroSAT", 10)],
)
def test_published_class_lists_are_complete_and_in_order(name, number):
    names = PUBLISHED[name].class_names
    assert len(names) == number
    assert name.startswith("EMNIST") or list(names) == sorted(names)


def test_letters_stand_upright_and_begin_with_a(tmp_path, monkeypatch):
    WRITERS["EMNIST letters"](tmp_path, monkeypatch)
    facts = source("EMNIST letters", tmp_path).describe()
    assert facts.class_names[0] == "a"
    assert len(facts.class_names) == 26


def test_two_data_sets_in_the_same_files_are_two(tmp_path):
    letters, digits = source("EMNIST letters", tmp_path), source("EMNIST digits", tmp_path)
    assert not letters.is_same(digits)
    assert letters.is_same(source("EMNIST letters", tmp_path / "." / "x" / ".."))
    assert letters.is_same(source("EMNIST letters", tmp_path, download=True))
    assert not source("CIFAR10", tmp_path).is_same(source("STL10", tmp_path))
    assert not source("CIFAR10", tmp_path).is_same(SOURCES.parse({"name": "mnist5k"}))


def test_images_of_another_size_are_scaled(tmp_path, monkeypatch):
    images = WRITERS["KMNIST"](tmp_path, monkeypatch)["train"][0]
    dataset = source("KMNIST", tmp_path).load(16)
    assert dataset.images.shape == (40, 16, 16, 3)
    assert (dataset.images[:20, ..., 0] == resize_frames(images, 16)).all()


def test_facts_are_found_once_for_each_state_of_the_files(tmp_path, monkeypatch):
    import torchvision.datasets

    WRITERS["FashionMNIST"](tmp_path, monkeypatch)
    first = source("FashionMNIST", tmp_path).describe()
    with monkeypatch.context() as patch:
        patch.delattr(torchvision.datasets, "FashionMNIST")
        assert source("FashionMNIST", tmp_path).describe() == first
    labels = tmp_path / "FashionMNIST/raw/train-labels-idx1-ubyte"
    labels.write_bytes(idx(np.array([0] * 11 + list(range(1, 10)), np.uint8)))
    assert source("FashionMNIST", tmp_path).describe().class_counts["train"] == [11] + [1] * 9


def test_facts_are_found_without_a_folder_to_keep_them_in(tmp_path, monkeypatch):
    WRITERS["FashionMNIST"](tmp_path, monkeypatch)
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert source("FashionMNIST", tmp_path).describe().counts == {"train": 20, "test": 20}


def test_files_that_are_missing_are_said_with_where_and_how(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        source("CIFAR10", tmp_path).describe()
    assert str(caught.value) == (
        f"CIFAR10 is not in {tmp_path}: there is no {tmp_path}/cifar-10-batches-py; download: true downloads it where "
        "there is a network"
    )
    with pytest.raises(FileNotFoundError, match=r"there is no .*/stanford_cars$"):
        source("StanfordCars", tmp_path).describe()
    with pytest.raises(FileNotFoundError, match="CIFAR10 is not in"):
        source("CIFAR10", tmp_path, download=True).load(32)


def test_a_file_of_another_sum_is_refused(tmp_path, monkeypatch):
    WRITERS["CIFAR10"](tmp_path, monkeypatch)
    file = tmp_path / "cifar-10-batches-py/data_batch_3"
    file.write_bytes(file.read_bytes() + b"x")
    with pytest.raises(ValueError, match=r"CIFAR10 in .* cannot be read: Dataset not found or corrupted"):
        source("CIFAR10", tmp_path).describe()


def test_a_damaged_image_is_told(tmp_path, monkeypatch):
    WRITERS["Food101"](tmp_path, monkeypatch)
    (tmp_path / "food-101/images/pho/train1.jpg").write_text("no image")
    with pytest.raises(ValueError, match=r"Food101 in .*: image 4 cannot be read: .*pho/train1.jpg"):
        source("Food101", tmp_path).load(16)


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"dataset": "CIFAR"}, "Input should be 'CIFAR10'"),
        (
            {"dataset": "EMNIST"},
            "EMNIST needs the key split, one of balanced, byclass, bymerge, digits, letters, mnist",
        ),
        ({"dataset": "CIFAR10", "split": "digits"}, "EMNIST needs the key split"),
        ({"dataset": "StanfordCars", "download": True}, r"download: true with dataset: StanfordCars.* put them into x"),
    ],
)
def test_keys_that_do_not_fit_are_refused(keys, problem):
    with pytest.raises(ValidationError, match=problem):
        SOURCES.parse({"name": "torchvision", "root": "x", **keys})


@pytest.fixture
def server(tmp_path, monkeypatch):
    """KMNIST, packed, on a server; torchvision's address and sums are those of the server's files."""
    write_idx(tmp_path / "made", monkeypatch, "KMNIST")
    folder = tmp_path / "served"
    folder.mkdir()
    cls = class_of("KMNIST")
    resources = []
    for file, _ in cls.resources:
        raw = (tmp_path / "made/KMNIST/raw" / file.removesuffix(".gz")).read_bytes()
        (folder / file).write_bytes(gzip.compress(raw, mtime=0))
        resources.append((file, sum_of(folder / file)))

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_) -> None:
            pass

    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    threading.Thread(target=running.serve_forever, daemon=True).start()
    monkeypatch.setattr(cls, "mirrors", [f"http://127.0.0.1:{running.server_port}/"])
    monkeypatch.setattr(cls, "resources", resources)
    yield folder
    running.shutdown()
    running.server_close()


@pytest.fixture
def fetch(tmp_path):
    """The script of the rule fetch_data."""

    def run(**keys) -> Path:
        given = {"name": "torchvision", "dataset": "KMNIST", "root": str(tmp_path / "data"), "download": True, **keys}
        mark = tmp_path / "mark.json"
        params = SimpleNamespace(source=given)
        fetch_data.main(SimpleNamespace(params=params, output=[mark], log=[tmp_path / "log"], rule="fetch_data"))
        return mark

    return run


def known_as(monkeypatch, name: str, **counts: int) -> None:
    """Let another number of images be known beforehand."""
    monkeypatch.setitem(PUBLISHED, name, type(PUBLISHED[name])(**{**vars(PUBLISHED[name]), "counts": counts}))


def test_the_first_job_downloads_what_is_not_there(server, fetch, tmp_path, monkeypatch):
    known_as(monkeypatch, "KMNIST", train=20, test=20)
    entry = source("KMNIST", tmp_path / "data", download=True)
    assert entry.downloads
    assert entry.paths == ()
    assert entry.describe().counts == {"train": 20, "test": 20}
    assert not (tmp_path / "data").exists()
    assert read_json(fetch()) == entry.given()
    assert len(entry.load(28)) == 40
    for file in server.iterdir():
        file.unlink()
    fetch()  # all is there: nothing is downloaded again


def test_without_a_network_the_job_says_so_in_one_line(fetch, tmp_path, monkeypatch):
    monkeypatch.setattr(class_of("KMNIST"), "mirrors", ["http://127.0.0.1:9/"])
    with pytest.raises(ValueError, match=r"KMNIST in .*/data could not be downloaded: .*refused") as caught:
        fetch()
    assert str(caught.value).endswith(f"; run this step where there is a network, or put {tmp_path}/data/KMNIST there")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "mark.json").exists()


def test_a_download_of_another_sum_is_refused(server, fetch):
    for file in server.iterdir():
        file.write_bytes(file.read_bytes() + b"x")
    with pytest.raises(ValueError, match=r"KMNIST in .* could not be downloaded: .*not found or corrupted"):
        fetch()


def test_files_that_are_not_the_published_ones_are_not_taken_for_them(fetch, tmp_path, monkeypatch):
    WRITERS["KMNIST"](tmp_path / "data", monkeypatch)
    with pytest.raises(ValueError, match=r"has \{'train': 20, 'test': 20\} images of 10 classes, the published one"):
        fetch()


@pytest.fixture
def config(project, tmp_path):
    study = yaml.safe_load((project / "config/smoke.yaml").read_text())
    study["data"]["source"] = {
        "name": "torchvision", "dataset": "CIFAR10", "root": str(tmp_path), "download": True,
    }  # fmt: skip
    study["data"]["ood"] = []
    return study


def test_a_study_is_planned_before_its_data_are_downloaded(config, tmp_path):
    study = load_study(config, "mine.yaml")
    assert study.class_names[:2] == ("airplane", "automobile")
    config["data"]["splits"]["test"] = 10_001
    with pytest.raises(ConfigError, match="10000 are available: the data set has 10000 in its test part"):
        load_study(config, "mine.yaml")
    assert list(tmp_path.iterdir()) == []


def test_missing_files_are_one_line_before_any_job(config, tmp_path):
    del config["data"]["source"]["download"]
    with pytest.raises(ConfigError) as caught:
        load_study(config, "mine.yaml")
    assert f"CIFAR10 is not in {tmp_path}: there is no {tmp_path}/cifar-10-batches-py" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_wrong_key_is_explained_with_its_place(config):
    config["data"]["source"] |= {"dataset": "Flowers102"}
    with pytest.raises(ConfigError, match=r"data.source = .*: download: true with dataset: Flowers102, whose classes"):
        load_study(config, "mine.yaml")
    config["data"]["source"] |= {"dataset": "CIFAR1"}
    with pytest.raises(
        ConfigError, match=r"data.source.dataset = 'CIFAR1' \(did you mean CIFAR10\?\); allowed: CIFAR10"
    ):
        load_study(config, "mine.yaml")
