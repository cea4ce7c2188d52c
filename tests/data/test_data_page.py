"""Every config of docs/data.md is run: checked as a study, and its images read and split."""

import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import yaml
from PIL import Image
from torchvision_files import WRITERS

import prepare_ood
import prepare_splits
from weightscape.config.load import load_study
from weightscape.data.source import SOURCES
from weightscape.data.splits import SPLITS
from weightscape.files import read_json

PAGE = (Path(__file__).parents[2] / "docs/data.md").read_text()
CONFIGS = [yaml.safe_load(text)["data"] for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
SIZES = {"test": 6, "validation": 4, "generator": 4, "train": 12}


class Named(dict):
    __getattr__ = dict.__getitem__


def draw(folder: Path, names: list[str], rng: np.random.Generator) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        Image.fromarray(rng.integers(0, 256, (9, 12, 3), dtype=np.uint8)).save(folder / name)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with all the files that the page speaks of."""
    root = tmp_path_factory.mktemp("page")
    rng = np.random.default_rng(0)
    for name in ("cat", "dog"):
        draw(root / "photos/train" / name, [f"{i}.png" for i in range(20)], rng)
        draw(root / "photos/test" / name, [f"{i}.png" for i in range(5)], rng)
        draw(root / "my_images/clean", [f"{name}{i}.png" for i in range(20)], rng)
    for domain in ("photo", "art_painting", "cartoon", "sketch"):
        for name in ("dog", "horse", "person"):
            draw(root / "pacs" / domain / name, [f"{i}.png" for i in range(15)], rng)
    draw(root / "images", [f"{i:04d}.png" for i in range(60)], rng)
    lines = [
        f"images/{i:04d}.png,{('healthy', 'ill')[i % 2]},{'test' if i >= 40 else 'train'},patient {i // 4}"
        for i in range(60)
    ]
    table = re.search(r"```csv\n(.*?)\n", PAGE)[1]
    (root / "scans.csv").write_text("\n".join([table, *lines]))
    (root / "my_data.py").write_text(re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)[1])
    return root


@pytest.fixture(autouse=True)
def here(place, monkeypatch, tmp_path):
    monkeypatch.chdir(place)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def save_beans(place: Path) -> None:
    datasets = pytest.importorskip("datasets", reason="the package datasets is not installed (extra test)")
    features = datasets.Features({"image": datasets.Image(), "labels": datasets.ClassLabel(names=["rust", "healthy"])})
    rng = np.random.default_rng(1)
    images = [Image.fromarray(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)) for _ in range(60)]
    parts = {"train": slice(0, 40), "test": slice(40, 60)}
    datasets.DatasetDict(
        {
            part: datasets.Dataset.from_dict(
                {"image": images[chosen], "labels": ([0, 1] * 30)[chosen]}, features=features
            )
            for part, chosen in parts.items()
        }
    ).save_to_disk(str(place / "beans"))


def small(data: dict, project: Path) -> dict:
    """The smoke study with these data, in small splits."""
    study = yaml.safe_load((project / "config/smoke.yaml").read_text())
    n = 10 if data["source"]["name"] == "torchvision" else 2
    study["data"] = {**data, "splits": {name: max(size, n) for name, size in SIZES.items()}}
    study["data"]["ood"] = [{**entry, "images": 4} for entry in data.get("ood", [])]
    study["training"] |= {"images": 4, "batch_size": 2}
    return study


def test_every_kind_of_data_set_has_a_config_on_the_page():
    shown = {data["source"]["name"] for data in CONFIGS}
    assert shown == set(SOURCES.names()) - {"mnist5k", "uci_digits"}


@pytest.mark.parametrize("number", range(len(CONFIGS)), ids=lambda number: CONFIGS[number]["source"]["name"])
def test_the_config_runs(number, project, place, tmp_path, monkeypatch):
    data = CONFIGS[number]
    config = small(data, project)
    if data["source"]["name"] == "huggingface":
        save_beans(place)
    if data["source"]["name"] == "torchvision":
        planned = load_study({**config, "data": {**config["data"], "splits": data["splits"]}}, "page")
        assert planned.data.source.downloads
        for entry in (config["data"]["source"], *config["data"]["ood"]):
            del entry["download"]
            if not (place / "downloads" / entry["dataset"]).exists():
                WRITERS[entry["dataset"]](place / "downloads", monkeypatch)
    study = load_study(config, "page")

    outputs = Named(manifest=tmp_path / "manifest.json")
    for split in SPLITS:
        outputs[f"{split}_images"], outputs[f"{split}_labels"] = (
            tmp_path / f"{split}.npy",
            tmp_path / f"{split}_labels.npy",
        )
    params = {
        "source": study.data.source.given(),
        "image_size": study.data.image_size,
        "splits": study.data.splits.model_dump(),
        "study": "page",
    }
    job = {"log": [tmp_path / "log"], "rule": "rule"}
    prepare_splits.main(SimpleNamespace(input=Named(), output=outputs, params=Named(params), **job))
    manifest = read_json(outputs.manifest)
    assert {name: entry["n"] for name, entry in manifest["sets"].items()} == params["splits"]
    assert manifest["class_names"] == list(study.class_names)
    assert ("surplus_of_groups" in manifest) == (data["source"]["name"] == "file_list")

    others: list[str] = []
    for name, source in study.ood_sources.items():
        made = Named(images=tmp_path / f"{name}.npy", labels=tmp_path / f"{name}_labels.npy")
        given = {"source": source.given(), "images": study.ood_images[name], "name": name, "others": [*SPLITS, *others]}
        inputs = Named(
            manifest=outputs.manifest,
            others=[outputs[f"{split}_images"] for split in SPLITS] + [tmp_path / f"{other}.npy" for other in others],
        )
        prepare_ood.main(SimpleNamespace(input=inputs, output=made, params=Named({**params, **given}), **job))
        assert len(np.load(made.images)) == (study.ood_images[name] or 45)
        others.append(name)
    assert len(others) == len(data.get("ood", [])) + len(data["source"].get("ood_domains", []))
