"""A text-to-image model that reads prompts: any that diffusers' `AutoPipelineForText2Image` loads."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from weightscape.generator.generator import Batch, Draw, Task
from weightscape.generator.hub import Text
from weightscape.generator.prompts import PromptedPipeline
from weightscape.section import DISTINCT


class Text2Image(PromptedPipeline):
    """A text-to-image model that reads prompts."""

    auto: ClassVar[str] = "AutoPipelineForText2Image"

    kind: Literal["text2image"]
    class_names: Annotated[list[Text], DISTINCT, Field(min_length=1)] | None = None
    """classes other than the study's that it is asked for, for the family `irrelevant`"""

    def own_classes(self, class_names: Sequence[str]) -> Sequence[str] | None:  # noqa: ARG002
        """Return `class_names`."""
        return self.class_names

    def load(self, trained: Path | None, task: Task) -> Draw:  # noqa: ARG002
        """Load the pipeline; errors as `HubPipeline.pipeline`."""
        pipeline = self.pipeline(task, ["prompt", "height", "width"])
        prompts = self.prompt_drawer(task)

        def draw(batch: Batch) -> np.ndarray:
            return self.ask_for(pipeline, batch, prompts(batch), height=self.size, width=self.size)

        return draw
