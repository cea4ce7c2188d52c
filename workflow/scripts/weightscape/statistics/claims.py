"""The claims table: a verdict on each pre-registered claim, with the reason in words."""

from dataclasses import asdict, fields, replace

import numpy as np
import pandas as pd

from weightscape.statistics.constants import SIGNIFICANCE
from weightscape.statistics.effective_robustness import effective_robustness_claim
from weightscape.statistics.finding import Finding
from weightscape.statistics.mixed_model import mixed_model_claim
from weightscape.statistics.multiplicity import holm
from weightscape.statistics.plan import Plan
from weightscape.statistics.series import conditions_of_series
from weightscape.statistics.spectral_claim import spectral_claim
from weightscape.statistics.synthetic_claims import diversity_claim, robustness_claim
from weightscape.statistics.wording import pvalue_text

COLUMNS = [field.name for field in fields(Finding)]


def claims_table(
    runs: pd.DataFrame, evaluation: pd.DataFrame, diversity: pd.DataFrame, spectra: pd.DataFrame, plan: Plan
) -> pd.DataFrame:
    """Return the verdicts on claims 1-shape (primary), 1-scale, 2a, 2b, 2c and 2d.

    Parameters
    ----------
    runs, evaluation, diversity, spectra
        The study's tables.
    plan
        What the study set out to compare.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`. A claim is decided if its p, adjusted by Holm over all claims, is at most
        `SIGNIFICANCE`; a claim that could not be tested counts as a test.
    """
    series = conditions_of_series(runs)
    findings = [
        spectral_claim("shape", spectra, series, plan),
        spectral_claim("scale", spectra, series, plan),
        diversity_claim(diversity, series, plan),
        robustness_claim(evaluation, series, plan),
        effective_robustness_claim(evaluation, series, plan),
        mixed_model_claim(evaluation, diversity),
    ]
    adjusted = holm(np.array([finding.pvalue for finding in findings]))
    rows = [asdict(_adjust(finding, float(p))) for finding, p in zip(findings, adjusted, strict=True)]
    return pd.DataFrame(rows, columns=COLUMNS)


def _adjust(finding: Finding, pvalue_holm: float) -> Finding:
    """Put the adjusted p in, and take back a verdict that does not survive it."""
    if finding.verdict == "undetermined" or pvalue_holm <= SIGNIFICANCE:
        return replace(finding, pvalue_holm=pvalue_holm)
    note = f"Not decided after adjusting for all claims ({pvalue_text(pvalue_holm, 'Holm p')}): "
    return replace(finding, pvalue_holm=pvalue_holm, verdict="undetermined", reason=note + finding.reason)
