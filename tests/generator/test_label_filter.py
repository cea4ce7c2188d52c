"""The label filter keeps the first images of each class that pass, and says when there are too few."""

import numpy as np
import pytest

from weightscape.generator.label_filter import LabelFilter, select

SETTINGS = LabelFilter(probability=0.5, drawn=3.0)
LABELS = np.arange(12) % 2


def test_the_first_that_pass_are_kept_in_the_order_of_the_labels():
    probability = np.array([0.9, 0.1, 0.2, 0.6, 0.5, 0.7, 0.9, 0.9, 0.0, 0.0, 0.0, 0.0])
    chosen, rejected = select(probability, LABELS, 4, SETTINGS, ["a", "b"])
    assert chosen.tolist() == [0, 3, 4, 5]
    assert rejected["drawn"].tolist() == [6, 6]
    assert rejected["rejected"].tolist() == [0.5, 0.5]


def test_more_images_wanted_keep_the_first():
    probability = np.linspace(0, 1, 12)
    fewer, _ = select(probability, LABELS, 2, SETTINGS, ["a", "b"])
    more, _ = select(probability, LABELS, 6, SETTINGS, ["a", "b"])
    assert more[:2].tolist() == fewer.tolist()
    assert (probability[more] >= 0.5).all()


def test_too_few_images_that_pass_are_one_clear_error():
    probability = np.where(LABELS == 1, 0.4, 0.9)
    with pytest.raises(ValueError, match=r"of 6 images drawn for the class 'b' the filter lets 0 pass, and 2"):
        select(probability, LABELS, 4, SETTINGS, ["a", "b"])


def test_the_number_drawn_is_rounded_up():
    assert LabelFilter(probability=0.5, drawn=1.5).count(5) == 8
    assert SETTINGS.count(4) == 12
