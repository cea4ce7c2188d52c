"""Training and prediction of the default study with torch's convolutions and with the fast ones, in turns.

Run as ``OMP_NUM_THREADS=1 PYTHONPATH=workflow/scripts python benchmarks/training.py``; prints the rows of
docs/performance.md: CPU seconds, and the share of what the same core's matrix products would allow. Two variables make
a newer processor one with AVX2: ``ONEDNN_MAX_CPU_ISA=AVX2 ATEN_CPU_CAPABILITY=avx2``. With ``--profile`` it prints
where the time of a fast step goes.
"""

import sys
import time
from collections.abc import Callable

import numpy as np
import timm
import torch
from torch.nn import functional
from torch.profiler import ProfilerActivity, profile

from spectra import interleaved
from weightscape.backbone import load_finetuned, load_for_prediction
from weightscape.evaluation.predict import predict_logits
from weightscape.few_pixels import speed_up_few_pixels
from weightscape.torch_job import start_torch

BATCHES, SIZE, ROUNDS, STEPS, IMAGES = (32, 64, 128), 32, 9, 2, 1000
FLOPS = 3 * 15.7e6
"""Of a training step of EfficientNet-Lite0 for each image: forward, and twice that for the two gradients."""


def training_steps(batch: int, fast: bool) -> Callable[[], None]:
    """Return a function that makes a few steps of EfficientNet-Lite0."""
    torch.manual_seed(0)
    model = timm.create_model("tf_efficientnet_lite0", num_classes=10)
    if fast:
        speed_up_few_pixels(model)
    model = model.to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), fused=fast)
    images = torch.randn(batch, 3, SIZE, SIZE).contiguous(memory_format=torch.channels_last)
    labels = torch.randint(10, (batch,))

    def steps() -> None:
        for _ in range(STEPS):
            loss = functional.cross_entropy(model(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    steps()
    return steps


def prediction(fast: bool) -> Callable[[], None]:
    """Return a function that computes the logits of `IMAGES` images."""
    torch.manual_seed(0)
    description = {"architecture": "tf_efficientnet_lite0"}
    state = timm.create_model(description["architecture"], num_classes=10).state_dict()
    model = (load_for_prediction if fast else load_finetuned)(description, state, 10)
    images = np.random.default_rng(0).integers(0, 256, (IMAGES, SIZE, SIZE, 3), dtype=np.uint8)
    return lambda: predict_logits(model, images, [0.5] * 3, [0.5] * 3, SIZE)


def matrix_product() -> None:
    """Multiply two matrices that fit into the cache, with 2·1024³ operations."""
    torch.mm(LEFT, RIGHT)


LEFT, RIGHT = torch.randn(2, 1024, 1024)


def main() -> None:
    start_torch(1)
    if "--profile" in sys.argv:
        steps = training_steps(BATCHES[0], True)
        with profile(activities=[ProfilerActivity.CPU]) as result:
            steps()
        print(result.key_averages().table(sort_by="self_cpu_time_total", row_limit=15, max_name_column_width=40))
        return
    for batch in BATCHES:
        slow, fast = training_steps(batch, False), training_steps(batch, True)
        theirs, ours, product = interleaved(ROUNDS, slow, fast, matrix_product, clock=time.process_time)
        theirs, ours, limit = theirs / STEPS, ours / STEPS, batch * FLOPS * product / (2 * 1024**3)
        print(f"| training step, {batch} images | {1000 * theirs:.0f} ms | {1000 * ours:.0f} ms", end=" ")
        print(f"| {theirs / ours:.1f}× | {limit / ours:.0%} |")
    theirs, ours, product = interleaved(
        ROUNDS, prediction(False), prediction(True), matrix_product, clock=time.process_time
    )
    theirs, ours, limit = theirs / IMAGES, ours / IMAGES, FLOPS / 3 * product / (2 * 1024**3)
    print(f"| prediction, each image | {1000 * theirs:.2f} ms | {1000 * ours:.2f} ms", end=" ")
    print(f"| {theirs / ours:.1f}× | {limit / ours:.0%} |")


if __name__ == "__main__":
    main()
