"""A training step as people would write it, and as here: the same network, images and conditions, in turns.

The plain way is a torchvision-style data set with transforms of PIL images, a `DataLoader` without workers, torch's
convolutions in its own memory order, and torch's Adam. Run as
``OMP_NUM_THREADS=1 PYTHONPATH=workflow/scripts python benchmarks/naive_loop.py``; prints rows of docs/performance.md.
"""

import time
from collections.abc import Callable, Iterator

import numpy as np
import timm
import torch
from PIL import Image
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from spectra import interleaved
from weightscape.few_pixels import speed_up_few_pixels
from weightscape.images import to_batch
from weightscape.torch_job import start_torch
from weightscape.training.datasets import batches
from weightscape.training.intervention import augment_batch, parse_treatment

IMAGES, BATCH, SIZE, STEPS, ROUNDS = 512, 32, 32, 4, 7
ARCHITECTURE = "tf_efficientnet_lite0"
CONDITIONS = {
    "baseline": ([], []),
    "RandAugment": ([transforms.RandAugment()], [{"family": "augment", "policy": "randaugment", "dose": 9}]),
    "TrivialAugment": (
        [transforms.TrivialAugmentWide()],
        [{"family": "augment", "policy": "trivialaugment", "dose": 1.0}],
    ),
}
"""The transforms of each condition there and its treatment here."""

rng = np.random.default_rng(0)
IMAGE_ARRAY = rng.integers(0, 256, (IMAGES, SIZE, SIZE, 3), dtype=np.uint8)
LABELS = rng.integers(0, 10, IMAGES)


class PlainDataset(Dataset):
    """Images that each go through PIL and the transforms, as in torchvision's own data sets."""

    def __init__(self, transform: Callable[[Image.Image], torch.Tensor]):
        self.transform = transform

    def __len__(self) -> int:
        return IMAGES

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        return self.transform(Image.fromarray(IMAGE_ARRAY[index])), int(LABELS[index])


def plain_steps(policy: list[Callable]) -> Callable[[], None]:
    """Return a function that makes a few steps of the plain loop."""
    torch.manual_seed(0)
    model = timm.create_model(ARCHITECTURE, num_classes=10)
    optimizer = torch.optim.Adam(model.parameters())
    normalise = [transforms.ToTensor(), transforms.Normalize([0.5] * 3, [0.5] * 3)]
    dataset = PlainDataset(transforms.Compose([*policy, *normalise]))
    loader = DataLoader(dataset, BATCH, shuffle=True, num_workers=0, drop_last=True)

    def endless() -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        while True:
            yield from loader

    return steps(model, optimizer, endless())


def fast_steps(treatment: list[dict]) -> Callable[[], None]:
    """Return a function that makes a few steps as `weightscape.training.finetune` does."""
    torch.manual_seed(0)
    model = timm.create_model(ARCHITECTURE, num_classes=10)
    speed_up_few_pixels(model)
    model = model.to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    interventions = parse_treatment(treatment)

    def images() -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        for step, index in enumerate(batches(IMAGES, BATCH, 10**6, "study", 0)):
            changed = augment_batch(IMAGE_ARRAY[index], interventions, "study", 0, "batch", step)
            yield to_batch(changed, [0.5] * 3, [0.5] * 3, SIZE), torch.from_numpy(LABELS[index])

    return steps(model, optimizer, images())


def steps(
    model: torch.nn.Module, optimizer: torch.optim.Optimizer, data: Iterator[tuple[torch.Tensor, torch.Tensor]]
) -> Callable[[], None]:
    """Return a function that trains for `STEPS` steps, called once already."""

    def train() -> None:
        for _ in range(STEPS):
            images, labels = next(data)
            loss = functional.cross_entropy(model(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    train()
    return train


def main() -> None:
    start_torch(1)
    for name, (policy, treatment) in CONDITIONS.items():
        plain, fast = interleaved(ROUNDS, plain_steps(policy), fast_steps(treatment), clock=time.process_time)
        print(f"| {name} | {1000 * plain / STEPS:.0f} ms | {1000 * fast / STEPS:.0f} ms | {plain / fast:.1f}× |")


if __name__ == "__main__":
    main()
