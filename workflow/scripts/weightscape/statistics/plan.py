"""The plan of a study: what it set out to compare, fixed in its config before the runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from weightscape.statistics.recognised_share import DEFAULT_RECOGNISED

DEFAULT_MARGIN = 1.0
"""Largest contrast, in between-seed SDs, that a study calls negligible unless its config says otherwise."""


@dataclass(frozen=True)
class Plan:
    """The section `claims` of a study's config: which series stand for what, and the feature families.

    Attributes
    ----------
    dropout, weight_decay, diversity
        Series of claim 1; several of dropout or of weight decay are averaged.
    augmentation, synthetic
        Series of claim 2.
    change, shape, scale
        Metrics of the feature families (`weightscape.statistics.families`).
    early_stop
        Series whose mean effect is the direction of more or less training, which is removed from claim 1's effects.
    margin
        Contrasts between −margin and margin count as negligible in the test of equivalence.
    recognised
        Share of unseen real images' accuracy above chance that synthetic images must reach for a verdict on claim 2.
    """

    dropout: tuple[str, ...]
    weight_decay: tuple[str, ...]
    diversity: tuple[str, ...]
    augmentation: tuple[str, ...]
    synthetic: tuple[str, ...]
    change: tuple[str, ...]
    shape: tuple[str, ...]
    scale: tuple[str, ...]
    early_stop: tuple[str, ...] = ()
    margin: float = DEFAULT_MARGIN
    recognised: float = DEFAULT_RECOGNISED

    @classmethod
    def from_mapping(cls, claims: Mapping[str, Any]) -> "Plan":
        """Read the section; a list that is missing names nothing."""
        lists = [field.name for field in fields(cls) if field.name not in ("margin", "recognised")]
        margin = float(claims.get("margin", DEFAULT_MARGIN))
        recognised = float(claims.get("recognised", DEFAULT_RECOGNISED))
        named = {name: tuple(claims.get(name, ())) for name in lists}
        return cls(**named, margin=margin, recognised=recognised)

    def metrics(self, feature_family: str) -> tuple[str, ...]:
        """Return the metrics of a feature family by its name."""
        metrics: tuple[str, ...] = getattr(self, feature_family)
        return metrics

    def series_of(self, roles: Sequence[str]) -> list[tuple[str, ...]]:
        """Return the series of each of the named roles."""
        return [getattr(self, role) for role in roles]
