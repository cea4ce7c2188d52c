"""A class-conditional diffusion model that the workflow trains on the generator pool."""

from pathlib import Path
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from weightscape.generator.generator import Batch, Draw, Generator, Task
from weightscape.section import Count, Range


class _MultipleOfEight(Range):
    """Positive multiples of 8."""

    def __contains__(self, value: object) -> bool:
        return super().__contains__(value) and int(value) % 8 == 0  # type: ignore[call-overload]

    def __str__(self) -> str:
        return "a multiple of 8"


Width = Annotated[int, _MultipleOfEight(8, 4096, integer=True)]


class Diffusion(Generator):
    """A class-conditional diffusion model that the workflow trains on the generator pool."""

    trains: ClassVar[bool] = True

    kind: Literal["diffusion"] = "diffusion"
    steps: Count = 1200
    """optimiser steps"""
    batch_size: Count = 32
    """images per step"""
    learning_rate: Annotated[float, Range(0, 1, low_open=True)] = 2e-3
    """peak rate of AdamW; it rises over the first steps and falls to 0 along a cosine"""
    ema_decay: Annotated[float, Range(0, 1, high_open=True)] = 0.995
    """decay per step of the exponential moving average of the weights, which is what is saved"""
    class_dropout: Annotated[float, Range(0, 1, low_open=True, high_open=True)] = 0.1
    """share of the images that are trained without their label, for classifier-free guidance"""
    channels: Annotated[list[Width], Field(min_length=1)] = Field(default_factory=lambda: [32, 64, 64])
    """width of each resolution of the U-Net, finest first"""
    layers_per_block: Count = 1
    """residual blocks per resolution"""
    fold: Literal[1, 2, 4, 8] = 2
    """images of H×W×C are folded to H/fold × W/fold × C·fold² before the U-Net sees them"""
    checkpoint_steps: Count = 250
    """steps between two states from which an interrupted training resumes"""
    sampling_steps: Count = 8
    """Adams–Bashforth steps per image"""
    sampling_batch_size: Count = 50
    """images per batch; changing it may change the last bits of an image"""

    @property
    def images_at_once(self) -> int:
        """How many images are drawn at once."""
        return self.sampling_batch_size

    def problem(self, task: Task) -> str | None:
        """Return why the images cannot be folded and halved, None if they can."""
        return self.size_problem(task.key, task.image_size)

    def size_problem(self, key: str, image_size: int) -> str | None:
        """Return why images of this side in pixels cannot be folded and halved, None if they can."""
        step = self.fold * 2 ** (len(self.channels) - 1)
        if image_size % step == 0:
            return None
        return (
            f"images of {image_size} px cannot be folded by {key}.fold = {self.fold} and halved for each of "
            f"{key}.channels = {self.channels} but the first; allowed: multiples of {step} px"
        )

    def load(self, trained: Path | None, task: Task) -> Draw:
        """Load the trained pipeline.

        Raises
        ------
        ValueError
            If it was trained on other classes.
        """
        from weightscape.generator.pipeline import ClassConditionalPipeline

        assert trained is not None
        pipeline = ClassConditionalPipeline.load(trained).to(task.device)
        classes = list(pipeline.config.class_names)
        if classes != list(task.class_names):
            raise ValueError(
                f"{trained}: the generator was trained on the classes {classes}, not {list(task.class_names)}"
            )

        def draw(batch: Batch) -> np.ndarray:
            scale = batch.pool.guidance_scale
            return pipeline(batch.labels, scale, list(batch.generators), self.sampling_steps).images

        return draw
