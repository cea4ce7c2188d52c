"""Settings of fine-tuning that all conditions of a study share."""

from typing import Annotated, Any, Literal

from weightscape.section import NO_EFFECT, Count, Range, Section


class TrainingSettings(Section):
    """How every run is trained."""

    images: Count
    """real images that a baseline run draws from the training pool"""
    epochs: Annotated[int, Range(1, 10000, integer=True)]
    """passes over them; conditions but `early_stop` train for equally many steps, whatever their number of images"""
    batch_size: Annotated[int, Range(2, 65536, integer=True)]
    """images per step"""
    optimizer: Literal["adam", "sgd"]
    """`adam` or `sgd` (Nesterov momentum 0.9)"""
    learning_rate: Annotated[float, Range(0, 10, low_open=True)]
    """peak of the one-cycle schedule (Smith & Topin, arXiv 1708.07120)"""
    device: Annotated[Literal["cpu", "cuda"], NO_EFFECT] = "cpu"
    """where torch runs; with `cuda` each job claims the resource `gpu`, of which `profiles/default` gives one"""

    def params(self) -> dict[str, Any]:
        """Return what a run depends on, as plain values: all but the device, which rules hand on by itself."""
        return self.model_dump(exclude={"device"})

    @property
    def steps_per_epoch(self) -> int:
        """Optimiser steps per epoch; images that do not fill a batch start the next pass."""
        return max(1, self.images // self.batch_size)

    @property
    def steps(self) -> int:
        """Optimiser steps of a run."""
        return self.epochs * self.steps_per_epoch
