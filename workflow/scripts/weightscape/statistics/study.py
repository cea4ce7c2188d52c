"""All result tables of a study from its data tables."""

from dataclasses import dataclass

import pandas as pd

from weightscape.statistics.controls import controls_table
from weightscape.statistics.effects import effects_table
from weightscape.statistics.families import FEATURE_FAMILIES
from weightscape.statistics.features import fingerprints
from weightscape.statistics.layers import frozen_conditions
from weightscape.statistics.manipulation import manipulation_table
from weightscape.statistics.outcomes import diversity_outcomes, evaluation_outcomes, spectra_outcomes
from weightscape.statistics.plan import Plan
from weightscape.statistics.positions import positions_table
from weightscape.statistics.robustness import robustness_table
from weightscape.statistics.similarity import similarity_table
from weightscape.statistics.spectral_claim import checks_of
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
    positions: pd.DataFrame


def analyse_study(tables: StudyTables, plan: Plan) -> StudyStatistics:
    """Return all result tables of a study."""
    outcomes = pd.concat(
        [
            spectra_outcomes(tables.spectra, plan),
            evaluation_outcomes(tables.evaluation),
            diversity_outcomes(tables.diversity),
        ],
        ignore_index=True,
    )
    # A series with frozen layers changes nothing for the similarities of the others.
    frozen = frozen_conditions(tables.spectra[tables.spectra["of"] == "delta"])
    prints = {
        family.name: fingerprints(
            tables.spectra, plan.metrics(family.name), family.of, frozen if family.of == "delta" else ()
        )
        for family in FEATURE_FAMILIES
    }
    robustness = robustness_table(tables, plan)
    return StudyStatistics(
        effects=effects_table(tables.runs, outcomes, tables.combinations),
        similarity=similarity_table(prints, tables.series),
        claims=with_stability(claims_table(tables, plan), robustness),
        robustness=robustness,
        controls=controls_table(tables, prints, plan),
        manipulation=manipulation_table(checks_of(tables, plan)),
        positions=positions_table(tables, plan),
    )
