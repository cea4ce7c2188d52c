"""Splits in which no group of images is torn apart."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weightscape.data.grouped import deal_groups
from weightscape.data.imageset import ImageSet
from weightscape.data.splits import SPLITS, make_manifest, split_images


def grouped_set(n_groups: int, per_group: int, classes: int = 2, held_out: bool = False) -> ImageSet:
    """Groups of `per_group` images of one class, all images different."""
    n = n_groups * per_group
    images = np.random.default_rng(2).integers(0, 256, (n, 4, 4, 3), dtype=np.uint8)
    groups = np.repeat(np.arange(n_groups), per_group)
    part = groups >= n_groups // 2 if held_out else None
    return ImageSet(images, groups % classes, tuple(f"class {i}" for i in range(classes)), part, groups)


def owners(dataset: ImageSet, splits) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for split, indices in splits.indices.items():
        for group in dataset.groups[indices]:
            found.setdefault(int(group), set()).add(split)
    return found


@pytest.mark.parametrize("per_group", [1, 3, 7])
def test_no_group_is_in_two_splits_and_every_split_has_its_number(per_group):
    dataset = grouped_set(60, per_group)
    sizes = {"test": 10 * per_group, "validation": 5, "generator": 8, "train": 20 * per_group}
    splits = split_images(dataset, sizes, "study")
    assert {split: len(indices) for split, indices in splits.indices.items()} == sizes
    assert all(len(places) == 1 for places in owners(dataset, splits).values())
    used = np.concatenate([*splits.indices.values(), splits.surplus])
    assert len(set(used.tolist())) == len(used)
    assert set(dataset.groups[splits.surplus]) <= set(owners(dataset, splits))
    assert len(splits.surplus) < 4 * per_group


def test_without_the_groups_most_would_be_torn_apart():
    dataset = grouped_set(60, 7)
    sizes = {"test": 70, "validation": 35, "generator": 35, "train": 140}
    without = split_images(ImageSet(dataset.images, dataset.labels, dataset.class_names), sizes, "study")
    assert sum(len(places) > 1 for places in owners(dataset, without).values()) > 30
    assert not len(without.surplus)


def test_classes_stay_nearly_in_proportion():
    dataset = grouped_set(200, 5, classes=4)
    splits = split_images(dataset, {"test": 100, "validation": 60, "generator": 60, "train": 400}, "study")
    for split, indices in splits.indices.items():
        counts = np.bincount(dataset.labels[indices], minlength=4)
        assert counts.max() - counts.min() <= 5, split


def test_held_out_groups_are_for_the_test_split_only():
    dataset = grouped_set(40, 4, held_out=True)
    splits = split_images(dataset, {"test": 30, "validation": 10, "generator": 10, "train": 30}, "study")
    assert dataset.held_out[splits.indices["test"]].all()
    assert not any(dataset.held_out[splits.indices[split]].any() for split in SPLITS[1:])


def test_another_study_draws_other_groups_and_the_same_study_the_same():
    dataset, sizes = grouped_set(60, 3), {"test": 30, "validation": 30, "generator": 30, "train": 30}
    first, again, other = (split_images(dataset, sizes, study) for study in ("a", "a", "b"))
    assert all((first.indices[split] == again.indices[split]).all() for split in SPLITS)
    assert not (first.indices["test"] == other.indices["test"]).all()


def test_groups_that_run_out_are_said():
    dataset = grouped_set(6, 10)
    with pytest.raises(
        ValueError,
        match=r"data.splits.train asks for 25 images, but the groups that the splits before it leave hold 20 \(each of "
        "the 6 groups, the largest of 10 images, is in one split as a whole",
    ):
        split_images(dataset, {"test": 11, "validation": 5, "generator": 5, "train": 25}, "study")


def test_the_manifest_counts_groups_and_what_they_cost():
    dataset = grouped_set(40, 4)
    sizes = {"test": 10, "validation": 8, "generator": 8, "train": 40}
    splits = split_images(dataset, sizes, "study")
    manifest = make_manifest(dataset, splits, {"name": "x"}, 4, "study")
    assert {split: entry["groups"] for split, entry in manifest["sets"].items()} == {
        "test": 3, "validation": 2, "generator": 2, "train": 10,
    }  # fmt: skip
    assert manifest["surplus_of_groups"] == splits.surplus.tolist()
    assert len(splits.surplus) == 2
    bare = ImageSet(dataset.images, dataset.labels, dataset.class_names)
    manifest = make_manifest(bare, split_images(bare, sizes, "study"), {"name": "x"}, 4, "study")
    assert "surplus_of_groups" not in manifest
    assert "groups" not in manifest["sets"]["test"]


@given(
    st.lists(st.tuples(st.integers(1, 6), st.integers(0, 2)), min_size=1, max_size=30),
    st.lists(st.integers(0, 20), min_size=3, max_size=3),
    st.integers(0, 5),
)
def test_dealing_gives_whole_groups_or_says_that_they_run_out(groups, wanted, seed):
    sizes = dict(zip("abc", wanted, strict=True))
    group_of = np.repeat(np.arange(len(groups)), [size for size, _ in groups])
    labels = np.repeat([label for _, label in groups], [size for size, _ in groups])
    rng = np.random.default_rng(seed)
    most = 5 * len(wanted)  # what groups of up to six images can have beyond the numbers asked for
    if sum(wanted) > len(labels):
        with pytest.raises(ValueError, match="asks for"):
            deal_groups(labels, group_of, sizes, rng)
        return
    try:
        dealt = deal_groups(labels, group_of, sizes, rng)
    except ValueError:
        assert sum(wanted) + most > len(labels)
        return
    for name, members in dealt.items():
        assert len(members) >= sizes[name]
        assert set(np.flatnonzero(np.isin(group_of, group_of[members]))) == set(members.tolist())
        assert bool(len(members)) == bool(sizes[name])
    together = np.concatenate(list(dealt.values()))
    assert len(set(together.tolist())) == len(together)


def test_an_image_set_refuses_groups_of_another_shape():
    with pytest.raises(ValueError, match=r"groups must be int64 of shape \(2,\)"):
        ImageSet(np.zeros((2, 4, 4, 3), np.uint8), np.array([0, 1]), ("a", "b"), None, np.array([1]))
