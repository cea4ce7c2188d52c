"""What a condition changes in a training run: one family of interventions at one dose.

A family is one class in a module of `weightscape.training.families`, a policy of augmentation one in
`weightscape.training.policies`. Each overrides the steps of a run that it changes; a condition with several
interventions applies them in their order. The baseline has none.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from weightscape.generator.pool import Pool
from weightscape.registry import Registry
from weightscape.section import Section

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Recipe:
    """What a run's training set is made of.

    Attributes
    ----------
    real, synthetic
        Numbers of real and of synthetic images.
    copies
        How many times each of them appears in it.
    """

    real: int
    synthetic: int = 0
    copies: int = 1


class Intervention(Section):
    """One family of interventions at one dose; every method is that of the baseline."""

    roles: ClassVar[frozenset[str]] = frozenset()
    """Keys of ``claims:`` under which a series of this family may stand."""

    family: str
    dose: float

    def recipe(self, recipe: Recipe) -> Recipe:
        """Return what the training set is made of."""
        return recipe

    def augment(self, images: np.ndarray, *stream_name: str | int) -> np.ndarray:  # noqa: ARG002
        """Return a batch of images, uint8 (n, height, width, 3), as training sees them.

        All randomness comes from streams whose names start with `stream_name`.
        """
        return images

    def modify(self, model: "nn.Module") -> Callable[[], None] | None:  # noqa: ARG002
        """Change the model in place before training; the names in its state dict stay as they are.

        A function that is returned is called after the first forward pass, to check that the change acts.
        """
        return None

    def weight_decay(self) -> tuple[float, bool] | None:
        """Return the strength of the weight decay and whether it is decoupled from the gradient, None for none."""
        return None

    def steps(self, steps: int) -> int:
        """Return after how many of the schedule's steps training stops."""
        return steps

    def schedule_steps(self, steps: int) -> int:
        """Return over how many steps the schedule of the learning rate runs."""
        return steps

    def pool(self) -> Pool | None:
        """Return the pool that the run's synthetic images are drawn from, None if it needs none."""
        return None

    @classmethod
    def changes_data(cls) -> bool:
        """Return whether the images that training sees differ from the baseline's."""
        return cls.recipe is not Intervention.recipe or cls.augment is not Intervention.augment


class Augmentation(Intervention):
    """A policy of image augmentation at one strength."""

    roles: ClassVar[frozenset[str]] = frozenset({"diversity", "augmentation"})

    policy: str

    @abstractmethod
    def transform(self) -> Callable[[Any], Any]:
        """Return the transform of one uint8 image tensor of shape (3, height, width)."""

    def augment(self, images: np.ndarray, *stream_name: str | int) -> np.ndarray:
        """Return the images, each transformed on its own."""
        import torch

        from weightscape.streams import stream_seed

        transform = self.transform()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(stream_seed(*stream_name, "augmentation"))
            batch = torch.from_numpy(images).permute(0, 3, 1, 2).contiguous()
            augmented = torch.stack([transform(image) for image in batch])
        return augmented.permute(0, 2, 3, 1).contiguous().numpy()


FAMILIES = Registry("weightscape.training.families", Intervention, "family")
POLICIES = Registry("weightscape.training.policies", Augmentation, "policy")  # type: ignore[type-abstract]
"""The policies of the family ``augment``."""


def parse_treatment(treatment: Iterable[Mapping[str, Any]]) -> list[Intervention]:
    """Return the interventions of a condition from a rule's parameters."""
    return [(POLICIES if "policy" in values else FAMILIES).parse(values) for values in treatment]


def augment_batch(images: np.ndarray, treatment: Sequence[Intervention], *stream_name: str | int) -> np.ndarray:
    """Return a batch as training sees it under all interventions of a condition.

    Parameters
    ----------
    images
        uint8, shape (n, height, width, 3).
    treatment
        The interventions; none is the baseline.
    *stream_name
        Name of the batch's random stream.

    Returns
    -------
    numpy.ndarray
        uint8, same shape.
    """
    for intervention in treatment:
        images = intervention.augment(images, *stream_name)
    return images
