"""What all kinds of generators of synthetic images share: their settings, and how images are drawn from them.

A kind is one class in a module of `weightscape.generator.kinds`. Settings that only sampling reads are named by the
kind, so that a changed sampling key never retrains a generator. This module needs no torch.
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from weightscape.generator.pool import Pool
from weightscape.registry import Registry
from weightscape.section import Section

if TYPE_CHECKING:
    import torch

Stage = Literal["training", "sampling"]

Origin = Literal["pool", "subset", "elsewhere"]
"""Which real images a generator has learnt from: those of a split of its own, those that every run trains on, or images
that the study does not know."""


@dataclass(frozen=True)
class Task:
    """What a study asks of a generator, whatever the pool.

    Attributes
    ----------
    key
        The key of the config that holds the generator, with which messages start.
    study
        Names the random streams.
    class_names
        Names of the study's classes, in the order of their labels.
    images
        How many images are drawn for each pool.
    image_size
        Side of the images in pixels.
    device
        Where torch runs, ``cpu`` or ``cuda``.
    """

    key: str
    study: str
    class_names: Sequence[str]
    images: int
    image_size: int
    device: str = "cpu"


@dataclass(frozen=True)
class Batch:
    """Images to draw at once.

    Attributes
    ----------
    indices, labels
        Places of the images in their pool, and their labels.
    generators
        A torch generator for each image, seeded by the image alone.
    pool
        The settings that the images are drawn under.
    real
        For a kind that is `made_from_real`, the real images that these are made from: uint8, shape (n, H, W, 3).
    """

    indices: Sequence[int]
    labels: Sequence[int]
    generators: "Sequence[torch.Generator]"
    pool: Pool
    real: np.ndarray | None = None


Draw = Callable[[Batch], np.ndarray]
"""From a batch to its images in [0, 1], shape (n, H, W, 1 or 3)."""


class Generator(Section):
    """A generator of synthetic images, from its settings."""

    by_colour: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    """Settings that the images decide where the config does not, by "grey" and "colour" and then by key: they are part
    of the plan."""
    trains: ClassVar[bool] = False
    """Whether the workflow trains this kind; others are loaded as they are."""

    made_from_real: ClassVar[bool] = False
    """Whether each image is made from one of the training pool, whose label it keeps."""

    required: ClassVar[tuple[str, ...]] = ("guidance_scale",)
    """Settings of a pool that a condition must give."""

    optional: ClassVar[tuple[str, ...]] = ()
    """Settings of a pool that a condition may give."""

    kind: str

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
    def learnt_from(self) -> Origin:
        """Which real images the generator has learnt from."""
        return "elsewhere"

    @property
    def images_at_once(self) -> int:
        """How many images are drawn at once; of most kinds, their last bits may depend on it."""
        return 100

    @property
    def folders(self) -> Sequence[str]:
        """Files and folders of the user's that images come from, whose listings sampling depends on."""
        return ()

    def packages_needed(self) -> list[str]:
        """Return the packages that these settings need beside those of the workflow."""
        return []

    def own_classes(self, class_names: Sequence[str]) -> Sequence[str] | None:  # noqa: ARG002  (most have none)
        """Return the names of its classes where they are others than the study's, None where they are the same."""
        return None

    @abstractmethod
    def problem(self, task: Task) -> str | None:
        """Return what does not fit the task, None if all does."""

    def pool_problem(self, pool: Pool, task: Task) -> str | None:  # noqa: ARG002  (most draw any pool)
        """Return why a pool cannot be drawn, None if it can; its settings are those that this kind has."""
        return None

    @abstractmethod
    def load(self, trained: Path | None, task: Task) -> Draw:
        """Return the function that draws images.

        Parameters
        ----------
        trained
            Directory of the model that the workflow has trained; None for a kind that it does not train.
        task
            What the study asks.
        """


GENERATORS = Registry("weightscape.generator.kinds", Generator, "kind")  # type: ignore[type-abstract]
