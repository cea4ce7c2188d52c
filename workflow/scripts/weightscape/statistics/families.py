"""The feature families: on which spectra, and by which metrics, interventions are compared."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FeatureFamily:
    """A group of metrics of the same spectra.

    Attributes
    ----------
    name
        Its name, which is also the key of `claims` that lists its metrics.
    of
        Whose spectra: "after" (the fine-tuned weights) or "delta" (their change by fine-tuning), as in the column `of`
        of the spectra table.
    phrase
        What it is about, in the titles of claims.
    primary
        Whether the study's main question is asked of it.
    """

    name: str
    of: str
    phrase: str
    primary: bool = False

    @property
    def outcomes(self) -> str:
        """First part of the names of its outcomes, such as ``spectra/alpha``."""
        return {"after": "spectra", "delta": "delta"}[self.of]


FEATURE_FAMILIES = (
    FeatureFamily("change", "delta", "the spectra of the weights' change", primary=True),
    FeatureFamily("shape", "after", "the shape of the weights' spectra"),
    FeatureFamily("scale", "after", "the scale of the weights' spectra"),
)
"""All feature families, the primary one first."""
