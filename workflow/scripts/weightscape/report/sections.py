"""The sections of a report, from the tables of a study."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd
import yaml

from weightscape.figures.dose_response import series_with_doses
from weightscape.figures.effects import column_groups
from weightscape.figures.similarity import unordered_pairs
from weightscape.report import behaviour, checks, corruptions, findings, record, synthetic, tables
from weightscape.report.content import Figure, Report, Section, Study
from weightscape.report.glossary import GLOSSARY
from weightscape.report.interactions import interaction_sections
from weightscape.report.verdicts import series_tables, verdict_counts, verdicts
from weightscape.statistics.spectral_contrast import mean_losses
from weightscape.words.verdicts import MEANINGS

QUESTION = (
    "Which training interventions reshape the weight spectra of a neural network, and do more diverse data act on them "
    "like dropout or like weight decay?"
)
STRONGEST = "For each metric, the condition with the largest effect size d_z, up or down, and its mean difference:"
DOSES = "If an intervention does more at a higher dose, its line leaves zero steadily and does not turn back:"
SPECTRA = "What training leaves of the spectra that it starts from, and where in the network α moves most:"
TRAINING = "Whether every condition was trained to a like loss, so that what differs is not only how far training went:"
ALONG = "When in training the conditions part, and whether a difference is still growing at the end:"
TRAJECTORY = "trajectory"
"""Anchor of the section about spectra along training, for studies that take them."""
VERDICTS = "verdicts"
"""Anchor of the verdicts, whose figures are at the head of the page."""


def build_report(study: Study, figures: Mapping[str, Sequence[Figure]], derived: Mapping[str, pd.DataFrame]) -> Report:
    """Return the report of a study.

    Parameters
    ----------
    study
        Tables, plan and provenance.
    figures
        The figures that were drawn, by the anchor of the section that shows them.
    derived
        The tables of `weightscape.report.record.derived_tables`.
    """
    stated = verdicts(study.tables["claims"], study.plan)
    size = findings.size_sentence(study.tables["runs"], study.backbone)
    sections = [
        *_spectra(study),
        *([Section(TRAJECTORY, "Spectra along training", [ALONG])] if TRAJECTORY in figures else []),
        *_behaviour(study, derived),
        *_checks(study),
        Section("terms", "Terms", [], listing=GLOSSARY),
        _provenance(study, derived),
    ]
    sections = [replace(section, figures=figures.get(section.anchor, ())) for section in sections]
    summary_sentences = [size, verdict_counts(study.tables["claims"]), *checks.plan_warning(study.tables["plan"])]
    if "generator_quality" in study.tables:
        summary_sentences += synthetic.gate_sentences(study.tables["generator_quality"])
    by_series = series_tables(*(study.tables[name] for name in ("claims", "positions", "manipulation")))
    return Report(
        study.title,
        QUESTION,
        summary_sentences,
        stated,
        sections,
        figures.get(VERDICTS, ()),
        tables=by_series,
        meanings=MEANINGS,
    )


def main_outcomes(study: Study) -> list[str]:
    """Return the outcomes that the page reports: the columns of the effect heat map."""
    return [outcome for group in column_groups(study.plan) for outcome in group.outcomes]


def _spectra(study: Study) -> list[Section]:
    effects, similarity = study.tables["effects"], study.tables["similarity"]
    strongest = findings.strongest_changes(effects, main_outcomes(study))
    return [
        Section(
            "fingerprints",
            "Spectral fingerprints",
            [findings.loss_sentence(mean_losses(study.tables["runs"]), study.conditions)]
            + ([STRONGEST] if strongest else []),
            strongest,
            tables=[tables.effects_table(effects, study.conditions, main_outcomes(study))],
        ),
        Section(
            "similarity",
            "Which interventions act alike",
            findings.similarity_sentences(similarity),
            tables=[tables.similarity_reasons(unordered_pairs(similarity))],
        ),
        *interaction_sections(effects, study.conditions, main_outcomes(study)),
        *([Section("dose-response", "Dose and response", [DOSES])] if series_with_doses(study.conditions) else []),
        Section(
            "spectra",
            "Spectra of single layers",
            [SPECTRA],
        ),
    ]


def _behaviour(study: Study, derived: Mapping[str, pd.DataFrame]) -> list[Section]:
    effects, summary, conditions = study.tables["effects"], derived["evaluation_summary"], study.conditions
    of_sets = [
        behaviour.diversity_table(derived["diversity_summary"], conditions),
        behaviour.class_diversity_table(derived["diversity_by_class"], conditions),
    ]
    of_networks = [
        tables.accuracy_table(summary, conditions),
        behaviour.robustness_table(effects, conditions),
        corruptions.corruption_table(derived["corruption_errors"], conditions),
        behaviour.calibration_table(summary, conditions),
        behaviour.detection_table(derived["detection_summary"], conditions),
        behaviour.class_accuracy_table(derived["class_summary"], conditions),
    ]
    sections = [
        Section(
            "diversity",
            "Diversity and generalisation",
            findings.diversity_sentences(effects) + findings.curve_sentences(study.tables["diversity_curve"]),
            tables=[table for table in of_sets if table],
        ),
        Section(
            "accuracy",
            "Accuracy and calibration",
            findings.accuracy_sentences(summary, effects),
            tables=[table for table in of_networks if table],
        ),
    ]
    if "generator_quality" in study.tables:
        quality = study.tables["generator_quality"]
        sections.append(
            Section(
                "generator",
                "Synthetic images",
                synthetic.generator_sentences(quality, study.provenance["rules"]),
                tables=[
                    synthetic.generator_table(quality),
                    synthetic.classes_table(study.tables["generator_classes"]),
                ],
            )
        )
    return sections


def _checks(study: Study) -> list[Section]:
    effects, outcomes = study.tables["effects"], main_outcomes(study)
    robustness, controls, plan = (study.tables[name] for name in ("robustness", "controls", "plan"))
    return [
        Section(
            "stability",
            "Would another analysis decide otherwise?",
            checks.stability_sentences(robustness),
            checks.stability_points(robustness),
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
            [TRAINING],
            tables=[tables.conditions_table(study.tables["runs"], study.conditions)],
        ),
    ]


def _provenance(study: Study, derived: Mapping[str, pd.DataFrame]) -> Section:
    return Section(
        "provenance",
        "Provenance",
        [
            "Every number in the sentences and tables of this page is in a CSV file in tables/ beside it, the list "
            "below in tables/study.csv. Every figure is in figures/ as SVG, PNG and PDF."
        ],
        tables=[
            record.data_table(derived["data"], study.manifest),
            record.classes_table(derived["classes"]),
            record.costs_table(derived["cost"]),
        ],
        listing=list(derived["study"].itertuples(index=False, name=None)),
        verbatim=yaml.safe_dump(study.provenance["config"], sort_keys=False, allow_unicode=True),
    )
