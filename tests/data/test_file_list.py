"""A table that lists image files."""

from pathlib import Path

import numpy as np
import pytest
import yaml
from pydantic import ValidationError

from weightscape.config.load import load_study
from weightscape.config.messages import ConfigError
from weightscape.data.image_folder import read_image
from weightscape.data.source import SOURCES
from weightscape.data.splits import SPLITS, split_images


@pytest.fixture
def images(image_tree):
    """Ten images each of two classes, in one folder per class."""
    return image_tree({"cat": 10, "dog": 10})


def rows(n: int = 10) -> list[str]:
    return [f"{name}/{i}.png,{name}" for name in ("dog", "cat") for i in range(n)]


def listed(folder: Path, lines: list[str], header: str = "path,label", **keys):
    (folder / "list.csv").write_text("\n".join([header, *lines]) + "\n")
    return SOURCES.parse({"name": "file_list", "path": str(folder / "list.csv"), **keys})


def test_images_and_labels_are_those_of_the_table(images):
    source = listed(images, rows())
    assert source.describe().counts == {"all": 20}
    assert source.describe().class_names == ("cat", "dog")
    assert source.describe().class_counts == {"all": [10, 10]}
    dataset = source.load(8)
    assert dataset.labels.tolist() == [0] * 10 + [1] * 10
    assert dataset.held_out is dataset.groups is None
    assert (dataset.images[13] == read_image(images / "dog/3.png", 8)).all()


def test_the_order_of_rows_and_columns_does_not_matter(images):
    first = listed(images, rows()).load(8)
    lines = [",".join(reversed(row.split(","))) for row in reversed(rows())]
    second = listed(images, lines, "label,path").load(8)
    assert (first.images == second.images).all()
    assert (first.labels == second.labels).all()


def test_paths_may_start_from_a_folder_of_their_own_or_be_absolute(images, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("lists")
    assert len(listed(elsewhere, rows(), root=str(images)).load(8)) == 20
    assert len(listed(elsewhere, [f"{images}/{row}" for row in rows()]).load(8)) == 20


def test_a_column_split_keeps_test_images_for_testing(images):
    lines = [f"{row},{'test' if i % 5 == 0 else 'train'}" for i, row in enumerate(rows())]
    source = listed(images, lines, "path,label,split")
    assert source.describe().counts == {"train": 16, "test": 4}
    assert source.describe().class_counts == {"train": [8, 8], "test": [2, 2]}
    splits = split_images(source.load(8), {"test": 4, "validation": 4, "generator": 2, "train": 10}, "study")
    assert splits.indices["test"].tolist() == [0, 5, 10, 15] or set(splits.indices["test"]) == {0, 5, 10, 15}


def test_a_column_group_keeps_groups_in_one_split(images):
    lines = [f"{row},patient {i // 2}" for i, row in enumerate(rows())]
    dataset = listed(images, lines, "path,label,group").load(8)
    splits = split_images(dataset, {"test": 4, "validation": 4, "generator": 2, "train": 8}, "study")
    found = [set(dataset.groups[splits.indices[split]].tolist()) for split in SPLITS]
    assert sum(map(len, found)) == len(set.union(*found)) == 9


def test_a_column_domain_makes_sets_out_of_distribution(images):
    lines = [f"{row},{'photo' if i % 10 < 6 else 'sketch'}" for i, row in enumerate(rows())]
    source = listed(images, lines, "path,label,domain", train_domain="photo", ood_domains=["sketch"])
    assert source.describe().class_counts == {"all": [6, 6]}
    sketch = source.domains()["sketch"]
    assert sketch.describe().class_counts == {"all": [4, 4]}
    assert not set(source.paths) & set(sketch.paths)
    assert not source.is_same(sketch)
    assert sketch.is_same(SOURCES.parse({**sketch.given(), "path": f"{images}/cat/../list.csv"}))
    assert not sketch.is_same(SOURCES.parse({"name": "image_folder", "path": str(images)}))
    assert len(SOURCES.parse(sketch.given()).load(8)) == 8


def test_other_columns_are_not_read(images):
    assert len(listed(images, [f"{row},3.5" for row in rows()], "path,label,age").load(8)) == 20


def test_any_change_of_the_table_and_the_images_is_noticed(images):
    source = listed(images, rows())
    assert source.texts == (str(images / "list.csv"),)
    assert source.paths == tuple(str(images / name / f"{i}.png") for name in ("cat", "dog") for i in range(10))


@pytest.mark.parametrize(
    ("header", "line", "problem"),
    [
        ("file,label", None, r"list.csv: has no column path; allowed: path, label, split, group, domain"),
        ("path,label,label", None, "the column label appears twice"),
        ("path,label,Groups", None, r"has a column 'Groups'; did you mean group\?"),
        ("path,label,split", "dog/0.png,dog,val", r"line 2: split = 'val'; allowed: train, test"),
        ("path,label", "dog/0.png,", "line 2: the cell of the column label is empty"),
        ("path,label", "dog/0.png", "line 2: the cell of the column label is empty"),
        ("path,label,group", "dog/0.png,dog,", "line 2: the cell of the column group is empty"),
        ("path,label", "dog/99.png,dog", r"line 2: there is no file .*dog/99.png"),
        ("path,label", "dog/1.png,dog\ndog/1.png,cat", r"line 3: .*dog/1.png is listed in line 2 already"),
        ("path,label", '"dog', "cannot be read as CSV in UTF-8"),
        ("path,label", "", "lists no image"),
        ("path,label,split", "dog/0.png,dog,test\ncat/0.png,cat,train", "the labels dog have test images, but no"),
        ("path,label,domain", "dog/0.png,dog,photo", r"has the column domain; give train_domain \(one of photo\)"),
        (
            "path,label,split,group",
            "dog/0.png,dog,train,a\ndog/1.png,dog,test,a",
            "the group 'a' is in the training images and in the test images; allowed: one of them",
        ),
    ],
)
def test_tables_that_cannot_be_read_as_meant_are_refused(images, header, line, problem):
    lines = (line or "").split("\n") if line is not None else ["x,y"]
    with pytest.raises(ValueError, match=problem):
        listed(images, [text for text in lines if text], header).describe()


def test_tables_that_are_no_text_or_not_there_are_refused(images):
    (images / "list.csv").write_bytes(b"path,label\n\xff\xfe,\n")
    source = SOURCES.parse({"name": "file_list", "path": str(images / "list.csv")})
    with pytest.raises(ValueError, match="cannot be read as CSV in UTF-8"):
        source.describe()
    with pytest.raises(FileNotFoundError):
        SOURCES.parse({"name": "file_list", "path": str(images / "other.csv")}).describe()


def test_domains_that_do_not_fit_are_refused(images):
    lines = [f"{row},photo" for row in rows()]
    with pytest.raises(ValueError, match="has no domain 'foto'; allowed: photo"):
        listed(images, lines, "path,label,domain", train_domain="foto").describe()
    with pytest.raises(ValueError, match="has no domain 'photo'; allowed: none, without the column domain"):
        listed(images, rows(), train_domain="photo").describe()
    with pytest.raises(ValidationError, match="ood_domains needs train_domain"):
        listed(images, lines, "path,label,domain", ood_domains=["photo"])


def test_a_group_in_two_domains_is_refused(images):
    lines = [f"{row},{'photo' if i % 2 else 'sketch'},video {i // 2}" for i, row in enumerate(rows())]
    source = listed(images, lines, "path,label,domain,group", train_domain="photo", ood_domains=["sketch"])
    with pytest.raises(ValueError, match="the group 'video 0' is in the training images and in the domain sketch"):
        source.describe()


def test_a_damaged_image_is_named(images):
    (images / "dog/3.png").write_text("no image")
    with pytest.raises(ValueError, match=r"dog/3.png: cannot be read as an image"):
        listed(images, rows()).load(8)


def test_a_table_of_a_spreadsheet_is_read(images):
    text = "path,label\r\n" + "".join(f"{row}\r\n" for row in rows())
    (images / "list.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    source = SOURCES.parse({"name": "file_list", "path": str(images / "list.csv")})
    assert np.bincount(source.load(8).labels).tolist() == [10, 10]


def test_splits_that_groups_are_too_few_for_are_refused_with_the_config(images, project):
    lines = [f"{row},{'test' if i % 10 > 6 else 'train'},{i // 5}{i % 10 > 6}" for i, row in enumerate(rows())]
    source = listed(images, lines, "path,label,split,group")
    study = yaml.safe_load((project / "config/smoke.yaml").read_text())
    study["data"] = {"source": source.given(), "image_size": 8}
    study["data"]["splits"] = {"test": 4, "validation": 2, "generator": 2, "train": 4}
    study["training"] |= {"images": 4, "batch_size": 2}
    sizes = study["data"]["splits"]
    for seed in range(20):
        study["study"] = f"study_{seed}"
        try:
            load_study(study, "mine.yaml")
        except ConfigError as error:
            assert "images, but the groups that the splits before it leave hold" in str(error)  # noqa: PT017
            with pytest.raises(ValueError, match="images, but the groups that the splits before it leave hold"):
                split_images(source.load(8), sizes, study["study"])
        else:
            split_images(source.load(8), sizes, study["study"])
    sizes["train"] = 10
    with pytest.raises(ConfigError, match=r"mine.yaml: data.splits.train asks for 10 images, but the groups"):
        load_study(study, "mine.yaml")
