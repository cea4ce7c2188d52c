"""All result tables of a study from its four data tables."""

from dataclasses import dataclass

import pandas as pd

from weightscape.statistics.claims import claims_table
from weightscape.statistics.controls import controls_table
from weightscape.statistics.effects import effects_table
from weightscape.statistics.features import fingerprints
from weightscape.statistics.outcomes import diversity_outcomes, evaluation_outcomes, spectra_outcomes
from weightscape.statistics.plan import Plan
from weightscape.statistics.robustness import robustness_table, with_stability
from weightscape.statistics.series import conditions_of_series
from weightscape.statistics.similarity import similarity_table
from weightscape.statistics.synthetic_variants import Images


@dataclass(frozen=True)
class StudyStatistics:
    """The result tables of a study; see the functions that make each of them."""

    effects: pd.DataFrame
    similarity: pd.DataFrame
    claims: pd.DataFrame
    robustness: pd.DataFrame
    controls: pd.DataFrame


def analyse_study(
    runs: pd.DataFrame,
    evaluation: pd.DataFrame,
    diversity: pd.DataFrame,
    spectra: pd.DataFrame,
    plan: Plan,
    images: Images | None = None,
) -> StudyStatistics:
    """Return effects, similarities, verdicts, their robustness and the controls of a study.

    Parameters
    ----------
    runs, evaluation, diversity, spectra
        The study's tables.
    plan
        The series and metrics of the claims.
    images
        Per condition whether each natural out-of-distribution image was classified rightly, (seeds, images); without it
        the bootstrap over images is left out.
    """
    outcomes = pd.concat(
        [
            spectra_outcomes(spectra, plan.shape, plan.scale),
            evaluation_outcomes(evaluation),
            diversity_outcomes(diversity),
        ],
        ignore_index=True,
    )
    series = conditions_of_series(runs)
    families = {"shape": plan.shape, "scale": plan.scale}
    prints = {name: fingerprints(spectra, metrics) for name, metrics in families.items()}
    robustness = robustness_table(runs, evaluation, diversity, spectra, plan, images)
    return StudyStatistics(
        effects=effects_table(runs, outcomes),
        similarity=similarity_table(prints, series),
        claims=with_stability(claims_table(runs, evaluation, diversity, spectra, plan), robustness),
        robustness=robustness,
        controls=controls_table(runs, evaluation, prints, plan),
    )
