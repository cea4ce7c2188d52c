import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weightscape.data.imageset import ImageSet
from weightscape.data.splits import (
    SPLITS,
    check_class_counts,
    check_classes,
    check_disjoint,
    check_split_sizes,
    image_keys,
    make_manifest,
    split_images,
    stratified_order,
    without_shared,
)
from weightscape.files import array_sha256

SIZES = {"test": 1000, "validation": 500, "generator": 1500, "train": 2000}


def test_splits_of_the_default_study_are_disjoint_by_content_and_balanced(mnist):
    splits = split_images(mnist, SIZES, "digits")
    contents = {split: set(image_keys(mnist.images[splits.indices[split]])) for split in SPLITS}
    assert {split: len(keys) for split, keys in contents.items()} == SIZES
    assert len(set.union(*contents.values())) == 5000
    for split in SPLITS:
        assert set(np.bincount(mnist.labels[splits.indices[split]])) == {SIZES[split] // 10}
    check_disjoint({split: mnist.images[splits.indices[split]] for split in SPLITS})


def test_splits_depend_on_the_study_and_on_nothing_else(mnist):
    first, again, other = (split_images(mnist, SIZES, study) for study in ("digits", "digits", "other"))
    for split in SPLITS:
        np.testing.assert_array_equal(first.indices[split], again.indices[split])
        assert set(first.indices[split]) != set(other.indices[split])
    assert array_sha256(first.indices["train"]) == "ecc4458d92d7a19d9e2b6f78be0fe0052a69d9777950e1edc050c28020850099"


def test_manifest_holds_the_sums_of_what_is_written(mnist):
    splits = split_images(mnist, SIZES, "digits")
    manifest = make_manifest(mnist, splits, {"name": "mnist5k"}, 32, "digits")
    assert manifest == make_manifest(mnist, split_images(mnist, SIZES, "digits"), {"name": "mnist5k"}, 32, "digits")
    assert manifest["source"] == {"name": "mnist5k"}
    assert manifest["class_names"] == list("0123456789")
    entry = manifest["sets"]["validation"]
    assert entry["n"] == 500
    assert entry["shape"] == [500, 32, 32, 3]
    assert entry["class_counts"] == dict.fromkeys("0123456789", 50)
    assert entry["images_sha256"] == array_sha256(mnist.images[splits.indices["validation"]])
    assert entry["labels_sha256"] == array_sha256(mnist.labels[splits.indices["validation"]])


@given(st.lists(st.integers(1, 40), min_size=1, max_size=6), st.data())
@settings(deadline=None, max_examples=60)
def test_splits_are_disjoint_exact_and_stratified(class_sizes, data):
    dataset = _numbered(class_sizes)
    n = len(dataset)
    cuts = sorted(data.draw(st.lists(st.integers(0, n), min_size=4, max_size=4)))
    sizes = dict(zip(SPLITS, np.diff([0, *cuts]).tolist(), strict=True))
    splits = split_images(dataset, sizes, "study")
    drawn = np.concatenate([splits.indices[split] for split in SPLITS])
    assert len(set(drawn)) == len(drawn) == sum(sizes.values())
    for split in SPLITS:
        counts = np.bincount(dataset.labels[splits.indices[split]], minlength=len(class_sizes))
        assert np.abs(counts - sizes[split] * np.array(class_sizes) / n).max() < 3


@given(st.lists(st.integers(1, 50), min_size=1, max_size=8), st.integers(0, 5))
@settings(deadline=None, max_examples=60)
def test_every_prefix_of_the_stratified_order_has_the_classes_in_proportion(class_sizes, seed):
    labels = np.repeat(np.arange(len(class_sizes)), class_sizes)
    order = stratified_order(labels, np.random.default_rng(seed))
    assert sorted(order) == list(range(len(labels)))
    share = np.array(class_sizes) / len(labels)
    counts = np.cumsum(labels[order][:, None] == np.arange(len(class_sizes)), axis=0)
    assert np.abs(counts - np.arange(1, len(labels) + 1)[:, None] * share).max() < 2


def test_a_larger_training_pool_keeps_all_that_was_drawn(make_set):
    dataset = make_set([30, 50, 20])
    small = split_images(dataset, {"test": 20, "validation": 10, "generator": 10, "train": 20}, "s").indices
    large = split_images(dataset, {"test": 20, "validation": 10, "generator": 10, "train": 60}, "s").indices
    for split in ("test", "validation", "generator"):
        np.testing.assert_array_equal(small[split], large[split])
    np.testing.assert_array_equal(small["train"], large["train"][:20])


def test_duplicates_are_left_out_and_recorded(make_set):
    dataset = make_set([10, 10])
    images, labels = dataset.images.copy(), dataset.labels
    same = np.flatnonzero(labels == 0)[:3]
    images[same] = images[same[0]]
    other = np.flatnonzero(labels == 1)[-1]
    images[other] = images[same[0]]
    dataset = ImageSet(images, labels, dataset.class_names)
    splits = split_images(dataset, {"test": 5, "validation": 4, "generator": 4, "train": 4}, "study")
    left_out = sorted({*same.tolist(), int(other)})[1:]
    assert splits.duplicates.tolist() == left_out
    check_disjoint({split: images[indices] for split, indices in splits.indices.items()})
    manifest = make_manifest(dataset, splits, {"name": "x"}, 4, "study")
    assert manifest["duplicates"]["left_out"] == left_out
    kept = min(*same, other)
    assert manifest["duplicates"]["with_another_label"] == [i for i in left_out if labels[i] != labels[kept]]
    with pytest.raises(ValueError, match=r"data.splits.train asks for 5 images, but 4 are available: .* has 17"):
        split_images(dataset, {"test": 5, "validation": 4, "generator": 4, "train": 5}, "study")


def test_a_training_image_that_is_also_a_test_image_is_no_training_image(make_set):
    held_out = np.arange(20) >= 15
    dataset = make_set([10, 10], held_out)
    images = dataset.images.copy()
    images[3] = images[18]
    leaky = ImageSet(images, dataset.labels, dataset.class_names, held_out)
    splits = split_images(leaky, {"test": 5, "validation": 2, "generator": 2, "train": 10}, "study")
    assert splits.duplicates.tolist() == [3]
    assert sorted(splits.indices["test"]) == [15, 16, 17, 18, 19]


def test_a_leak_is_found_by_content(make_set):
    images = make_set([6]).images
    check_disjoint({"test": images[:3], "train": images[3:]})
    with pytest.raises(ValueError, match=r"image 1 of train has the same pixels as an image of test"):
        check_disjoint({"test": images[:3], "train": images[[4, 2]]})
    with pytest.raises(ValueError, match=r"image 1 of test has the same pixels as an image of test"):
        check_disjoint({"test": images[[0, 0]]})


@pytest.mark.parametrize(
    ("counts", "changes", "message"),
    [
        ({"all": 5000}, {"train": 2001}, "data.splits.train asks for 2001 images, but 2000 are available: the data set "
         "has 5000, 3000 of them in splits before it"),
        ({"all": 500}, {}, "data.splits.test asks for 1000 images, but 500 are available: the data set has 500"),
        ({"train": 4000, "test": 900}, {}, "data.splits.test asks for 1000 images, but 900 are available: the data set "
         "has 900 in its test part"),
        ({"all": 5000}, {"test": -1}, "data.splits.test must be a number of images (0 or more), got -1"),
        ({"all": 5000}, {"test": 0.5}, "data.splits.test must be a number of images (0 or more), got 0.5"),
        ({"all": 5000}, {"test": True}, "data.splits.test must be a number of images (0 or more), got True"),
        ({"all": 5000}, {"tset": 5}, "data.splits must have the keys test, validation, generator, train, got "
         "generator, test, train, tset, validation"),
    ],
)  # fmt: skip
def test_sizes_that_do_not_fit_are_refused_by_name(counts, changes, message):
    check_split_sizes({"all": 5000}, SIZES)
    check_split_sizes({"train": 4000, "test": 1000}, SIZES)
    with pytest.raises(ValueError) as caught:  # noqa: PT011  (the whole message is compared)
        check_split_sizes(counts, SIZES | changes)
    assert str(caught.value) == message


def _numbered(class_sizes: list[int]) -> ImageSet:
    """Return images that differ by a number in their first pixel."""
    labels = np.repeat(np.arange(len(class_sizes)), class_sizes)
    images = np.zeros((len(labels), 2, 2, 3), np.uint8)
    images[:, 0, 0, 0], images[:, 0, 0, 1] = np.arange(len(labels)) % 256, np.arange(len(labels)) // 256
    return ImageSet(images, labels, tuple(map(str, range(len(class_sizes)))))


def test_a_class_that_a_split_lacks_is_named_with_the_split():
    labels = np.array([0] * 20 + [1])
    dataset = numbered_set(labels, ("cat", "dog"))
    splits = split_images(dataset, {"test": 5, "validation": 5, "generator": 0, "train": 5}, "study")
    with pytest.raises(ValueError, match=r"data\.splits\.\w+ = 5: it has no image of the class 'dog', .* has 1;"):
        check_classes(dataset, splits)


def test_splits_too_large_for_what_is_left_say_how_many_duplicates_there_are():
    dataset = numbered_set(np.arange(20) % 2, ("cat", "dog"))
    twice = ImageSet(np.concatenate([dataset.images] * 2), np.concatenate([dataset.labels] * 2), dataset.class_names)
    with pytest.raises(ValueError, match=r"data\.splits\.train asks for 15 .* \(20 with the pixels of another"):
        split_images(twice, {"test": 10, "validation": 5, "generator": 0, "train": 15}, "study")


def test_images_that_another_set_has_are_left_out_and_counted():
    dataset = numbered_set(np.arange(20) % 2, ("cat", "dog"))
    other = numbered_set(np.arange(60) % 2, ("cat", "dog")).images
    kept, shared = without_shared(dataset, {"train": other[17:40], "test": other[40:]})
    assert shared == {"train": 3, "test": 0}
    assert np.flatnonzero(~kept).tolist() == [17, 18, 19]


def test_a_set_that_is_another_one_is_refused():
    dataset = numbered_set(np.arange(20) % 2, ("cat", "dog"))
    with pytest.raises(ValueError, match=r"20 of its 20 images have the same pixels .* \(12 of test, 8 of train\)"):
        without_shared(dataset, {"test": dataset.images[:12], "train": dataset.images[12:]})


@pytest.mark.parametrize("name", ["test", "earlier"])
def test_a_larger_set_that_holds_another_one_is_refused(name):
    """Splits may use a small part of a data set, of which a copy has more images that they do not have."""
    dataset = numbered_set(np.arange(60) % 2, ("cat", "dog"))
    with pytest.raises(ValueError, match=r"10 of its 60 images .* \(10 of \w+\), more than half of the smaller set"):
        without_shared(dataset, {name: dataset.images[:10]})


def test_a_small_split_does_not_count_alone():
    dataset = numbered_set(np.arange(20) % 2, ("cat", "dog"))
    other = numbered_set(np.arange(60) % 2, ("cat", "dog")).images
    kept, shared = without_shared(dataset, {"validation": other[18:20], "train": other[20:]})
    assert shared == {"validation": 2, "train": 0}
    assert kept.sum() == 18


@pytest.mark.parametrize(
    ("class_counts", "changes", "message"),
    [
        ({}, {"test": 1}, "data.splits.test = 1: allowed: at least one image of each of the 2 classes"),
        ({"all": [50, 2]}, {}, "data.source has 2 of the class 'dog'; allowed: 3 or more, so that each split "
         "(test, validation, train) has one"),
        ({"train": [50, 50], "test": [9, 0]}, {}, "data.source has 0 of the class 'dog' in its test part; allowed: 1 "
         "or more, so that each split (test) has one"),
    ],
)  # fmt: skip
def test_a_class_of_too_few_images_is_refused_from_the_counts(class_counts, changes, message):
    sizes = {"test": 5, "validation": 5, "generator": 0, "train": 5}
    check_class_counts({"all": [50, 3]}, ("cat", "dog"), sizes)
    check_class_counts({"train": [50, 2], "test": [9, 1]}, ("cat", "dog"), sizes)
    with pytest.raises(ValueError) as caught:  # noqa: PT011  (the whole message is compared)
        check_class_counts(class_counts, ("cat", "dog"), sizes | changes)
    assert str(caught.value) == message


def numbered_set(labels: np.ndarray, class_names: tuple[str, ...]) -> ImageSet:
    """Images that all differ, in the same order whatever their number."""
    images = np.zeros((len(labels), 4, 4, 3), np.uint8)
    images[:, 0, 0, 0] = np.arange(len(labels))
    return ImageSet(images, labels.astype(np.int64), class_names)
