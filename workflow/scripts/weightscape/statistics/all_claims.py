"""The claims of every study, in their order: Holm, the registered plan, planning and the report follow this list."""

from itertools import groupby
from string import ascii_lowercase

from weightscape.statistics.claim import Claim
from weightscape.statistics.claims.diversity_slope import DiversitySlope
from weightscape.statistics.claims.effective_robustness import EffectiveRobustness
from weightscape.statistics.claims.spectral_scale import SpectralScale
from weightscape.statistics.claims.spectral_shape import SpectralShape
from weightscape.statistics.claims.synthetic_accuracy import SyntheticAccuracy
from weightscape.statistics.claims.synthetic_diversity import SyntheticDiversity

CLAIMS: tuple[Claim, ...] = (
    SpectralShape(),
    SpectralScale(),
    SyntheticDiversity(),
    SyntheticAccuracy(),
    EffectiveRobustness(),
    DiversitySlope(),
)


def claim_by_name(name: str) -> Claim:
    """Return a claim; `KeyError` if there is none of this name."""
    return {claim.name: claim for claim in CLAIMS}[name]


def planned_claims(primary: bool) -> str:
    """Return the primary or the secondary claims as the registered plan names them.

    Examples
    --------
    >>> planned_claims(primary=False)
    'claim 1 on their scale, claims 2a to 2d'
    """
    parts = []
    for (planned_as, _), group in groupby([claim for claim in CLAIMS if claim.primary == primary], _place_in_plan):
        names = [claim.name for claim in group]
        parts.append(planned_as or (f"claims {names[0]} to {names[-1]}" if len(names) > 1 else f"claim {names[0]}"))
    return ", ".join(parts)


def _place_in_plan(claim: Claim) -> tuple[str, str]:
    """Return what claims that the plan names together share: their own words, or their number."""
    return claim.planned_as, "" if claim.planned_as else claim.name.rstrip(ascii_lowercase)
