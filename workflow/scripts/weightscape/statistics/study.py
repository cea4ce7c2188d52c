"""All result tables of a study from its data tables."""

from dataclasses import dataclass

import pandas as pd

from weightscape.statistics.controls import controls_table
from weightscape.statistics.effects import effects_table
from weightscape.statistics.features import fingerprints
from weightscape.statistics.manipulation import manipulation_checks, manipulation_table
from weightscape.statistics.outcomes import diversity_outcomes, evaluation_outcomes, spectra_outcomes
from weightscape.statistics.plan import Plan
from weightscape.statistics.robustness import robustness_table
from weightscape.statistics.similarity import similarity_table
from weightscape.statistics.study_tables import StudyTables
from weightscape.statistics.verdicts import claims_table, with_stability


@dataclass(frozen=True)
class StudyStatistics:
    """The result tables of a study; see the functions that make each of them."""

    effects: pd.DataFrame
    similarity: pd.DataFrame
    claims: pd.DataFrame
    robustness: pd.DataFrame
    controls: pd.DataFrame
    manipulation: pd.DataFrame


def analyse_study(tables: StudyTables, plan: Plan) -> StudyStatistics:
    """Return effects, similarities, verdicts, their robustness, the controls and the manipulation checks of a study."""
    outcomes = pd.concat(
        [
            spectra_outcomes(tables.spectra, plan.shape, plan.scale),
            evaluation_outcomes(tables.evaluation),
            diversity_outcomes(tables.diversity),
        ],
        ignore_index=True,
    )
    prints = {family: fingerprints(tables.spectra, plan.metrics(family)) for family in ("shape", "scale")}
    robustness = robustness_table(tables, plan)
    return StudyStatistics(
        effects=effects_table(tables.runs, outcomes),
        similarity=similarity_table(prints, tables.series),
        claims=with_stability(claims_table(tables, plan), robustness),
        robustness=robustness,
        controls=controls_table(tables, prints, plan),
        manipulation=manipulation_table(manipulation_checks(tables.diversity, tables.series, plan)),
    )
