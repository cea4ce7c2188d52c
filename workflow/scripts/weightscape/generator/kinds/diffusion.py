"""A class-conditional diffusion model that the workflow trains on the generator pool."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from weightscape.generator.generator import Batch, Draw, Generator, Origin, Task
from weightscape.section import Count, Range


class _MultipleOfEight(Range):
    """Positive multiples of 8."""

    def __contains__(self, value: object) -> bool:
        return super().__contains__(value) and int(value) % 8 == 0  # type: ignore[call-overload]

    def __str__(self) -> str:
        return "a multiple of 8"


Width = Annotated[int, _MultipleOfEight(8, 4096, integer=True)]


@dataclass(frozen=True)
class Chosen:
    """The settings that depend on the images where the config does not give them; see `Diffusion` for what they are."""

    steps: int
    learning_rate: float
    ema_decay: float
    flips: bool
    channels: list[int]
    sampling_steps: int


GREY = Chosen(1200, 2e-3, 0.995, flips=False, channels=[32, 64, 64], sampling_steps=8)
COLOUR = Chosen(3000, 1.5e-3, 0.998, flips=True, channels=[48, 96, 96], sampling_steps=16)


class Diffusion(Generator):
    """A class-conditional diffusion model that the workflow trains on the generator pool."""

    trains: ClassVar[bool] = True
    by_colour: ClassVar[Mapping[str, Mapping[str, Any]]] = {"grey": asdict(GREY), "colour": asdict(COLOUR)}

    kind: Literal["diffusion"] = "diffusion"
    trained_on: Literal["pool", "subset"] = "pool"
    """`pool`: the images of `data.splits.generator`, which no run trains on, so that synthetic images bring external
    data; `subset`: the images that every run trains on, which then are all of `data.splits.train`, so that they bring
    none"""
    steps: Count | None = None
    """optimiser steps; 1200 by default, 3000 for colour images"""
    batch_size: Count = 32
    """images per step"""
    learning_rate: Annotated[float, Range(0, 1, low_open=True)] | None = None
    """peak rate of AdamW, 0.002 by default, 0.0015 for colour images; it rises over the first steps and falls to 0 as a
    cosine"""
    ema_decay: Annotated[float, Range(0, 1, high_open=True)] | None = None
    """decay per step of the exponential moving average of the weights, which is what is saved; 0.995 by default, 0.998
    for colour images"""
    flips: bool | None = None
    """whether mirror images are trained on too; by default not, but for colour images"""
    class_dropout: Annotated[float, Range(0, 1, low_open=True, high_open=True)] = 0.1
    """share of the images that are trained without their label, for classifier-free guidance"""
    channels: Annotated[list[Width], Field(min_length=1)] | None = None
    """width of each resolution of the U-Net, finest first; [32, 64, 64] by default, [48, 96, 96] for colour images"""
    layers_per_block: Count = 1
    """residual blocks per resolution"""
    fold: Literal[1, 2, 4, 8] = 2
    """images of H×W×C are folded to H/fold × W/fold × C·fold² before the U-Net sees them"""
    checkpoint_steps: Count = 250
    """steps between two states from which an interrupted training resumes"""
    sampling_steps: Count | None = None
    """Adams–Bashforth steps per image; 8 by default, 16 for colour images"""
    sampling_batch_size: Count = 50
    """images per batch; changing it may change the last bits of an image"""

    def chosen(self, channels: int) -> Chosen:
        """Return the settings for images with this number of channels, 1 if they are grey: the given ones first."""
        names = [field.name for field in fields(Chosen)]
        given = {name: value for name in names if (value := getattr(self, name)) is not None}
        return replace(GREY if channels == 1 else COLOUR, **given)

    @property
    def learnt_from(self) -> Origin:
        """Which real images the generator has learnt from."""
        return self.trained_on

    @property
    def images_at_once(self) -> int:
        """How many images are drawn at once."""
        return self.sampling_batch_size

    def problem(self, task: Task) -> str | None:
        """Return why the images cannot be folded and halved, None if they can."""
        return self.size_problem(task.key, task.image_size)

    def size_problem(self, key: str, image_size: int) -> str | None:
        """Return why images of this side in pixels cannot be folded and halved, None if they can."""
        for channels in (self.channels,) if self.channels else (GREY.channels, COLOUR.channels):
            step = self.fold * 2 ** (len(channels) - 1)
            if image_size % step:
                return (
                    f"images of {image_size} px cannot be folded by {key}.fold = {self.fold} and halved for each of "
                    f"{key}.channels = {channels} but the first; allowed: multiples of {step} px"
                )
        return None

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

        steps = self.chosen(pipeline.image_channels).sampling_steps

        def draw(batch: Batch) -> np.ndarray:
            return pipeline(batch.labels, batch.pool.guidance_scale, list(batch.generators), steps).images

        return draw
