"""Small real images: scikit-learn's digits at 16 px, and generators trained on them for a few steps."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from weightscape.generator.kinds.diffusion import Diffusion

# Sums are split among threads, and scripts that other tests run set their number.
THREADS = 1
CLASS_NAMES = [str(digit) for digit in range(10)]
TINY = Diffusion(
    steps=12,
    batch_size=16,
    channels=[8, 16],
    checkpoint_steps=5,
    sampling_steps=3,
    sampling_batch_size=4,
)


@pytest.fixture(autouse=True)
def _deterministic():
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(THREADS)
    yield
    torch.use_deterministic_algorithms(before)


@pytest.fixture(scope="session")
def digits() -> tuple[np.ndarray, np.ndarray]:
    """Return 1,797 grey digits, uint8 (n, 16, 16, 3), and their labels, int64 (n,)."""
    images, labels = load_digits(return_X_y=True)
    images = np.rint(images.reshape(-1, 8, 8) * (255 / 16)).astype(np.uint8)
    return images.repeat(2, axis=1).repeat(2, axis=2)[..., None].repeat(3, axis=3), labels.astype(np.int64)


@pytest.fixture(scope="session")
def trained(digits):
    """Return a generator after a few steps on real digits."""
    from weightscape.generator.training import train_diffusion

    torch.set_num_threads(THREADS)
    return train_diffusion(digits[0][:200], digits[1][:200], CLASS_NAMES, TINY, "study", 0)


@pytest.fixture(scope="session")
def tiny() -> Diffusion:
    """Return settings that train in a second."""
    return TINY


@pytest.fixture(scope="session")
def class_names() -> list[str]:
    """Return the names of the ten classes."""
    return CLASS_NAMES
