"""Settings of fine-tuning that all conditions of a study share."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TrainingSettings:
    """How every run is trained; see ``training:`` in ``config/README.md``.

    Attributes
    ----------
    images
        Real images a baseline run draws from the training pool.
    epochs
        Passes over them; other conditions train for equally many steps, whatever their number of images.
    batch_size
        Images per step.
    optimizer
        ``"adam"`` or ``"sgd"`` (Nesterov momentum 0.9).
    learning_rate
        Peak of the one-cycle schedule (Smith & Topin, arXiv 1708.07120).
    """

    images: int
    epochs: int
    batch_size: int
    optimizer: str
    learning_rate: float

    @property
    def steps_per_epoch(self) -> int:
        """Optimiser steps per epoch; images that do not fill a batch start the next pass."""
        return max(1, self.images // self.batch_size)

    @property
    def steps(self) -> int:
        """Optimiser steps of a run."""
        return self.epochs * self.steps_per_epoch
