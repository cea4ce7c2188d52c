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

from weightscape.data.imageset import NO_CLASS
from weightscape.generator.pool import Pool
from weightscape.registry import Registry
from weightscape.section import Section
from weightscape.training.targets import soft_targets

if TYPE_CHECKING:
    import torch
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
    corruptions_seen: ClassVar[frozenset[str]] = frozenset()
    """Corruptions of test images that training sees already: they are left out of the run's mean over corruptions."""

    foreign: ClassVar[bool] = False
    """Whether its synthetic images show none of the study's classes."""

    family: str
    dose: float

    @property
    def dose_field(self) -> str:
        """Name of the field whose meaning the dose has."""
        return "dose"

    def recipe(self, recipe: Recipe) -> Recipe:
        """Return what the training set is made of."""
        return recipe

    def augment(self, images: np.ndarray, *stream_name: str | int) -> np.ndarray:  # noqa: ARG002
        """Return a batch of images, uint8 (n, height, width, 3), as training sees them.

        All randomness comes from streams whose names start with `stream_name`.
        """
        return images

    def mix(self, images: np.ndarray, targets: np.ndarray, *stream_name: str | int) -> tuple[np.ndarray, np.ndarray]:  # noqa: ARG002
        """Return a batch of images, after `augment`, and the distributions over classes that training aims at.

        `targets` is float32, shape (n, classes), rows of sum 1. Only a family that overrides this method has them:
        all others train on labels.
        """
        return images, targets

    def perturb(self, inputs: "torch.Tensor", *stream_name: str | int) -> "torch.Tensor":  # noqa: ARG002
        """Return a batch of normalised images, float32 (n, 3, height, width), as the network takes it in training."""
        return inputs

    def modify(self, model: "nn.Module") -> Callable[[], None] | None:  # noqa: ARG002
        """Change the model in place before training; the names in its state dict stay as they are.

        A function that is returned is called after the first forward pass, to check that the change acts.
        """
        return None

    def before_step(self, model: "nn.Module") -> "Callable[[torch.optim.Optimizer], None] | None":  # noqa: ARG002
        """Return what changes gradients or weights right before every step of the optimiser, None for nothing.

        Called once, with the model as it is before its first step, on its device. A gradient is clipped before.
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
        steps = ("recipe", "augment", "mix", "perturb")
        return any(getattr(cls, step) is not getattr(Intervention, step) for step in steps)


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
    for place, intervention in enumerate(treatment):
        earlier = sum(isinstance(part, Augmentation) for part in treatment[:place])
        # A second policy draws numbers of its own, or its choices would go with those of the first.
        again = (earlier,) if earlier and isinstance(intervention, Augmentation) else ()
        images = intervention.augment(images, *stream_name, *again)
    return images


def mix_batch(
    images: np.ndarray, labels: np.ndarray, num_classes: int, treatment: Sequence[Intervention], *stream_name: str | int
) -> tuple[np.ndarray, np.ndarray]:
    """Return a batch of augmented images and its targets under all interventions of a condition.

    Parameters
    ----------
    images
        uint8, shape (n, height, width, 3).
    labels
        int64, shape (n,); images of no class have `NO_CLASS`.
    num_classes
        Number of classes.
    treatment
        The interventions; none is the baseline.
    *stream_name
        Name of the batch's random stream.

    Returns
    -------
    images
        uint8, same shape.
    targets
        The labels as they came where no intervention mixes and every image has a class; else distributions over the
        classes, float32, shape (n, num_classes).
    """
    mixing = [part for part in treatment if type(part).mix is not Intervention.mix]
    if not mixing and (labels != NO_CLASS).all():
        return images, labels
    targets = soft_targets(labels, num_classes)
    for intervention in mixing:
        images, targets = intervention.mix(images, targets, *stream_name)
    return images, targets


def perturb_inputs(
    inputs: "torch.Tensor", treatment: Sequence[Intervention], *stream_name: str | int
) -> "torch.Tensor":
    """Return a batch of a network's inputs as training sees it under all interventions of a condition."""
    for intervention in treatment:
        inputs = intervention.perturb(inputs, *stream_name)
    return inputs
