from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from weightscape.data.imageset import ImageSet
from weightscape.data.source import SOURCES

CIFAR = Path(__file__).parents[3] / "shared" / "data" / "cifar10-subset"


@pytest.fixture(scope="session")
def mnist() -> ImageSet:
    return SOURCES.parse({"name": "mnist5k"}).load(32)


@pytest.fixture(scope="session")
def uci() -> ImageSet:
    return SOURCES.parse({"name": "uci_digits"}).load(32)


@pytest.fixture(scope="session")
def cifar_path() -> Path:
    if not CIFAR.is_dir():
        pytest.skip(f"no CIFAR-10 subset at {CIFAR}")
    return CIFAR


@pytest.fixture
def make_set() -> Callable[..., ImageSet]:
    """Return a maker of image sets of random 4×4 images, all different."""

    def make(class_sizes: list[int], held_out: np.ndarray | None = None) -> ImageSet:
        labels = np.repeat(np.arange(len(class_sizes)), class_sizes)
        labels = np.random.default_rng(1).permutation(labels)
        images = np.random.default_rng(2).integers(0, 256, (len(labels), 4, 4, 3), dtype=np.uint8)
        return ImageSet(images, labels, tuple(f"class {i}" for i in range(len(class_sizes))), held_out)

    return make


@pytest.fixture
def image_tree(tmp_path: Path) -> Callable[..., Path]:
    """Return a maker of folders of random images: ``{"train/cat": 3}`` gives three images in ``train/cat``."""

    def make(folders: dict[str, int], size: tuple[int, int] = (8, 8), suffix: str = ".png") -> Path:
        rng = np.random.default_rng(3)
        for folder, n in folders.items():
            (tmp_path / folder).mkdir(parents=True)
            for i in range(n):
                pixels = rng.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
                Image.fromarray(pixels).save(tmp_path / folder / f"{i}{suffix}")
        return tmp_path

    return make
