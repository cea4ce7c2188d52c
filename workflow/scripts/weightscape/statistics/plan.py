"""The plan of a study: what it set out to compare, fixed in its config before the runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """The section `claims` of a study's config: which series stand for what, and the feature families.

    Attributes
    ----------
    dropout, weight_decay, diversity
        Series of claim 1; several are averaged.
    augmentation, synthetic
        Series of claim 2.
    shape, scale
        Metrics of the two feature families; shape is primary.
    """

    dropout: tuple[str, ...]
    weight_decay: tuple[str, ...]
    diversity: tuple[str, ...]
    augmentation: tuple[str, ...]
    synthetic: tuple[str, ...]
    shape: tuple[str, ...]
    scale: tuple[str, ...]

    @classmethod
    def from_mapping(cls, claims: Mapping[str, Sequence[str]]) -> "Plan":
        """Read the section; a key that is missing means no series."""
        return cls(**{name: tuple(claims.get(name, ())) for name in cls.__dataclass_fields__})

    def metrics(self, feature_family: str) -> tuple[str, ...]:
        """Return the metrics of the feature family "shape" or "scale"."""
        return self.shape if feature_family == "shape" else self.scale

    def series_of(self, roles: Sequence[str]) -> list[tuple[str, ...]]:
        """Return the series of each of the named roles."""
        return [getattr(self, role) for role in roles]
