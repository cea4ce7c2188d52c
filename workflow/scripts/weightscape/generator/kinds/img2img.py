"""Variants of real images by a text-to-image model: any that diffusers' `AutoPipelineForImage2Image` loads.

Image i of a pool is made from image i mod n of the n in the training pool, and keeps its label. A run draws variants of
images of its own (`weightscape.training.datasets.assemble`): it sees no real image through them that the baseline with
its seed does not see, and none of the other splits is ever used.
"""

from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from PIL import Image

from weightscape.data.resize import resize_square
from weightscape.generator.generator import Batch, Draw, Task
from weightscape.generator.pool import Pool
from weightscape.generator.prompts import PromptedPipeline


class Img2Img(PromptedPipeline):
    """Variants of real training images by a text-to-image model."""

    auto: ClassVar[str] = "AutoPipelineForImage2Image"
    made_from_real: ClassVar[bool] = True
    required: ClassVar[tuple[str, ...]] = ("guidance_scale", "strength")

    kind: Literal["img2img"]

    def pool_problem(self, pool: Pool, task: Task) -> str | None:
        """Return why the pool cannot be drawn, None if it can."""
        if pool.strength is not None and int(pool.strength * self.sampling_steps) < 1:
            return (
                f"strength = {pool.strength:g}: at least 1/{task.key}.sampling_steps = {1 / self.sampling_steps:g}, "
                "as that share of the steps is taken"
            )
        return super().pool_problem(pool, task)

    def load(self, trained: Path | None, task: Task) -> Draw:  # noqa: ARG002
        """Load the pipeline; errors as `HubPipeline.pipeline`."""
        pipeline = self.pipeline(task, ["prompt", "image", "strength"])
        prompts = self.prompt_drawer(task)
        size = self.size or own_size(pipeline, task)

        def draw(batch: Batch) -> np.ndarray:
            assert batch.real is not None
            images = [resize_square(Image.fromarray(image), size) for image in batch.real]
            return self.ask_for(pipeline, batch, prompts(batch), image=images, strength=batch.pool.strength)

        return draw


def own_size(pipeline: Any, task: Task) -> int:
    """Return the side of the images that a pipeline is made for.

    Raises
    ------
    ValueError
        If it does not tell.
    """
    unet = getattr(pipeline, "unet", None)
    latents = getattr(pipeline, "default_sample_size", None) or (unet and unet.config.sample_size)
    if not isinstance(latents, int):
        raise ValueError(f"{task.key} lacks the key size: {type(pipeline).__name__} does not tell it")
    return latents * int(pipeline.vae_scale_factor)
