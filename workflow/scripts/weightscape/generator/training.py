"""Training of the ``diffusion`` kind: flow matching, an average of the weights, and labels withheld now and then.

Every draw of step k comes from the stream of (study, seed, k), so a training that resumes draws the same numbers,
and ends with the same bytes, as one that was never interrupted.
"""

import logging
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import numpy as np
import torch
from diffusers import FlowMatchEulerDiscreteScheduler, UNet2DModel
from diffusers.training_utils import EMAModel
from torch.nn.functional import mse_loss, pixel_unshuffle

from weightscape.data.imageset import check_images, check_labels
from weightscape.generator.kinds.diffusion import Diffusion
from weightscape.generator.pipeline import ClassConditionalPipeline, build_unet
from weightscape.streams import stream, stream_seed
from weightscape.training_state import TrainingState, moments, restore_moments

WARMUP_STEPS = 100
GRADIENT_NORM = 1.0
ADAM_BETAS = (0.9, 0.99)
REPORTS = 20

log = logging.getLogger(__name__)


class DivergedError(RuntimeError):
    """The loss is no longer a finite number."""


@dataclass(frozen=True)
class TrainedGenerator:
    """A trained generator and how it got there.

    Attributes
    ----------
    pipeline
        The pipeline with the averaged weights.
    losses
        Loss of each step's batch, float64, shape (steps,).
    """

    pipeline: ClassConditionalPipeline
    losses: np.ndarray


def train_diffusion(
    images: np.ndarray,
    labels: np.ndarray,
    class_names: Sequence[str],
    settings: Diffusion,
    study: str,
    seed: int,
    device: str = "cpu",
    training_state: TrainingState | None = None,
) -> TrainedGenerator:
    """Train a class-conditional diffusion model.

    Parameters
    ----------
    images
        uint8, shape (n, size, size, 3). If the three channels of all images are equal, one is trained.
    labels
        int64, shape (n,), indices into `class_names`.
    class_names
        Names of the classes, in the order of their labels.
    settings
        See `Diffusion`; what is missing is as for other images of as many channels.
    study, seed
        Name the streams that all random numbers come from.
    device
        Where torch runs.
    training_state
        Where the state is kept every ``settings.checkpoint_steps`` steps, and from where training resumes.

    Raises
    ------
    ValueError
        On images or labels of another type or shape, or a size that the U-Net cannot halve often enough.
    DivergedError
        When a loss is not finite.

    Notes
    -----
    Minimises E ‖v(x_σ, σ, c) − (ε − x₀)‖² with x_σ = (1 − σ) x₀ + σ ε and σ = 1/(1 + e^{−z}), z ~ N(0, 1), which puts
    more weight on the middle of the path [1]_. The weights are averaged with diffusers' `EMAModel`: decay
    min(ema_decay, (1 + k)/(10 + k)) at step k.

    References
    ----------
    .. [1] Esser et al., Scaling Rectified Flow Transformers for High-Resolution Image Synthesis, ICML 2024,
       arXiv 2403.03206, section 3.1.
    """
    check_images(images)
    check_labels(labels, len(images), len(class_names))
    if len(images) == 0:
        raise ValueError("there are no images to train the generator on")
    if problem := settings.size_problem("generator", images.shape[1]):
        raise ValueError(problem)
    chosen = settings.chosen(_channels(images))
    sides = (images, images[:, :, ::-1]) if chosen.flips else (images,)
    data = torch.stack([folded_images(side, settings.fold) for side in sides])
    unet = _initial_unet(images, len(class_names), settings, study, seed).to(device).train()
    optimizer = torch.optim.AdamW(unet.parameters(), betas=ADAM_BETAS, weight_decay=0.0, fused=True)
    average = EMAModel(unet.parameters(), decay=chosen.ema_decay, foreach=True)
    losses = _restore(training_state, unet, average, optimizer) if training_state else []
    progress = _Progress(chosen.steps, len(losses))
    for step in range(len(losses), chosen.steps):
        batch = _draw_batch(data, labels, len(class_names), settings, study, seed, step)
        noisy, timesteps, classes, velocity = (tensor.to(device) for tensor in batch)
        for group in optimizer.param_groups:
            group["lr"] = chosen.learning_rate * schedule(step, chosen.steps)
        loss = mse_loss(unet(noisy, timesteps, classes).sample, velocity)
        losses.append(loss.item())
        if not math.isfinite(losses[-1]):
            raise DivergedError(
                f"the generator's loss is {losses[-1]} at step {step + 1} of {chosen.steps}; "
                f"generator.learning_rate = {chosen.learning_rate} may be too high"
            )
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(unet.parameters(), GRADIENT_NORM)
        optimizer.step()
        average.step(unet.parameters())
        progress.report(losses)
        if training_state and (step + 1) % settings.checkpoint_steps == 0 and step + 1 < chosen.steps:
            state = chain(_weights(unet, average), moments(optimizer))
            training_state.save([*state, ("losses", torch.tensor(losses, dtype=torch.float64))])
    average.copy_to(unet.parameters())
    scheduler = FlowMatchEulerDiscreteScheduler()
    pipeline = ClassConditionalPipeline(unet.cpu().eval(), scheduler, settings.fold, list(class_names))
    pipeline.set_progress_bar_config(disable=True)
    return TrainedGenerator(pipeline, np.array(losses))


def folded_images(images: np.ndarray, fold: int) -> torch.Tensor:
    """Return images in [−1, 1] as the U-Net sees them: float32, shape (n, C·fold², size/fold, size/fold).

    C is 1 if the channels of all images are equal, otherwise 3.
    """
    channels = torch.from_numpy(images[..., : _channels(images)].transpose(0, 3, 1, 2).copy())
    return pixel_unshuffle(channels.float().div_(127.5).sub_(1), fold)


def schedule(step: int, steps: int) -> float:
    """Return the learning rate of a step relative to its peak: a linear rise, then a cosine to 0."""
    warmup = min(WARMUP_STEPS, steps // 10)
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup)))


def _channels(images: np.ndarray) -> int:
    return 1 if (images == images[..., :1]).all() else images.shape[3]


def _weights(unet: UNet2DModel, average: EMAModel) -> Iterator[tuple[str, torch.Tensor]]:
    for name, tensor in unet.state_dict().items():
        yield f"unet/{name}", tensor
    for index, tensor in enumerate(average.shadow_params):
        yield f"average/{index}", tensor


def _restore(
    training_state: TrainingState, unet: UNet2DModel, average: EMAModel, optimizer: torch.optim.Optimizer
) -> list[float]:
    """Put a saved state into the objects and return the losses so far; none if there is no state to resume from."""
    saved = training_state.load()
    if saved is None:
        return []
    for name, tensor in _weights(unet, average):
        tensor.copy_(saved[name])
    restore_moments(optimizer, saved)
    losses: list[float] = saved["losses"].tolist()
    average.optimization_step = len(losses)
    return losses


def _initial_unet(images: np.ndarray, classes: int, settings: Diffusion, study: str, seed: int) -> UNet2DModel:
    """Build the U-Net from its own stream; torch's global state, which layers draw from, is left as it was."""
    channels = _channels(images)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(stream_seed(study, seed, "generator/initial"))
        return build_unet(
            images.shape[1],
            channels,
            classes,
            settings.chosen(channels).channels,
            settings.layers_per_block,
            settings.fold,
        )


def _draw_batch(
    data: torch.Tensor, labels: np.ndarray, classes: int, settings: Diffusion, study: str, seed: int, step: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return the noisy images, timesteps (1000 σ), classes and velocities of one step.

    `data` has the images, and their mirror images if those are trained on: float32, shape (1 or 2, n, …).
    """
    chosen = _batch_indices(len(labels), settings.batch_size, study, seed, step)
    generator = torch.Generator().manual_seed(stream_seed(study, seed, "generator/step", step))
    noise = torch.randn(len(chosen), *data.shape[2:], generator=generator)
    sigma = torch.randn(len(chosen), generator=generator).sigmoid()
    withheld = torch.rand(len(chosen), generator=generator) < settings.class_dropout
    image = data[torch.randint(len(data), (len(chosen),), generator=generator), chosen]
    label = torch.from_numpy(labels[chosen]).masked_fill(withheld, classes)
    noisy = torch.lerp(image, noise, sigma.view(-1, 1, 1, 1))
    return noisy, 1000 * sigma, label, noise - image


def _batch_indices(count: int, batch_size: int, study: str, seed: int, step: int) -> np.ndarray:
    """Return the images of a step; each pass over the images has its own order, and passes follow without a gap."""
    positions = np.arange(step * batch_size, (step + 1) * batch_size)
    return np.array([_order(count, study, seed, int(p) // count)[p % count] for p in positions])


@lru_cache(maxsize=2)
def _order(count: int, study: str, seed: int, epoch: int) -> np.ndarray:
    return stream(study, seed, "generator/order", epoch).permutation(count)


class _Progress:
    """Log the mean loss and the time left, about twenty times in a training."""

    def __init__(self, steps: int, done: int) -> None:
        self.steps, self.first, self.start = steps, done, time.monotonic()
        self.every = max(1, steps // REPORTS)
        if done:
            log.info("resuming at step %d of %d", done, steps)

    def report(self, losses: Sequence[float]) -> None:
        done = len(losses)
        if done % self.every and done != self.steps:
            return
        left = (time.monotonic() - self.start) / (done - self.first) * (self.steps - done)
        log.info(
            "step %d of %d (%.0f %%): loss %.4f, about %.0f s left",
            done, self.steps, 100 * done / self.steps, np.mean(losses[-self.every :]), left,
        )  # fmt: skip
