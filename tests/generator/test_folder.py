"""Synthetic images that were made elsewhere, as a folder."""

import re

import numpy as np
import pytest
from PIL import Image

from weightscape.generator.generator import Task
from weightscape.generator.kinds.folder import Folder
from weightscape.generator.pool import Pool
from weightscape.generator.sampling import load_generator, sample_images


@pytest.fixture
def folder(tmp_path):
    """Six cats and four dogs of one colour each: red is 10 times the number, green 0 for cats and 200 for dogs."""
    for name, green, count in (("cat", 0, 6), ("dog", 200, 4)):
        (tmp_path / "images" / name).mkdir(parents=True)
        for number in range(count):
            Image.new("RGB", (24, 24), (10 * number, green, 0)).save(tmp_path / "images" / name / f"{number}.png")
    return str(tmp_path / "images")


def task(count=8, class_names=("cat", "dog"), study="study"):
    return Task("generator", study, class_names, count, 16)


def read(folder, **values):
    settings, asked = Folder(kind="folder", path=folder), task(**values)
    assert settings.problem(asked) is None
    return sample_images(load_generator(settings, None, asked), asked, Pool(), settings.images_at_once)


def test_equally_many_images_of_each_class_are_drawn_once_each(folder):
    drawn = read(folder)
    assert drawn.images.shape == (8, 16, 16, 3)
    assert drawn.labels.tolist() == [0, 1] * 4
    assert (drawn.images[:, 0, 0, 1] == 200 * drawn.labels).all()
    cats, dogs = (drawn.images[drawn.labels == label][:, 0, 0, 0].tolist() for label in (0, 1))
    assert sorted(dogs) == [0, 10, 20, 30]
    assert len(set(cats)) == 4
    assert np.array_equal(read(folder).images, drawn.images)
    assert not np.array_equal(read(folder, study="other").images, drawn.images)


def test_labels_follow_the_classes_of_the_study_whatever_their_order(folder):
    drawn = read(folder, class_names=("dog", "cat"))
    assert (drawn.images[:, 0, 0, 1] == 200 * (1 - drawn.labels)).all()


def test_a_smaller_pool_is_the_start_of_a_larger_one(folder):
    assert np.array_equal(read(folder, count=3).images, read(folder).images[:3])


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        (
            {"count": 9},
            "generator.images = 9: at most 8, as equally many are used of each class .* 4 of 'dog'",
        ),
        ({"class_names": ("cat", "dog", "cow")}, "generator.path = '.*' has no images of the class 'cow'"),
        ({"class_names": ("cat",)}, "generator.path = '.*' has the class 'dog'; allowed: cat"),
    ],
)
def test_what_does_not_fit_the_study_is_told(folder, values, problem):
    assert re.match(problem, Folder(kind="folder", path=folder).problem(task(**values)))


def test_a_folder_that_is_not_there_is_told(tmp_path):
    found = Folder(kind="folder", path=str(tmp_path / "none")).problem(task())
    assert found.startswith("generator.path = ")
    assert found.endswith("none: no such folder of images")


def test_its_classes_are_its_own_where_none_is_one_of_the_study(folder):
    assert Folder(kind="folder", path=folder).own_classes(["cow", "horse"]) == ["cat", "dog"]
    assert Folder(kind="folder", path=folder).own_classes(["cow", "dog"]) is None
