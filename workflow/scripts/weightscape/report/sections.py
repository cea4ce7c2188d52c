"""The sections of a report, from the tables of a study."""

from collections.abc import Mapping

import pandas as pd
import yaml

from weightscape.figures.effects import column_groups
from weightscape.figures.similarity import unordered_pairs
from weightscape.report import checks, findings, record, tables
from weightscape.report.content import Figure, Report, Section, Study
from weightscape.report.glossary import GLOSSARY
from weightscape.report.verdicts import verdict_counts, verdicts

QUESTION = (
    "Which training interventions reshape the weight spectra of a neural network, and do more diverse data act on them "
    "like dropout or like weight decay?"
)
STRONGEST = "For each metric the condition with the largest effect size d_z, up or down, with its mean difference:"
CLAIM_FIGURES = ("claims", "contrast")


def build_report(study: Study, figures: Mapping[str, Figure], derived: Mapping[str, pd.DataFrame]) -> Report:
    """Return the report of a study.

    Parameters
    ----------
    study
        Tables, plan and provenance.
    figures
        The figures that were drawn, by name; a section shows those of its figures that are there.
    derived
        The tables of `weightscape.report.record.derived_tables`.
    """
    found = verdicts(study.tables["claims"], study.plan)
    size = findings.size_sentence(study.tables["runs"], study.backbone)
    sections = [
        *_spectra(study, figures),
        *_behaviour(study, figures, derived["evaluation_summary"]),
        *_checks(study, figures),
        Section("terms", "Terms", [], listing=GLOSSARY),
        _provenance(study, derived),
    ]
    shown = [figures[name] for name in CLAIM_FIGURES if name in figures]
    summary_sentences = [size, verdict_counts(found), *checks.plan_warning(study.tables["plan"])]
    return Report(study.title, QUESTION, summary_sentences, found, sections, shown)


def main_outcomes(study: Study) -> list[str]:
    """Return the outcomes that the page reports: the columns of the effect heat map."""
    return [outcome for group in column_groups(study.plan.shape, study.plan.scale) for outcome in group.outcomes]


def _pick(figures: Mapping[str, Figure], *names: str) -> list[Figure]:
    return [figures[name] for name in names if name in figures]


def _spectra(study: Study, figures: Mapping[str, Figure]) -> list[Section]:
    effects, similarity = study.tables["effects"], study.tables["similarity"]
    strongest = findings.strongest_changes(effects, [*study.plan.shape, *study.plan.scale])
    return [
        Section(
            "fingerprints",
            "Spectral fingerprints",
            [STRONGEST] if strongest else [],
            strongest,
            figures=_pick(figures, "effects", "fingerprints"),
            tables=[tables.effects_table(effects, study.conditions, main_outcomes(study))],
        ),
        Section(
            "similarity",
            "Which interventions act alike",
            findings.similarity_sentences(similarity),
            figures=_pick(figures, "similarity"),
            tables=[tables.similarity_reasons(unordered_pairs(similarity))],
        ),
        Section("dose-response", "Dose and response", [], figures=_pick(figures, "dose_response")),
        Section("spectra", "Spectra of single layers", [], figures=_pick(figures, "esd", "alpha_depth")),
    ]


def _behaviour(study: Study, figures: Mapping[str, Figure], summary: pd.DataFrame) -> list[Section]:
    effects = study.tables["effects"]
    sections = [
        Section(
            "diversity",
            "Diversity and generalisation",
            findings.diversity_sentences(effects),
            figures=_pick(figures, "diversity"),
        ),
        Section(
            "accuracy",
            "Accuracy and calibration",
            findings.accuracy_sentences(summary, effects),
            figures=_pick(figures, "robustness"),
            tables=[tables.accuracy_table(summary, study.conditions)],
        ),
    ]
    if "generator_quality" in study.tables:
        quality = study.tables["generator_quality"]
        sections.append(
            Section(
                "generator",
                "Synthetic images",
                findings.generator_sentences(quality),
                figures=_pick(figures, "samples"),
                tables=[tables.generator_table(quality)],
            )
        )
    return sections


def _checks(study: Study, figures: Mapping[str, Figure]) -> list[Section]:
    effects, outcomes = study.tables["effects"], main_outcomes(study)
    robustness, controls, plan = (study.tables[name] for name in ("robustness", "controls", "plan"))
    return [
        Section(
            "stability",
            "Would another analysis decide otherwise?",
            checks.stability_sentences(robustness),
            checks.stability_points(robustness),
            figures=_pick(figures, "stability"),
            tables=[tables.stability_table(robustness)],
        ),
        Section(
            "controls",
            "Controls",
            [*checks.judgement_sentences(controls), *findings.control_sentences(effects, outcomes)],
            checks.judgement_points(controls),
            tables=[tables.judgement_table(controls), tables.control_table(effects, outcomes)],
        ),
        Section(
            "plan",
            "The plan",
            checks.plan_sentences(plan),
            checks.plan_points(plan),
            tables=[tables.plan_table(plan)],
        ),
        Section(
            "training",
            "Training",
            [],
            figures=_pick(figures, "training"),
            tables=[tables.conditions_table(study.tables["runs"], study.conditions)],
        ),
    ]


def _provenance(study: Study, derived: Mapping[str, pd.DataFrame]) -> Section:
    return Section(
        "provenance",
        "Provenance",
        [
            "Every number in the sentences and tables of this page is in a CSV file in tables/ beside it, the list "
            "below in tables/study.csv, and every figure is in figures/ as SVG, PNG and PDF."
        ],
        tables=[record.data_table(derived["data"]), record.costs_table(derived["cost"])],
        listing=list(derived["study"].itertuples(index=False, name=None)),
        verbatim=yaml.safe_dump(study.provenance["config"], sort_keys=False, allow_unicode=True),
    )
