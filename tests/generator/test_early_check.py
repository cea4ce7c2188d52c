"""The quick check warns of a generator whose images are not recognised, and not of a good one."""

import logging
from types import SimpleNamespace

import numpy as np
import pytest

from weightscape.generator.early_check import check_early


class Stand:
    """A pipeline that gives images of the class that it is asked for, or of another one."""

    image_channels = 1

    def __init__(self, digits, shift):
        self.images, self.labels = digits
        self.shift = shift

    def __call__(self, labels, guidance_scale, generators, _steps):
        assert guidance_scale == 1.0
        chosen = [int(generator.initial_seed()) % 30 * 10 for generator in generators]
        shown = [
            np.flatnonzero(self.labels == (label + self.shift) % 10)[place // 10]
            for label, place in zip(labels, chosen, strict=True)
        ]
        return SimpleNamespace(images=self.images[shown] / 255)


@pytest.mark.parametrize(("shift", "warned"), [(0, False), (1, True)])
def test_images_of_another_class_are_warned_of(digits, tiny, class_names, caplog, shift, warned):
    with caplog.at_level(logging.INFO):
        share = check_early(Stand(digits, shift), *digits, class_names, tiny, "study")
    record = caplog.records[-1]
    assert (record.levelname == "WARNING") == warned
    assert "a classifier of pixels recognises" in record.message
    assert ("train longer (generator.steps)" in record.message) == warned
    assert (share.value < 0.5) == warned


def test_too_few_images_are_said_and_not_judged(digits, tiny, class_names, caplog):
    with caplog.at_level(logging.INFO):
        share = check_early(Stand(digits, 0), digits[0][:12], digits[1][:12], class_names, tiny, "study")
    assert np.isnan(share.value)
    assert "too few images" in caplog.text
