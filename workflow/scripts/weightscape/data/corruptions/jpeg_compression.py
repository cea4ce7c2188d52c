"""JPEG compression."""

from typing import ClassVar, Literal

import numpy as np

from weightscape.data.corruption import Corruption


class JpegCompression(Corruption):
    """JPEG compression; ImageNet-C's qualities."""

    strengths: ClassVar[tuple[int, int, int, int, int]] = (25, 18, 15, 10, 7)

    name: Literal["jpeg_compression"]

    def apply(self, image: np.ndarray, strength: int, rng: np.random.Generator) -> np.ndarray:  # noqa: ARG002
        """Compress the image with the quality `strength` of 100."""
        from io import BytesIO

        from PIL import Image

        file = BytesIO()
        Image.fromarray(np.rint(255 * image).astype(np.uint8)).save(file, "JPEG", quality=strength)
        return np.asarray(Image.open(file)) / 255
