"""A training step of the default study with and without the fast way of small depthwise convolutions, in turns.

Run as ``OMP_NUM_THREADS=1 PYTHONPATH=workflow/scripts python benchmarks/training.py``; prints a row of
docs/performance.md.
"""

from collections.abc import Callable

import timm
import torch
from torch.nn import functional

from spectra import interleaved
from weightscape.torch_job import start_torch
from weightscape.training.depthwise import speed_up_depthwise

BATCH, SIZE, STEPS = 64, 32, 3


def training_steps(fast: bool) -> Callable[[], None]:
    """Return a function that makes a few steps of EfficientNet-Lite0."""
    torch.manual_seed(0)
    model = timm.create_model("tf_efficientnet_lite0", num_classes=10)
    if fast:
        speed_up_depthwise(model)
    model = model.to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters())
    images = torch.randn(BATCH, 3, SIZE, SIZE).contiguous(memory_format=torch.channels_last)
    labels = torch.randint(10, (BATCH,))

    def steps() -> None:
        for _ in range(STEPS):
            loss = functional.cross_entropy(model(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    steps()
    return steps


def main() -> None:
    start_torch(1)
    plain, fast = interleaved(7, training_steps(False), training_steps(True))
    print(f"| a training step of {BATCH} images | {plain / STEPS:.3f} s | {fast / STEPS:.3f} s | {plain / fast:.1f}× |")


if __name__ == "__main__":
    main()
