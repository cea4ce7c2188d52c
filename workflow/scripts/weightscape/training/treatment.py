"""What a condition may change in a training run."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Treatment:
    """Everything that a condition may change in a training run; the defaults are the baseline.

    Attributes
    ----------
    dropout
        Probability of dropping an activation, in the residual branch of every block and before the classifier.
    weight_decay, weight_decay_mode
        Strength, and ``"decoupled"`` (AdamW) or ``"l2"`` (added to the gradient).
    noise
        Standard deviation of the Gaussian noise on pixels in [0, 1].
    augmentation, augmentation_strength
        Name of a policy in `AUGMENTATIONS` and its strength, or None.
    synthetic_ratio, synthetic_mode, guidance_scale
        Synthetic images as a share of the number of real images, whether they ``"replace"`` or are ``"add"``-ed, and
        the guidance scale they were sampled with.
    real_factor
        Number of real images as a multiple of the baseline's.
    copies
        How many times each image stands in the training set.
    stop_after
        Share of the training steps after which training stops.
    """

    dropout: float = 0.0
    weight_decay: float = 0.0
    weight_decay_mode: str = "decoupled"
    noise: float = 0.0
    augmentation: str | None = None
    augmentation_strength: float | None = None
    synthetic_ratio: float = 0.0
    synthetic_mode: str = "replace"
    guidance_scale: float | None = None
    real_factor: float = 1.0
    copies: int = 1
    stop_after: float = 1.0

    @property
    def changes_data(self) -> bool:
        """Whether the images that training sees differ from the baseline's."""
        data = ("noise", "augmentation", "synthetic_ratio", "real_factor", "copies")
        return any(getattr(self, name) != getattr(Treatment(), name) for name in data)
