"""The diffusion model of the ``diffusion`` kind: a small U-Net on folded images, as a diffusers pipeline.

Flow matching with straight paths [1]_ as diffusers' `FlowMatchEulerDiscreteScheduler` defines it: with noise ε and an
image x₀ in [−1, 1], x_σ = (1 − σ) x₀ + σ ε, and the network predicts the velocity v = ε − x₀ from (x_σ, 1000 σ, class).
Images are folded by `pixel_unshuffle`, so a 32×32 image is a 16×16 one with 4 times the channels: the same values at
a quarter of the convolutions' cost.

References
----------
.. [1] Lipman et al., Flow Matching for Generative Modeling, ICLR 2023, arXiv 2210.02747; Liu et al., Flow Straight and
   Fast, ICLR 2023, arXiv 2209.03003.
.. [2] Ho & Salimans, Classifier-Free Diffusion Guidance, 2021, arXiv 2207.12598.
.. [3] Hairer, Nørsett & Wanner, Solving Ordinary Differential Equations I, 2nd edition, Springer 1993, section III.1.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from diffusers import DiffusionPipeline, FlowMatchEulerDiscreteScheduler, ImagePipelineOutput, UNet2DModel
from diffusers.utils.torch_utils import randn_tensor
from torch.nn.functional import pixel_shuffle

MODEL_FILES = (
    "model_index.json",
    "unet/config.json",
    "unet/diffusion_pytorch_model.safetensors",
    "scheduler/scheduler_config.json",
)
"""What `ClassConditionalPipeline.save_pretrained` writes."""


def build_unet(
    image_size: int, image_channels: int, classes: int, channels: Sequence[int], layers_per_block: int, fold: int
) -> UNet2DModel:
    """Return an untrained U-Net without attention for folded square images.

    Class `classes` (one past the last) is the label of images whose class is withheld.

    Parameters
    ----------
    image_size, image_channels
        Side in pixels and channels of the images before folding.
    classes
        Number of classes.
    channels, layers_per_block, fold
        See `weightscape.generator.kinds.diffusion.Diffusion`.
    """
    return UNet2DModel(
        sample_size=image_size // fold,
        in_channels=image_channels * fold**2,
        out_channels=image_channels * fold**2,
        block_out_channels=tuple(channels),
        layers_per_block=layers_per_block,
        down_block_types=("DownBlock2D",) * len(channels),
        up_block_types=("UpBlock2D",) * len(channels),
        norm_num_groups=8,
        add_attention=False,
        num_class_embeds=classes + 1,
    )


class ClassConditionalPipeline(DiffusionPipeline):
    """Draw images of given classes with classifier-free guidance; saved and loaded in diffusers' layout.

    Parameters
    ----------
    unet
        A U-Net of `build_unet`.
    scheduler
        A flow-matching scheduler with Euler steps.
    fold
        How far images were folded for `unet`.
    class_names
        Names of the classes, in the order of their labels.
    """

    def __init__(
        self,
        unet: UNet2DModel,
        scheduler: FlowMatchEulerDiscreteScheduler,
        fold: int = 2,
        class_names: list[str] | None = None,
    ) -> None:
        super().__init__()
        self.register_modules(unet=unet, scheduler=scheduler)
        self.register_to_config(fold=fold, class_names=list(class_names or []))

    @property
    def image_channels(self) -> int:
        """Channels of the images that the network was trained on: 1 if they are grey."""
        return int(self.unet.config.in_channels) // self.config.fold**2

    @classmethod
    def load(cls, directory: str | Path) -> "ClassConditionalPipeline":
        """Load a saved pipeline from `directory`."""
        pipeline = cls.from_pretrained(directory, low_cpu_mem_usage=False, local_files_only=True)
        pipeline.set_progress_bar_config(disable=True)
        return pipeline

    @torch.inference_mode()
    def __call__(
        self,
        class_labels: Sequence[int],
        guidance_scale: float = 1.0,
        generator: list[torch.Generator] | None = None,
        num_inference_steps: int = 8,
    ) -> ImagePipelineOutput:
        """Draw one image per label.

        Parameters
        ----------
        class_labels
            Labels of the images, each from 0 to classes − 1.
        guidance_scale
            g in v = v_∅ + g (v_c − v_∅) [2]_, with v_c and v_∅ the velocities with and without the label. 1 is the
            plain class-conditional model (and half the work), above 1 images get more typical of their class.
        generator
            One generator of the first noise per image.
        num_inference_steps
            Steps of the solver, at σ = 1, 1 − 1/n, …, 1/n.

        Returns
        -------
        ImagePipelineOutput
            ``images``: float32 array (n, H, W, C) in [0, 1].

        Notes
        -----
        The path dx/dσ = v(x, σ) is followed from σ = 1 to 0 by the Adams–Bashforth method of order 2 [3]_, which asks
        the network once per step, as Euler's method does: x_{k+1} = x_k + h (3/2 v_k − 1/2 v_{k−1}) with
        h = σ_{k+1} − σ_k = −1/n. That is an Euler step along 3/2 v_k − 1/2 v_{k−1}; the first step is a plain one.
        """
        unet, device = self.unet.eval(), self._execution_device
        size = unet.config.sample_size
        shape = (len(class_labels), unet.config.in_channels, size, size)
        folded = randn_tensor(shape, generator=generator, device=device)
        labels = torch.as_tensor(class_labels, device=device)
        withheld = torch.full_like(labels, unet.config.num_class_embeds - 1)
        self.scheduler.set_timesteps(sigmas=np.linspace(1, 1 / num_inference_steps, num_inference_steps), device=device)
        previous = None
        for timestep in self.progress_bar(self.scheduler.timesteps):
            if guidance_scale == 1:
                velocity = unet(folded, timestep, labels).sample
            else:
                both = unet(folded.repeat(2, 1, 1, 1), timestep, torch.cat([labels, withheld])).sample
                with_label, without_label = both.chunk(2)
                velocity = without_label + guidance_scale * (with_label - without_label)
            direction = velocity if previous is None else 1.5 * velocity - 0.5 * previous
            folded = self.scheduler.step(direction, timestep, folded).prev_sample
            previous = velocity
        images = pixel_shuffle(folded, self.config.fold).add(1).div(2).clamp(0, 1)
        return ImagePipelineOutput(images=images.permute(0, 2, 3, 1).cpu().numpy())
