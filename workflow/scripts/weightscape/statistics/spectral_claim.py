"""Claim 1: data diversity moves the spectra along dropout, and further than along weight decay."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from weightscape.statistics.claim import Claim, Finding, Variant
from weightscape.statistics.constants import MINIMUM_SEEDS
from weightscape.statistics.contrast import Roles
from weightscape.statistics.estimate import Estimate
from weightscape.statistics.facts import Facts
from weightscape.statistics.features import Dropped, Fingerprints
from weightscape.statistics.plan import Plan
from weightscape.statistics.power import seeds_for_contrast
from weightscape.statistics.spectral_contrast import (
    ROLES,
    claim_one_contrast,
    claim_one_effects,
    claim_one_fingerprints,
    most_opposed,
)
from weightscape.statistics.spectral_variants import contrast_finding, spectral_variants
from weightscape.statistics.study_tables import StudyTables


@dataclass(frozen=True)
class OpposedSeries:
    """Two series of diversity that point in opposite directions, and their cosine."""

    series: tuple[str, ...]
    cosine: Estimate


@dataclass(frozen=True)
class DroppedFeatures:
    """Features that were left out for the same reason."""

    why: Dropped
    features: tuple[str, ...]


@dataclass(frozen=True)
class SpectralComparison(Facts):
    """The contrast of claim 1, and what is said beside it: cosines, opposed series, what the features are."""

    contrast: Facts
    roles: Roles
    cosine_vd: Estimate
    cosine_vw: Estimate
    cosine_dw: Estimate
    opposed: OpposedSeries | None
    n_seeds: int
    n_features: int
    dropped: tuple[DroppedFeatures, ...]


class SpectralClaim(Claim):
    """Claim 1 on one feature family, "shape" or "scale"."""

    feature_family: ClassVar[str]
    statistic_name = "contrast T in between-seed SDs"
    roles = ROLES

    def metrics(self, plan: Plan) -> tuple[str, ...]:
        """Return the metrics of the feature family."""
        return plan.metrics(self.feature_family)

    def judge(self, tables: StudyTables, plan: Plan) -> Finding:
        """Judge the claim by the contrast of `weightscape.statistics.family_contrast`."""
        series = tables.series
        prints = claim_one_fingerprints(tables.spectra, self.feature_family, series, plan)
        contrast = claim_one_contrast(prints, series, plan)
        opposed = most_opposed(prints, series, plan.diversity) if len(prints.seeds) >= MINIMUM_SEEDS else None
        facts = SpectralComparison(
            contrast=contrast.facts,
            roles=Roles(plan.diversity, plan.dropout, plan.weight_decay),
            cosine_vd=contrast.cosine_vd,
            cosine_vw=contrast.cosine_vw,
            cosine_dw=contrast.cosine_dw,
            opposed=OpposedSeries(*opposed) if opposed else None,
            n_seeds=contrast.n_seeds,
            n_features=contrast.n_features,
            dropped=_dropped(prints),
        )
        return replace(contrast_finding(contrast), facts=facts)

    def variants(self, tables: StudyTables, plan: Plan) -> Iterator[Variant]:
        """Yield the analyses of `weightscape.statistics.spectral_variants`."""
        yield from spectral_variants(self.feature_family, tables, plan)

    def seeds_needed(
        self, tables: StudyTables, plan: Plan, finding: Finding, power: float, significance: float
    ) -> int | None:
        """Return the seeds with which simulated studies decide the claim as often as wanted."""
        prints = claim_one_fingerprints(tables.spectra, self.feature_family, tables.series, plan)
        return seeds_for_contrast(*claim_one_effects(prints, tables.series, plan), power, significance)


def _dropped(prints: Fingerprints) -> tuple[DroppedFeatures, ...]:
    by_reason: dict[Dropped, list[str]] = {}
    for feature, why in prints.dropped.items():
        by_reason.setdefault(why, []).append(feature)
    return tuple(DroppedFeatures(why, tuple(features)) for why, features in by_reason.items())
