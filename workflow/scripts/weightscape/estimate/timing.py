"""How long one piece of a study's work takes on this machine: real code on random images and weights."""

import time
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from weightscape.backbone import State, build_classifier, load_for_prediction
from weightscape.backbone_description import BackboneDescription
from weightscape.config.study import Study
from weightscape.evaluation.predict import predict_logits
from weightscape.images import to_batch
from weightscape.spectra.analysis import analyze
from weightscape.spectra.cache import Cache
from weightscape.spectra.matrices import layer_name
from weightscape.spectra.study import start_rows
from weightscape.training.datasets import LabelledImages, TrainingSet
from weightscape.training.finetune import finetune
from weightscape.training.intervention import Intervention, augment_batch, mix_batch

STEPS = 3
"""Training steps that are timed, after one that is not."""
IMAGES = 64
"""Images of a timed prediction."""


def random_images(count: int, size: int, classes: int) -> LabelledImages:
    """Return random images: uint8, shape (count, size, size, 3), labels in turn."""
    images = np.random.default_rng(0).integers(0, 256, (count, size, size, 3), np.uint8)
    return LabelledImages(images, np.arange(count, dtype=np.int64) % classes)


def seconds(work: Callable[[], object], device: str = "cpu") -> float:
    """Return the seconds that a call takes: CPU time, or wall time where a card works."""
    clock = time.process_time if device == "cpu" else time.perf_counter
    start = clock()
    work()
    return clock() - start


def step_seconds(study: Study, description: BackboneDescription, state: State) -> float:
    """Return the seconds of an optimiser step of the baseline, from images as arrays to new weights."""
    settings, classes = study.training, len(study.class_names)

    def train(steps: int) -> None:
        images = random_images(settings.batch_size * steps, study.data.image_size, classes)
        few = settings.model_copy(update={"images": len(images), "epochs": None, "steps": steps})
        none = images.take(np.empty(0, np.int64))
        training = TrainingSet(images.images, images.labels, real=none, n_real=len(images), n_synthetic=0)
        one = images.take(np.zeros(1, np.int64))
        finetune((), few, description, state, training, one, classes, study.name, 0, settings.device)

    train(1)  # what is only done once in a process
    one, more = seconds(lambda: train(1), settings.device), seconds(lambda: train(1 + STEPS), settings.device)
    return max(1e-6, more - one) / STEPS


def augmentation_seconds(study: Study, treatment: Sequence[Intervention]) -> float:
    """Return the seconds in which a batch is augmented under a condition."""
    classes = len(study.class_names)
    batch = random_images(study.training.batch_size, study.data.image_size, classes)

    def augment() -> None:
        images = augment_batch(batch.images, treatment, study.name, 0, "estimate")
        mix_batch(images, batch.labels, classes, treatment, study.name, 0, "estimate")

    return min(seconds(augment) for _ in range(2))


def prediction_seconds(study: Study, description: BackboneDescription, state: State) -> float:
    """Return the seconds in which the network sees one image."""
    classes = len(study.class_names)
    trained = build_classifier(description, state, classes, head_seed=0).state_dict()
    model = load_for_prediction(description, trained, classes).to(study.training.device)
    images = random_images(IMAGES, study.data.image_size, classes).images

    def predict() -> None:
        predict_logits(model, images, *description.normalisation)

    return min(seconds(predict, study.training.device) for _ in range(2)) / IMAGES


def spectra_seconds(description: BackboneDescription, state: State) -> float:
    """Return the CPU seconds of the spectra of a run, of W and of ΔW: a layer of each shape is timed."""
    arrays = {name: state[name].numpy() for name in description.layers}
    shapes = Counter(array.shape for array in arrays.values())
    before = {name: arrays[name] for name in {array.shape: name for name, array in arrays.items()}.values()}
    layers = {name: description.layers[name] for name in before}
    generator = np.random.default_rng(0)
    after = {
        name: array + 0.01 * float(array.std()) * generator.standard_normal(array.shape).astype(np.float32)
        for name, array in before.items()
    }
    cache = Cache()
    start_rows(before, layers, cache=cache)  # decomposed once for all runs of a study
    clock, total = time.process_time(), 0.0
    times = {layer_name(name): shapes[array.shape] for name, array in before.items()}

    def count(layer: str, *_: object) -> None:
        nonlocal clock, total
        now = time.process_time()
        # q, k and v of a fused projection are layers of their own.
        total += (times.get(layer) or times[layer.rpartition(".")[0]]) * (now - clock)
        clock = now

    analyze(after, before=before, layers=layers, cache=cache, on_layer=count)
    return total


def flops(study: Study, description: BackboneDescription, state: State) -> float:
    """Return the floating-point operations of the network for one image, forward."""
    model = build_classifier(description, state, len(study.class_names), head_seed=0).eval()
    image = random_images(1, study.data.image_size, len(study.class_names)).images
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        model(to_batch(image, *description.normalisation))
    return float(counter.get_total_flops())
