"""Fine-tuning: a plain PyTorch loop in which every random draw comes from a named stream."""

import logging
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import nn
from torch.nn import functional

from weightscape.backbone import State, build_classifier
from weightscape.backbone_description import BackboneDescription
from weightscape.evaluation.predict import predict_logits
from weightscape.few_pixels import speed_up_few_pixels
from weightscape.images import to_batch
from weightscape.streams import stream_seed
from weightscape.training.average import MovingAverage
from weightscape.training.datasets import LabelledImages, TrainingSet, batches
from weightscape.training.freezing import backbone_layers, freeze, train_mode
from weightscape.training.gradient import batch_gradient
from weightscape.training.intervention import Intervention, augment_batch, mix_batch, perturb_inputs
from weightscape.training.optimizers import PEAK, build_optimizer
from weightscape.training.settings import TrainingSettings
from weightscape.training.targets import likeliest_labels
from weightscape.training_state import TrainingState, moments, restore_moments

log = logging.getLogger(__name__)

Point = tuple[int, int, np.ndarray]
"""Epoch, optimiser step and float64 numbers about the weights there."""
HISTORY = ("epoch", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "learning_rate")


class DivergedError(RuntimeError):
    """Training produced a loss that is not a finite number."""


@dataclass(frozen=True)
class Run:
    """Result of one training run.

    Attributes
    ----------
    state
        The fine-tuned state dict: the moving average's if the settings have one.
    history
        Loss and accuracy per epoch.
    steps
        Optimiser steps.
    fitted_loss
        Mean cross-entropy of the run's own real training images at the end, each once and as they are, with the
        network in evaluation mode: how far training went, alike for all conditions. NaN without real images.
    points
        What the observer saw.
    """

    state: State
    history: pd.DataFrame
    steps: int
    fitted_loss: float
    points: Sequence[Point] = ()


@dataclass(frozen=True)
class Observer:
    """Looks at a run's weights before its first step, every so many epochs and at its end.

    Attributes
    ----------
    every
        Epochs between two looks.
    observe
        From name → array of the whole state to float64 numbers.
    """

    every: int
    observe: Callable[[Mapping[str, np.ndarray]], np.ndarray]


def finetune(
    treatment: Sequence[Intervention],
    settings: TrainingSettings,
    description: BackboneDescription,
    backbone: State,
    training: TrainingSet,
    validation: LabelledImages,
    num_classes: int,
    study: str,
    seed: int,
    device: str = "cpu",
    training_state: TrainingState | None = None,
    replicate: int = 1,
    observer: Observer | None = None,
) -> Run:
    """Fine-tune the backbone with a fresh classifier under one condition.

    The classifier's initialisation, the order of the batches and the dropout masks of equally shaped conditions come
    from streams named by study and seed only, so that runs with the same seed are paired across conditions.

    Parameters
    ----------
    treatment
        The interventions by which the condition differs from the baseline.
    settings
        What all runs share.
    description, backbone
        The backbone's description and the state dict that training starts from; see `weightscape.backbone`.
    training, validation
        The run's training set (see `weightscape.training.datasets.assemble`) and the validation images.
    num_classes
        Number of classes.
    study, seed
        Name the random streams.
    device
        ``"cpu"`` or ``"cuda"``.
    training_state
        Where the state is kept after every epoch, and from where training resumes: the result has the same bytes.
    replicate
        Which of the baseline's replicates the run is; see `weightscape.training.datasets.batches`.
    observer
        Looks at the weights along training. What it saw is part of the state from which training resumes.

    Raises
    ------
    DivergedError
        When the loss is not finite.
    """
    model = build_classifier(description, backbone, num_classes, stream_seed(study, seed, "head"))
    freeze(model, settings.frozen_layers(len(backbone_layers(model))))
    checks = [check for intervention in treatment if (check := intervention.modify(model))]
    if settings.precision == "float32" and not settings.compile:  # it replaces what torch would compile or cast
        speed_up_few_pixels(model)
    model = model.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    pulls = [pull for intervention in treatment if (pull := intervention.before_step(model))]
    decay = next((decay for intervention in treatment if (decay := intervention.weight_decay())), None)
    optimizer = build_optimizer(model, settings, decay)
    average = MovingAverage(model, settings.ema) if settings.ema else None
    steps = schedule_steps = settings.run_steps(len(training))
    for intervention in treatment:
        steps, schedule_steps = intervention.steps(steps), intervention.schedule_steps(schedule_steps)
    shape = description.normalisation

    if checks:
        model.eval()(to_batch(training.images[:1], *shape).to(device))
    for check in checks:
        check()
    gradient = batch_gradient(model, settings, device)

    points = [(0, 0, observer.observe(_arrays(model)))] if observer else []
    steps_per_epoch = settings.steps_per_epoch(len(training))
    rows = _restore(training_state, model, average, optimizer, points) if training_state else []
    done = min(len(rows) * steps_per_epoch, steps)
    if rows:
        log.info("seed %d: resuming after epoch %d", seed, len(rows))
    losses: list[float] = []
    hits: list[float] = []
    order = batches(len(training), settings.batch_size, steps, study, seed, replicate)
    for step, index in enumerate(islice(order, done, None), start=done):
        for group in optimizer.param_groups:
            group["lr"] = settings.rate(step, schedule_steps, group[PEAK])
        stream = (study, seed, "batch", step)
        images = augment_batch(training.images[index], treatment, *stream)
        images, targets = mix_batch(images, training.labels[index], num_classes, treatment, *stream)
        labels = torch.from_numpy(likeliest_labels(targets)).to(device)
        inputs = perturb_inputs(to_batch(images, *shape), treatment, *stream)
        torch.manual_seed(stream_seed(study, seed, "dropout", step))
        train_mode(model)
        optimizer.zero_grad(set_to_none=True)
        loss, logits = gradient(inputs.to(device), torch.from_numpy(targets).to(device))
        if settings.clip_norm:
            nn.utils.clip_grad_norm_(model.parameters(), settings.clip_norm)
        for pull in pulls:
            pull(optimizer)
        optimizer.step()
        if average:
            average.update()
        losses.append(loss)
        hits.append((logits.argmax(1) == labels).double().mean().item())
        if not math.isfinite(losses[-1]):
            raise DivergedError(
                f"seed {seed}: the loss is {losses[-1]} at step {step + 1} of {steps}; "
                f"lower training.learning_rate ({settings.learning_rate:g}) or the dose"
            )
        if (step + 1) % steps_per_epoch == 0 or step + 1 == steps:
            with average.in_place() if average else nullcontext():
                validated = _validate(model, validation, shape)
                if observer and ((len(rows) + 1) % observer.every == 0 or step + 1 == steps):
                    points.append((len(rows) + 1, step + 1, observer.observe(_arrays(model))))
            rows.append(
                {
                    "epoch": len(rows) + 1,
                    "train_loss": float(np.mean(losses)),
                    "train_accuracy": float(np.mean(hits)),
                    **validated,
                    "learning_rate": settings.rate(step, schedule_steps, settings.learning_rate),
                }
            )
            log.info(
                "seed %d epoch %d: loss %.4f, accuracy %.3f; validation loss %.4f, accuracy %.3f",
                seed, *(rows[-1][key] for key in HISTORY[:5]),
            )  # fmt: skip
            losses.clear()
            hits.clear()
            if training_state:
                training_state.save(_state(model, average, optimizer, rows, points))
    history = pd.DataFrame(rows, columns=list(HISTORY))
    with average.in_place() if average else nullcontext():
        state = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in model.state_dict().items()}
        return Run(state, history, steps, _loss(model, training.real, shape), points)


def _arrays(model: nn.Module) -> dict[str, np.ndarray]:
    return {name: tensor.detach().cpu().contiguous().numpy() for name, tensor in model.state_dict().items()}


def _state(
    model: nn.Module,
    average: MovingAverage | None,
    optimizer: torch.optim.Optimizer,
    rows: list[dict[str, Any]],
    points: list[Point],
) -> Iterator[tuple[str, torch.Tensor]]:
    for name, tensor in model.state_dict().items():
        yield f"model/{name}", tensor
    for name, tensor in average.state.items() if average else ():
        yield f"average/{name}", tensor
    yield from moments(optimizer)
    for name in HISTORY:
        yield f"history/{name}", torch.tensor([row[name] for row in rows], dtype=torch.float64)
    for epoch, step, values in points:
        yield f"points/{epoch}/{step}", torch.from_numpy(values)


def _restore(
    training_state: TrainingState,
    model: nn.Module,
    average: MovingAverage | None,
    optimizer: torch.optim.Optimizer,
    points: list[Point],
) -> list[dict[str, Any]]:
    """Put a saved state into the objects and return the rows of the epochs so far; none if there is no such state."""
    saved = training_state.load()
    if saved is None:
        return []
    for name, tensor in model.state_dict().items():
        tensor.copy_(saved[f"model/{name}"])
    for name, tensor in average.state.items() if average else ():
        tensor.copy_(saved[f"average/{name}"])
    restore_moments(optimizer, saved)
    places = [key.split("/") for key in saved if key.startswith("points/")]
    points[:] = sorted((int(epoch), int(step), saved[f"points/{epoch}/{step}"].numpy()) for _, epoch, step in places)
    columns = [saved[f"history/{name}"].tolist() for name in HISTORY]
    rows: list[dict[str, Any]] = [dict(zip(HISTORY, values, strict=True)) for values in zip(*columns, strict=True)]
    return [{**row, "epoch": int(row["epoch"])} for row in rows]


def _loss(model: nn.Module, images: LabelledImages, shape: tuple[Any, Any, int]) -> float:
    """Return the mean cross-entropy, NaN of no images."""
    if not len(images):
        return math.nan
    logits = torch.from_numpy(predict_logits(model.eval(), images.images, *shape))
    return functional.cross_entropy(logits.double(), torch.from_numpy(images.labels)).item()


def _validate(model: nn.Module, validation: LabelledImages, shape: tuple[Any, Any, int]) -> dict[str, float]:
    logits = torch.from_numpy(predict_logits(model.eval(), validation.images, *shape))
    labels = torch.from_numpy(validation.labels)
    return {
        "validation_loss": functional.cross_entropy(logits.double(), labels).item(),
        "validation_accuracy": (logits.argmax(1) == labels).double().mean().item(),
    }
