"""A class-conditional model that is asked by label, such as diffusers' `DiTPipeline`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from weightscape.generator.generator import Batch, Draw, Task
from weightscape.generator.hub import HubPipeline, Text
from weightscape.section import DISTINCT, UNLIMITED, Range


class Class2Image(HubPipeline):
    """A class-conditional model that is asked by label."""

    kind: Literal["class2image"]
    class_labels: list[Annotated[int, Range(0, UNLIMITED, integer=True)]] | None = None
    """the model's label for each class, in order; by default 0, 1, 2 …"""
    class_names: Annotated[list[Text], DISTINCT, Field(min_length=1)] | None = None
    """classes other than the study's that it is asked for, for the family `irrelevant`"""

    def own_classes(self, class_names: Sequence[str]) -> Sequence[str] | None:  # noqa: ARG002
        """Return `class_names`."""
        return self.class_names

    def problem(self, task: Task) -> str | None:
        """Return which of the settings cannot work, None if all may."""
        classes = len(task.class_names)
        if self.class_labels is not None and len(self.class_labels) != classes:
            return f"{task.key}.class_labels = {self.class_labels}; allowed: {classes} labels, one per class"
        return super().problem(task)

    def load(self, trained: Path | None, task: Task) -> Draw:  # noqa: ARG002
        """Load the pipeline; errors as `HubPipeline.pipeline`."""
        pipeline = self.pipeline(task, ["class_labels"])
        targets = self.class_labels or list(range(len(task.class_names)))

        def draw(batch: Batch) -> np.ndarray:
            return self.ask(pipeline, batch, class_labels=[targets[label] for label in batch.labels])

        return draw
