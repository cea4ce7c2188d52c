"""Real pictures that ship with scikit-learn: parts of two colour photographs, and grey digits."""

import numpy as np


def photographs(count: int, size: int = 32) -> np.ndarray:
    """Return parts of two photographs, a temple and a flower, each scaled from 96 pixels: uint8 (n, size, size, 3)."""
    from PIL import Image
    from sklearn.datasets import load_sample_images

    rng = np.random.default_rng(0)
    pictures = load_sample_images().images
    parts = []
    for number in range(count):
        picture = pictures[number % 2]
        top, left = (rng.integers(0, side - 96) for side in picture.shape[:2])
        part = Image.fromarray(picture[top : top + 96, left : left + 96])
        parts.append(np.asarray(part.resize((size, size), Image.Resampling.BOX)))
    return np.stack(parts)


def digits(count: int) -> np.ndarray:
    """Return grey digits of 32 pixels, white on black: uint8 (n, 32, 32, 3)."""
    from weightscape.data.source import SOURCES

    return SOURCES.parse({"name": "uci_digits"}).load(32).images[:count]
