"""What the rules of the data do with files of the user's: when they run again, and where they need a network."""

import numpy as np
import pytest
import yaml
from PIL import Image

from .conftest import Checkout

SPLITS_ONLY = ("--until", "prepare_splits")


def use_data(checkout: Checkout, source: dict, **splits: int) -> None:
    file = checkout.root / "config/smoke.yaml"
    study = yaml.safe_load(file.read_text())
    study["data"] |= {"source": source, "ood": [], "splits": splits}
    study["data"]["corruptions"]["images"] = splits["test"]
    study["training"] |= {"images": 8, "batch_size": 4}
    file.write_text(yaml.safe_dump(study))


@pytest.fixture
def listed(fresh):
    """The smoke study on a table of 40 images."""
    rng = np.random.default_rng(0)
    (fresh.root / "mine").mkdir()
    for index in range(40):
        Image.fromarray(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)).save(fresh.root / f"mine/{index:02d}.png")
    rows = [f"{index:02d}.png,{('cat', 'dog')[index % 2]},video {index // 2}" for index in range(40)]
    (fresh.root / "mine/list.csv").write_text("\n".join(["path,label,group", *rows]) + "\n")
    use_data(fresh, {"name": "file_list", "path": "mine/list.csv"}, test=8, validation=4, generator=4, train=16)
    return fresh


@pytest.mark.slow
def test_any_change_of_a_table_and_of_the_size_of_an_image_makes_the_splits_anew(listed):
    made = listed.snakemake("--cores", "1", "--configfile", "config/smoke.yaml", *SPLITS_ONLY)
    assert made.returncode == 0, made.stdout + made.stderr
    assert listed.plan(*SPLITS_ONLY) == {}
    with listed.edited("mine/list.csv", "03.png,dog,video 1", "03.png,cat,video 1"):
        assert listed.plan(*SPLITS_ONLY) == {"prepare_splits": 1}
    image = listed.root / "mine/07.png"
    before = image.read_bytes()
    image.write_bytes(before + b"\0")
    assert listed.plan(*SPLITS_ONLY) == {"prepare_splits": 1}
    image.write_bytes(before)
    assert listed.plan(*SPLITS_ONLY) == {}


@pytest.mark.slow
def test_a_download_is_a_job_of_its_own_and_planning_does_none_of_it(fresh):
    source = {"name": "torchvision", "dataset": "CIFAR10", "root": "downloads", "download": True}
    use_data(fresh, source, test=100, validation=50, generator=50, train=200)
    plan = fresh.plan()
    assert plan["fetch_data"] == plan["prepare_splits"] == 1
    assert not (fresh.root / "downloads").exists()
    use_data(fresh, {**source, "download": False}, test=100, validation=50, generator=50, train=200)
    answer = fresh.snakemake("--dry-run", "--configfile", "config/smoke.yaml")
    assert answer.returncode != 0
    assert "CIFAR10 is not in downloads: there is no downloads/cifar-10-batches-py" in answer.stdout + answer.stderr


@pytest.mark.slow
def test_each_domain_becomes_a_set_of_its_name(fresh):
    rng = np.random.default_rng(0)
    for domain in ("photo", "Clip Art"):
        for name in ("cat", "dog"):
            folder = fresh.root / "domains" / domain / name
            folder.mkdir(parents=True)
            for index in range(16):
                Image.fromarray(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)).save(folder / f"{index}.png")
    source = {"name": "image_folder", "path": "domains", "train_domain": "photo", "ood_domains": ["Clip Art"]}
    use_data(fresh, source, test=8, validation=4, generator=4, train=16)
    made = fresh.snakemake("--cores", "1", "--configfile", "config/smoke.yaml", "--until", "prepare_ood")
    assert made.returncode == 0, made.stdout + made.stderr
    data = fresh.root / "results/smoke/data"
    assert np.bincount(np.load(data / "clip_art/labels.npy")).tolist() == [16, 16]
    assert len(np.load(data / "train/images.npy")) == 16
    predicted = fresh.snakemake(
        "--dry-run", "--configfile", "config/smoke.yaml", "--until", "predict", "--printshellcmds"
    )
    assert "results/smoke/data/clip_art/images.npy" in predicted.stdout + predicted.stderr
