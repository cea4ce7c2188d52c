"""What all kinds of generators of synthetic images share: their settings, and how images are drawn from them.

A kind is one class in a module of `weightscape.generator.kinds`. Settings that only sampling reads are named by the
kind, so that a changed sampling key never retrains a generator. This module needs no torch.
"""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from weightscape.registry import Registry
from weightscape.section import Count, Section

if TYPE_CHECKING:
    import torch

Draw = Callable[[list[int], "list[torch.Generator]", float], np.ndarray]
"""From labels, one torch generator each, and a guidance scale, to images in [0, 1], shape (n, H, W, 1 or 3)."""

Stage = Literal["training", "sampling"]


class Generator(Section):
    """A generator of synthetic images, from its settings."""

    trains: ClassVar[bool] = False
    """Whether the workflow trains this kind; others are loaded as they are."""

    kind: str
    sampling_steps: Count
    sampling_batch_size: Count

    def params(self, stage: Stage) -> dict[str, Any]:
        """Return the settings that a stage reads, as plain values that `GENERATORS` parses.

        A kind that the workflow trains reads what starts with ``sampling`` when it samples, and the rest when it is
        trained.
        """
        values = self.model_dump(include=set(GENERATORS[self.kind].model_fields))
        if not self.trains:
            return values
        return {k: v for k, v in values.items() if k == "kind" or k.startswith("sampling") == (stage == "sampling")}

    @property
    def folder(self) -> str | None:
        """The user's folder that images come from, whose listing sampling depends on; None if there is none."""
        return None

    @abstractmethod
    def check_study(self, image_size: int, classes: int) -> str | None:
        """Return what does not fit images of this side in pixels and this number of classes, None if all does."""

    @abstractmethod
    def load(self, trained: Path | None, class_names: Sequence[str], device: str) -> Draw:
        """Return the function that draws images.

        Parameters
        ----------
        trained
            Directory of the model that the workflow has trained; None for a kind that it does not train.
        class_names
            Names of the study's classes, in the order of their labels.
        device
            Where torch runs.
        """


GENERATORS = Registry("weightscape.generator.kinds", Generator, "kind")  # type: ignore[type-abstract]
