"""The ``pipeline`` kind: images from any diffusers pipeline that is asked by class label or by prompt.

A directory made with ``save_pretrained``, or a name on the hub. Class-conditional pipelines such as `DiTPipeline` need
diffusers only; text encoders need the package ``transformers``, which is not among the workflow's own requirements.
"""

import importlib.util
import inspect
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from diffusers import DiffusionPipeline

from weightscape.generator.settings import PipelineSettings


def load_external(
    settings: PipelineSettings, source: str | Path, class_names: Sequence[str], device: str
) -> Callable[[list[int], list[torch.Generator], float], np.ndarray]:
    """Return the function that draws images from a diffusers pipeline; see `weightscape.generator.sampling.Draw`.

    Parameters
    ----------
    settings
        See `PipelineSettings`.
    source
        Directory, or name on the hub.
    class_names
        Names of the study's classes, in the order of their labels.
    device
        Where torch runs.

    Raises
    ------
    ValueError
        If the pipeline cannot be asked in the way that the settings say.
    ImportError
        If a prompt is to be read and ``transformers`` is missing.
    """
    targets = settings.class_labels or tuple(range(len(class_names)))
    if settings.prompt and importlib.util.find_spec("transformers") is None:
        raise ImportError(
            f"generator.prompt: {source} reads prompts with the package transformers, which is not installed; "
            "install it beside diffusers, or use a class-conditional pipeline without generator.prompt"
        )
    pipeline = DiffusionPipeline.from_pretrained(source, revision=settings.revision, low_cpu_mem_usage=False).to(device)
    pipeline.set_progress_bar_config(disable=True)
    asked_by = "prompt" if settings.prompt else "class_labels"
    if asked_by not in inspect.signature(pipeline.__call__).parameters:
        raise ValueError(
            f"{source}: {type(pipeline).__name__} takes no {asked_by}; allowed: text-to-image pipelines with "
            "generator.prompt, class-conditional ones such as DiTPipeline without it"
        )

    def draw(labels: list[int], generators: list[torch.Generator], guidance_scale: float) -> np.ndarray:
        if settings.prompt:
            question: list = [settings.prompt.format(class_name=class_names[label]) for label in labels]
        else:
            question = [targets[label] for label in labels]
        return pipeline(
            **{asked_by: question},
            guidance_scale=guidance_scale,
            generator=generators,
            num_inference_steps=settings.sampling_steps,
            output_type="np",
        ).images

    return draw
