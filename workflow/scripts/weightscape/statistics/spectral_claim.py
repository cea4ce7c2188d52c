"""Claim 1: data diversity moves the spectra along dropout, and further than along weight decay."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from weightscape.statistics.claim import Claim, Finding, Variant, undetermined
from weightscape.statistics.constants import MINIMUM_SEEDS
from weightscape.statistics.contrast import FamilyContrast, Roles
from weightscape.statistics.estimate import Estimate
from weightscape.statistics.facts import Case, Facts, TooFew
from weightscape.statistics.families import FEATURE_FAMILIES, FeatureFamily
from weightscape.statistics.features import Dropped, Fingerprints
from weightscape.statistics.manipulation import ManipulationCheck, manipulation_checks
from weightscape.statistics.plan import Plan
from weightscape.statistics.power import seeds_for_contrast
from weightscape.statistics.spectral_contrast import (
    OpposedSeries,
    at_equal_loss,
    claim_one_contrast,
    claim_one_effects,
    claim_one_fingerprints,
    contrast_finding,
    opposed_series,
    planned_contrast,
)
from weightscape.statistics.spectral_variants import spectral_variants
from weightscape.statistics.study_tables import StudyTables

ROLES = ("diversity", "dropout", "weight_decay", "early_stop")


@dataclass(frozen=True)
class DroppedFeatures:
    """Features that were left out for the same reason."""

    why: Dropped
    features: tuple[str, ...]


@dataclass(frozen=True)
class OtherContrast:
    """The contrast after a change of the analysis, and its verdict."""

    statistic: Estimate
    verdict: str


@dataclass(frozen=True)
class SpectralComparison(Facts):
    """The contrast of claim 1, and what is said beside it.

    `raw` and `equal_loss` are the contrasts with nothing removed and at equal training loss; None where a study has no
    early stopping or no losses. `left_out` are series of diversity that are not shown to be more diverse, `unreached`
    the layers that are left out since the baseline's training does not reach all of their weights.
    """

    contrast: Facts
    roles: Roles
    along_e: Estimate
    cosine_vd: Estimate
    cosine_vw: Estimate
    cosine_dw: Estimate
    raw: OtherContrast | None
    equal_loss: OtherContrast | None
    left_out: tuple[str, ...]
    n_seeds: int
    n_features: int
    dropped: tuple[DroppedFeatures, ...]
    unreached: tuple[str, ...]


@dataclass(frozen=True)
class NotMoreDiverse(Facts):
    """The finding of a series whose verdict is withheld, since its data are not shown to be more diverse."""

    check: ManipulationCheck
    finding: Facts


@dataclass(frozen=True)
class Place:
    """Where a series goes: its parts along dropout and along weight decay."""

    series: str
    along_d: Estimate
    along_w: Estimate


@dataclass(frozen=True)
class Mixed(Facts):
    """The finding on several series of which some are opposed to each other, and where each of them goes."""

    opposed: tuple[OpposedSeries, ...]
    places: tuple[Place, ...]
    finding: Facts


class SpectralClaim(Claim):
    """Claim 1 on one feature family, about one series of diversity or about all that are more diverse."""

    statistic_name = "contrast T in between-seed SDs"
    roles = ROLES

    def __init__(self, family: FeatureFamily, series: str = "") -> None:
        self.family = family
        self.feature_family = family.name
        self.series = series
        self.name = f"1-{family.name}" + (f"-{series}" if series else "")
        subject = f"{series.replace('_', ' ')}".capitalize() if series else "Data diversity"
        verb = "Does" if series else "Do"
        asked = series.replace("_", " ") if series else "more diverse data"
        self.title = f"{subject} moves {family.phrase} along dropout, further than along weight decay"
        self.question = (
            f"{verb} {asked} move {family.phrase} ({{metrics}}) in the direction of dropout, and further than in that "
            "of weight decay?"
        )
        if not series:
            self.group = "secondary"
        else:
            self.group = "primary" if family.primary else f"exploratory {family.name}"

    def metrics(self, plan: Plan) -> tuple[str, ...]:
        """Return the metrics of the feature family."""
        return plan.metrics(self.feature_family)

    def judge(self, tables: StudyTables, plan: Plan) -> Finding:
        """Judge the claim by the contrast of `weightscape.statistics.family_contrast`.

        The claim on a series that fails the manipulation check keeps its numbers, but no verdict. That on all series is
        about those that pass it; if two of them are opposed, it is mixed.
        """
        prints = claim_one_fingerprints(tables, self.family, plan)
        n_seeds = len(prints.seeds)
        if n_seeds < MINIMUM_SEEDS:
            return undetermined(TooFew("seeds", n_seeds, MINIMUM_SEEDS, "contrast"), n_seeds)
        checks = checks_of(tables, plan)
        members = replace(plan, diversity=(self.series,)) if self.series else self._members(tables, plan)
        if plan.diversity and not members.diversity:
            return undetermined(Case("none more diverse", plan.diversity), n_seeds)
        contrast = planned_contrast(tables, self.family, plan, members)
        facts = self._comparison(tables, plan, members, prints, contrast)
        finding = replace(contrast_finding(contrast, plan.margin), facts=facts)
        if self.series and not checks[self.series].passed:
            return replace(finding, verdict="undetermined", facts=NotMoreDiverse(checks[self.series], facts))
        opposed = opposed_series(prints, tables.series, members.diversity, plan.early_stop)
        if not opposed or np.isnan(finding.statistic):
            return finding
        places = []
        for name in members.diversity:
            alone = planned_contrast(tables, self.family, plan, replace(plan, diversity=(name,)))
            places.append(Place(name, alone.along_d, alone.along_w))
        return replace(finding, verdict="mixed", facts=Mixed(tuple(opposed), tuple(places), facts))

    def _comparison(
        self, tables: StudyTables, plan: Plan, members: Plan, prints: Fingerprints, contrast: FamilyContrast
    ) -> SpectralComparison:
        """Return the facts of a contrast."""
        raw = equal = None
        if plan.early_stop:
            raw = _other(planned_contrast(tables, self.family, plan, replace(members, early_stop=())))
            if change := at_equal_loss(tables, members):
                equal = _other(claim_one_contrast(prints, tables.series, members, change))
        return SpectralComparison(
            contrast=contrast.facts,
            roles=Roles(members.diversity, plan.dropout, plan.weight_decay, plan.early_stop),
            along_e=contrast.along_e,
            cosine_vd=contrast.cosine_vd,
            cosine_vw=contrast.cosine_vw,
            cosine_dw=contrast.cosine_dw,
            raw=raw,
            equal_loss=equal,
            left_out=() if self.series else tuple(name for name in plan.diversity if name not in members.diversity),
            n_seeds=contrast.n_seeds,
            n_features=contrast.n_features,
            dropped=_dropped(prints),
            unreached=prints.unreached,
        )

    def variants(self, tables: StudyTables, plan: Plan) -> Iterator[Variant]:
        """Yield the analyses of `weightscape.statistics.spectral_variants`.

        An exploratory claim has none, nor has one whose verdict is withheld whatever the contrast is.
        """
        members = self._members(tables, plan)
        if members.diversity and not self.group.startswith("exploratory"):
            yield from spectral_variants(self.family, tables, plan, members)

    def _members(self, tables: StudyTables, plan: Plan) -> Plan:
        """Return the plan with only those series of diversity that the claim is about and that are more diverse."""
        checks = checks_of(tables, plan)
        wanted = (self.series,) if self.series else plan.diversity
        return replace(plan, diversity=tuple(name for name in wanted if checks[name].passed))

    def seeds_needed(
        self, tables: StudyTables, plan: Plan, finding: Finding, power: float, significance: float
    ) -> int | None:
        """Return the seeds with which simulated studies decide the claim as often as wanted."""
        prints = claim_one_fingerprints(tables, self.family, plan)
        members = replace(plan, diversity=(self.series,) if self.series else plan.diversity)
        return seeds_for_contrast(claim_one_effects(prints.effects, tables.series, members), power, significance)


def spectral_claims(plan: Plan) -> tuple[SpectralClaim, ...]:
    """Return claim 1 on each feature family: of each series of diversity, then of all together."""
    return tuple(SpectralClaim(family, series) for family in FEATURE_FAMILIES for series in (*plan.diversity, ""))


def checks_of(tables: StudyTables, plan: Plan) -> dict[str, ManipulationCheck]:
    """Return the manipulation check of each series of diversity."""
    return tables.once(
        ("manipulation", plan.diversity), lambda: manipulation_checks(tables.diversity, tables.series, plan)
    )


def _other(contrast: FamilyContrast) -> OtherContrast:
    return OtherContrast(contrast.statistic, contrast.verdict)


def _dropped(prints: Fingerprints) -> tuple[DroppedFeatures, ...]:
    by_reason: dict[Dropped, list[str]] = {}
    for feature, why in prints.dropped.items():
        by_reason.setdefault(why, []).append(feature)
    return tuple(DroppedFeatures(why, tuple(features)) for why, features in by_reason.items())
