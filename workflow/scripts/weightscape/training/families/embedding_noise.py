"""Gaussian noise on the features before the classifier."""

from typing import TYPE_CHECKING, Annotated, Literal

from weightscape.section import Range
from weightscape.training.intervention import Intervention

if TYPE_CHECKING:
    import torch
    from torch import nn


class EmbeddingNoise(Intervention):
    """Gaussian noise on the features before the classifier."""

    family: Literal["embedding_noise"]
    dose: Annotated[float, Range(0, 1, low_open=True)]
    """noise standard deviation, in units of that of the batch's features"""

    def modify(self, model: "nn.Module") -> None:
        """Place the noise."""
        import torch

        from weightscape.training.dropout import change_features

        def noisy(features: "torch.Tensor") -> "torch.Tensor":
            return features + self.dose * features.detach().std() * torch.randn_like(features)

        change_features(model, noisy)
