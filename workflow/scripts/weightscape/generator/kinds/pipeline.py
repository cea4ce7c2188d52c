"""Any diffusers pipeline, from the hub or a local directory, that makes images from a prompt or a class label.

Class-conditional pipelines such as `DiTPipeline` need diffusers only; text encoders need the package ``transformers``,
which is not among the workflow's own requirements.
"""

import importlib.util
import inspect
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from weightscape.generator.generator import Draw, Generator
from weightscape.section import UNLIMITED, Count, Range


class Pipeline(Generator):
    """Any diffusers pipeline, from the hub or a local directory, that makes images from a prompt or a class label."""

    kind: Literal["pipeline"] = "pipeline"
    model: Annotated[str, Field(min_length=1)]
    """hub name (`owner/name`) or directory"""
    revision: Annotated[str, Field(min_length=1)] | None = None
    """the hub's commit, branch or tag"""
    prompt: str | None = None
    """prompt of a text-to-image pipeline, with `{class_name}` where the name of the class goes; without it the pipeline
    is asked by class label"""
    class_labels: list[Annotated[int, Range(0, UNLIMITED, integer=True)]] | None = None
    """the pipeline's label for each class of the study, in order; by default 0, 1, 2 …"""
    sampling_steps: Count = 20
    """denoising steps per image"""
    sampling_batch_size: Count = 8
    """images per batch"""

    @field_validator("prompt")
    @classmethod
    def _names_the_class(cls, prompt: str | None) -> str | None:
        rest = "" if prompt is None else prompt.replace("{class_name}", "")
        if prompt is not None and (rest == prompt or "{" in rest or "}" in rest):
            raise PydanticCustomError("prompt", "allowed: a text with {{class_name}} and no other braces")
        return prompt

    @property
    def folder(self) -> str | None:
        """The directory of the pipeline, or the hub's name, which is no folder."""
        return self.model

    def check_study(self, image_size: int, classes: int) -> str | None:  # noqa: ARG002  (images of any size are scaled)
        """Return why a class has no label, or why the model cannot be a directory, None if all fits."""
        if self.class_labels is not None and len(self.class_labels) != classes:
            return f"generator.class_labels = {self.class_labels}; allowed: {classes} labels, one per class"
        path, here = Path(self.model), f"generator.model = {self.model!r}"
        if path.is_dir() and not (path / "model_index.json").is_file():
            return f"{here}; allowed: a directory with model_index.json, as save_pretrained writes"
        looks_local = self.model.startswith((".", "/", "~")) or self.model.count("/") > 1
        if looks_local and not path.is_dir():
            return f"{here}: no such directory"
        return None

    def load(self, trained: Path | None, class_names: Sequence[str], device: str) -> Draw:  # noqa: ARG002
        """Load the pipeline.

        Raises
        ------
        ValueError
            If the pipeline cannot be asked in the way that the settings say.
        ImportError
            If a prompt is to be read and ``transformers`` is missing.
        """
        from diffusers import DiffusionPipeline

        if self.prompt and importlib.util.find_spec("transformers") is None:
            raise ImportError(
                f"generator.prompt: {self.model} reads prompts with the package transformers, which is not installed; "
                "install it beside diffusers, or use a class-conditional pipeline without generator.prompt"
            )
        pipeline = DiffusionPipeline.from_pretrained(self.model, revision=self.revision, low_cpu_mem_usage=False)
        pipeline.to(device)
        pipeline.set_progress_bar_config(disable=True)
        asked_by = "prompt" if self.prompt else "class_labels"
        if asked_by not in inspect.signature(pipeline.__call__).parameters:
            raise ValueError(
                f"{self.model}: {type(pipeline).__name__} takes no {asked_by}; allowed: text-to-image pipelines with "
                "generator.prompt, class-conditional ones such as DiTPipeline without it"
            )
        targets = self.class_labels or list(range(len(class_names)))

        def draw(labels: list[int], generators: list, guidance_scale: float) -> np.ndarray:
            if self.prompt:
                question: list = [self.prompt.format(class_name=class_names[label]) for label in labels]
            else:
                question = [targets[label] for label in labels]
            return pipeline(
                **{asked_by: question},
                guidance_scale=guidance_scale,
                generator=generators,
                num_inference_steps=self.sampling_steps,
                output_type="np",
            ).images

        return draw
