"""The claims of a study, in their order: Holm, the registered plan, planning and the report follow this list."""

from weightscape.statistics.claim import Claim
from weightscape.statistics.claims.diversity_slope import DiversitySlope
from weightscape.statistics.claims.effective_robustness import EffectiveRobustness
from weightscape.statistics.claims.synthetic_accuracy import SyntheticAccuracy
from weightscape.statistics.claims.synthetic_diversity import SyntheticDiversity
from weightscape.statistics.plan import Plan
from weightscape.statistics.spectral_claim import spectral_claims

CLAIMS: tuple[Claim, ...] = (
    SyntheticDiversity(),
    SyntheticAccuracy(),
    EffectiveRobustness(),
    DiversitySlope(),
)
"""The claims that are the same in every study; claim 1 is one for each series and feature family of the plan."""


def claims_of(plan: Plan) -> tuple[Claim, ...]:
    """Return all claims of a study with this plan."""
    return (*spectral_claims(plan), *CLAIMS)


def claim_by_name(name: str, plan: Plan) -> Claim:
    """Return a claim of a plan; `KeyError` if there is none of this name."""
    return {claim.name: claim for claim in claims_of(plan)}[name]


def groups_of(claims: tuple[Claim, ...]) -> dict[str, list[str]]:
    """Return the names of the claims in each group that is adjusted together, in the order of the claims."""
    groups: dict[str, list[str]] = {}
    for claim in claims:
        groups.setdefault(claim.group, []).append(claim.name)
    return groups
