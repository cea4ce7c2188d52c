"""The 1,797 test digits of UCI's optical recognition set, which ship with scikit-learn.

Other writers and another scanner than MNIST's make it a natural shift. Its 8×8 grey images fill their frame; they are
scaled to the 20×20 box in which MNIST's digits lie, and framed as these are.

Alpaydin & Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine Learning Repository, 1998.
"""

from typing import Literal

import numpy as np

from weightscape.data.digits import DIGITS, frame_digits
from weightscape.data.imageset import ImageSet
from weightscape.data.resize import pad_frames, resize_frames
from weightscape.data.source import Source, SourceFacts


class UciDigits(Source):
    """1,797 digits of other writers and another scanner, in scikit-learn, enlarged to MNIST's frame."""

    name: Literal["uci_digits"]

    def describe(self) -> SourceFacts:
        """Return the counts and the classes."""
        return SourceFacts(counts={"all": 1797}, class_names=DIGITS)

    def load(self, image_size: int) -> ImageSet:
        """Return the digits."""
        from sklearn.datasets import load_digits

        digits = load_digits()
        grey = np.rint(digits.images * (255 / 16)).astype(np.uint8)
        frames = pad_frames(resize_frames(grey, 20), 28)
        return ImageSet(frame_digits(frames, image_size), digits.target.astype(np.int64), DIGITS)
