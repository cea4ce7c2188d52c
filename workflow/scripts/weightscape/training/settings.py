"""Settings of fine-tuning that all conditions of a study share."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from weightscape.section import DISTINCT, NO_EFFECT, Count, Range, Section
from weightscape.training.optimizers import OPTIMIZERS
from weightscape.training.schedules import SCHEDULES, learning_rate


def _trained_part(train: str) -> str:
    if not re.fullmatch(r"all|head|last_[1-9][0-9]{0,3}", train):
        rule = "must be all, head, or last_ with a number of layers, such as last_4"
        raise PydanticCustomError("trained_part", "{rule}", {"rule": rule})
    return train


class TrainingSettings(Section):
    """How every run is trained."""

    images: Count
    """real images that a baseline run draws from the training pool"""
    epochs: Annotated[int, Range(1, 10000, integer=True)] | None = None
    """passes over them; either this or `steps` is given"""
    steps: Count | None = None
    """optimiser steps, in place of `epochs`"""
    equal: Literal["steps", "passes"] = "steps"
    """what conditions with more images than the baseline have in common with it: `steps`, if left out, so that each
    image is seen less often; or `passes` over their own images, so that more images are more steps"""
    batch_size: Annotated[int, Range(2, 65536, integer=True)]
    """images per step"""
    micro_batches: Annotated[int, Range(1, 32768, integer=True)] = 1
    """parts of equal size in which a batch goes through the network, for less memory; their gradients add up to that of
    the batch, and batch norm sees each part by itself"""
    optimizer: Literal[tuple(OPTIMIZERS)]  # type: ignore[valid-type]
    """`adam`; `adamw`, the same with decay that is decoupled from the gradient; or `sgd` (Nesterov momentum 0.9)"""
    learning_rate: Annotated[float, Range(0, 10, low_open=True)]
    """highest rate of the schedule"""
    head_learning_rate: Annotated[float, Range(0, 10, low_open=True)] | None = None
    """the same of the classifier, where it differs"""
    weight_decay: Annotated[float, Range(0, 10)] = 0.0
    """weight decay of every run, in the way of the optimiser (with `adam` and `sgd` added to the gradient); a condition
    of family `weight_decay` has its dose in place of it"""
    schedule: Literal[tuple(SCHEDULES)] = "one_cycle"  # type: ignore[valid-type]
    """learning rate over the steps: `one_cycle`, if left out, rises over the first 30 % of them and falls to 0 (Smith &
    Topin, arXiv 1708.07120), `constant` stays, `cosine` falls to 0, `step` is divided by ten at each of `milestones`"""
    warmup: Annotated[float, Range(0, 1, high_open=True)] = 0.0
    """share of the steps over which the rate first rises to its highest; `one_cycle` has a rise of its own"""
    milestones: Annotated[list[Annotated[float, Range(0, 1, low_open=True, high_open=True)]], DISTINCT] = Field(
        default_factory=lambda: [0.5, 0.75]
    )
    """where the schedule `step` lowers the rate, as shares of the steps after the warm-up; 0.5 and 0.75 if left out"""
    clip_norm: Annotated[float, Range(0, 1e6, low_open=True)] | None = None
    """largest norm of the gradient of all weights; a longer gradient is shortened to it (Pascanu et al., ICML 2013)"""
    ema: Annotated[float, Range(0, 1, low_open=True, high_open=True)] | None = None
    """decay of the moving average of the weights, such as 0.99; with it the average is what is saved, evaluated and
    decomposed"""
    train: Annotated[str, AfterValidator(_trained_part)] = "all"
    """which layers are trained beside the classifier: `all` of them, none (`head`), or the last ones, such as `last_4`;
    those before them stay as they are"""
    precision: Literal["float32", "bfloat16"] = "float32"
    """numbers that the network computes with in training; weights, optimiser and evaluation have `float32` always"""
    compile: bool = False
    """compile the network for training (`torch.compile`), which needs a C++ compiler and pays on a GPU; results are
    reproducible and not those without it"""
    device: Annotated[Literal["cpu", "cuda"], NO_EFFECT] = "cpu"
    """where torch runs; with `cuda` each job claims the resource `gpu`, of which `profiles/default` gives one"""

    def params(self) -> dict[str, Any]:
        """Return what a run depends on, as plain values: all but the device, which rules hand on by itself."""
        return self.model_dump(exclude={"device"})

    def rate(self, step: int, steps: int, peak: float) -> float:
        """Return the learning rate of a step of a schedule of so many steps."""
        return learning_rate(self.schedule, step, steps, peak, self.warmup, self.milestones)

    def frozen_layers(self, layers: int) -> int:
        """Return how many of the network's weight matrices, counted from its input, are not trained.

        Raises
        ------
        ValueError
            If fewer than the layers to train are there.
        """
        last = {"all": layers, "head": 0}.get(self.train)
        if last is None:
            last = int(self.train.removeprefix("last_"))
        if last > layers:
            raise ValueError(f"training.train = {self.train!r}: the network has {layers} layers beside the classifier")
        return layers - last

    def steps_per_epoch(self, images: int) -> int:
        """Return the optimiser steps of an epoch of a run with so many training images.

        Images that do not fill a batch start the next pass.
        """
        return max(1, (images if self.equal == "passes" else self.images) // self.batch_size)

    def run_steps(self, images: int) -> int:
        """Return the optimiser steps of a run with so many training images."""
        return self.steps or (self.epochs or 0) * self.steps_per_epoch(images)

    def problem(self) -> str | None:
        """Return what is wrong with the settings together, as key, value and what is allowed; None if nothing is."""
        micro = self.batch_size // self.micro_batches
        checks = (
            ((self.epochs is None) == (self.steps is None), "training: either epochs or steps must be given, not both"),
            (
                self.batch_size > self.images,
                f"training.batch_size = {self.batch_size}: at most training.images = {self.images}",
            ),
            (
                micro * self.micro_batches != self.batch_size or micro < 2,
                f"training.micro_batches = {self.micro_batches}: must divide training.batch_size = {self.batch_size} "
                "into equal parts of two images or more",
            ),
            (
                self.equal == "passes" and self.epochs is None,
                "training.equal = 'passes': allowed with training.epochs only, not with training.steps",
            ),
            (
                self.schedule == "one_cycle" and self.warmup > 0,
                f"training.warmup = {self.warmup:g}: with training.schedule = one_cycle, which has a rise of its own, "
                "allowed: 0",
            ),
            (
                self.schedule != "step" and "milestones" in self.model_fields_set,
                f"training.milestones: allowed with training.schedule = step only, not with {self.schedule}",
            ),
        )
        return next((problem for wrong, problem in checks if wrong), None)
