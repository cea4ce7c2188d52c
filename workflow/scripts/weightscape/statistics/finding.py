"""What is asked in a claim and what was found: one row of the claims table."""

from dataclasses import dataclass

from weightscape.statistics.constants import MINIMUM_SEEDS, SIGNIFICANCE
from weightscape.statistics.estimate import Estimate
from weightscape.statistics.wording import capital, count_seeds, pvalue_text


@dataclass(frozen=True)
class Claim:
    """A claim: its short name, a title that states it, the question, and the statistic that answers it."""

    claim: str
    title: str
    question: str
    statistic_name: str


@dataclass(frozen=True)
class Finding:
    """One row of the claims table."""

    claim: str
    title: str
    question: str
    statistic_name: str
    n_seeds: int
    statistic: float
    low: float
    high: float
    pvalue: float
    pvalue_holm: float
    verdict: str
    reason: str


def undetermined(claim: Claim, reason: str, n_seeds: int = 0) -> Finding:
    """Return the finding of a claim that could not be tested."""
    return found(claim, "undetermined", reason, n_seeds)


def found(
    claim: Claim,
    verdict: str,
    reason: str,
    n_seeds: int,
    statistic: float = float("nan"),
    low: float = float("nan"),
    high: float = float("nan"),
    pvalue: float = float("nan"),
) -> Finding:
    """Return a finding whose p is not adjusted yet."""
    return Finding(**vars(claim), n_seeds=n_seeds, statistic=statistic, low=low, high=high, pvalue=pvalue,
                   pvalue_holm=float("nan"), verdict=verdict, reason=reason)  # fmt: skip


def judged(claim: Claim, estimate: Estimate, n_seeds: int, detail: str) -> Finding:
    """Return the finding of a claim that an estimate above 0 supports and one below 0 contradicts.

    Parameters
    ----------
    claim
        What was asked.
    estimate
        The statistic with its interval and p.
    n_seeds
        Number of seeds behind it; with fewer than `MINIMUM_SEEDS` the claim stays undetermined.
    detail
        The start of the reason: what was compared and what came out.
    """
    if n_seeds < MINIMUM_SEEDS:
        return undetermined(claim, f"Too few seeds ({n_seeds}): the comparison needs {MINIMUM_SEEDS}.", n_seeds)
    verdict, ending = "undetermined", ", so no difference is shown"
    if estimate.pvalue <= SIGNIFICANCE:
        verdict, ending = ("supported" if estimate.value > 0 else "contradicted"), ""
    reason = f"{capital(detail)} ({pvalue_text(estimate.pvalue)}, {count_seeds(n_seeds)}){ending}."
    return found(claim, verdict, reason, n_seeds, estimate.value, estimate.low, estimate.high, estimate.pvalue)
