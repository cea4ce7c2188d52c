import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from weightscape.data.image_folder import list_image_folder, read_image, read_image_folder
from weightscape.data.source import SOURCES
from weightscape.data.splits import split_images


def test_flat_class_tree(image_tree):
    path = image_tree({"dog": 2, "cat": 3})
    dataset = read_image_folder(path, 8)
    assert dataset.class_names == ("cat", "dog")
    assert dataset.labels.tolist() == [0, 0, 0, 1, 1]
    assert dataset.held_out is None
    np.testing.assert_array_equal(dataset.images[4], np.asarray(Image.open(path / "dog" / "1.png")))
    facts = SOURCES.parse({"name": "image_folder", "path": str(path)}).describe()
    assert facts.counts == {"all": 5}
    assert facts.class_counts == {"all": [3, 2]}


def test_train_and_test_folders_keep_the_test_images_for_testing(image_tree):
    path = image_tree({"train/cat": 6, "train/dog": 6, "test/cat": 2, "test/dog": 2})
    source = {"name": "image_folder", "path": str(path)}
    dataset = SOURCES.parse(source).load(8)
    assert SOURCES.parse(source).describe().counts == {"train": 12, "test": 4}
    assert dataset.held_out.sum() == 4
    splits = split_images(dataset, {"test": 4, "validation": 2, "generator": 2, "train": 8}, "study")
    assert dataset.held_out[splits.indices["test"]].all()
    assert not any(dataset.held_out[splits.indices[split]].any() for split in ("validation", "generator", "train"))
    with pytest.raises(ValueError, match=r"test asks for 5 images, but 4 are available: .* 4 in its test part"):
        split_images(dataset, {"test": 5, "validation": 2, "generator": 2, "train": 4}, "study")


def test_a_train_folder_alone_is_one_pool(image_tree):
    path = image_tree({"train/cat": 2, "train/dog": 2})
    assert {part: len(files) for part, files in list_image_folder(path).files.items()} == {"all": 4}
    assert read_image_folder(path, 8).held_out is None


def test_the_shorter_side_is_scaled_and_the_centre_cut_out(tmp_path):
    pixels = np.zeros((20, 60, 3), np.uint8)
    pixels[:, 20:40] = 255
    Image.fromarray(pixels).save(tmp_path / "wide.png")
    Image.fromarray(pixels.transpose(1, 0, 2)).save(tmp_path / "tall.png")
    assert read_image(tmp_path / "wide.png", 10).min() > 100
    assert read_image(tmp_path / "tall.png", 10).min() > 100
    np.testing.assert_array_equal(read_image(tmp_path / "wide.png", 20), np.full((20, 20, 3), 255))


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "1", "CMYK"])
def test_every_8_bit_mode_is_read_as_rgb(tmp_path, mode):
    file = tmp_path / ("image.jpg" if mode == "CMYK" else "image.png")
    Image.new("RGB", (6, 6), (255, 255, 255)).convert(mode).save(file)
    image = read_image(file, 6)
    assert image.shape == (6, 6, 3)
    assert image.min() > 250


def test_exif_orientation_is_applied(tmp_path):
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[0] = 255
    exif = Image.Exif()
    exif[0x0112] = 3  # turned by 180 degrees
    Image.fromarray(pixels).save(tmp_path / "turned.png", exif=exif)
    assert read_image(tmp_path / "turned.png", 8)[7].min() == 255


def test_a_damaged_image_is_named(image_tree):
    path = image_tree({"cat": 2, "dog": 2}, size=(64, 64))
    file = path / "dog" / "1.png"
    file.write_bytes(file.read_bytes()[:3000])
    with pytest.raises(ValueError, match=r"dog/1.png: cannot be read as an image: .*truncated"):
        read_image_folder(path, 8)
    file.write_text("no image")
    with pytest.raises(ValueError, match=r"dog/1.png: cannot be read as an image"):
        read_image_folder(path, 8)


def test_sixteen_bits_are_refused_rather_than_clipped(tmp_path):
    Image.fromarray(np.full((6, 6), 40000, np.uint16)).save(tmp_path / "deep.png")
    with pytest.raises(ValueError, match=r"deep.png: .*more than 8 bits per channel"):
        read_image(tmp_path / "deep.png", 6)


def test_layouts_that_are_none_are_refused(image_tree, tmp_path):
    with pytest.raises(ValueError, match="expected one folder per class"):
        list_image_folder(tmp_path)
    with pytest.raises(FileNotFoundError, match="missing: no such folder"):
        list_image_folder(tmp_path / "missing")
    path = image_tree({"train/cat": 1, "test/cow": 1})
    with pytest.raises(ValueError, match=r"classes \['cow'\] are not in .*train"):
        list_image_folder(path)
    (path / "test" / "cow").rename(path / "test" / "cat")
    (path / "train" / "dog").mkdir()
    with pytest.raises(ValueError, match=r"no images .* in the class folders \['dog'\]"):
        list_image_folder(path)


def test_other_files_and_hidden_ones_are_left_out(image_tree):
    path = image_tree({"cat": 2, "dog/deeper": 1})
    (path / "cat" / "notes.txt").write_text("x")
    (path / "cat" / ".0.png").write_bytes(b"x")
    (path / ".git").mkdir()
    assert [label for _, label in list_image_folder(path).files["all"]] == [0, 0, 1]


def test_a_folder_that_cannot_be_read_is_named_rather_than_left_out(image_tree, monkeypatch):
    path = image_tree({"cat": 2, "dog": 2, "dog/locked": 1})
    scandir = os.scandir

    def locked(folder):
        if Path(folder).name == "locked":
            raise PermissionError(13, "Permission denied", str(folder))
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", locked)
    with pytest.raises(PermissionError, match=r"Permission denied: .*dog/locked"):
        list_image_folder(path)


def test_cifar10_subset_is_read_and_split(cifar_path):
    source = {"name": "image_folder", "path": str(cifar_path)}
    facts = SOURCES.parse(source).describe()
    assert facts.counts == {"train": 3000, "test": 1000}
    assert facts.class_names[0] == "airplane"
    dataset = SOURCES.parse(source).load(32)
    assert dataset.images.shape == (4000, 32, 32, 3)
    splits = split_images(dataset, {"test": 500, "validation": 300, "generator": 700, "train": 1900}, "cifar")
    for split, indices in splits.indices.items():
        counts = np.bincount(dataset.labels[indices], minlength=10)
        assert counts.max() - counts.min() <= 1, split
