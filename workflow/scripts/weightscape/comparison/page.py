"""The comparison as a report: one card, one panel and one block of rows per claim."""

from collections.abc import Sequence

import pandas as pd

from weightscape.comparison.claims import Agreement
from weightscape.comparison.studies import FinishedStudy, roles_that_differ
from weightscape.report.content import Cell, Figure, Report, Section, Table, Verdict
from weightscape.report.glossary import GLOSSARY
from weightscape.words.names import plain
from weightscape.words.numbers import estimate, number, probability
from weightscape.words.text import capital, every, listing

QUESTION = "Do the verdicts hold across backbones and data?"


def comparison_report(
    studies: Sequence[FinishedStudy], compared: pd.DataFrame, agreed: Sequence[Agreement], figure: Figure
) -> Report:
    """Return the report of a comparison.

    Parameters
    ----------
    studies
        The studies, in the order in which they are to appear.
    compared, agreed
        What `compare_claims` and `agreement` return.
    figure
        The forest plot by study.
    """
    cards = [_card(claim, compared[compared["claim"] == claim.claim]) for claim in agreed]
    sections = [
        Section("claims-by-study", "Claims by study", [adjustment_sentence(compared)], tables=[_claims(compared)]),
        Section("studies", "The studies", study_sentences(studies), tables=[_studies(studies)]),
        Section("terms", "Terms", [], listing=GLOSSARY),
    ]
    title = capital(f"{listing([plain(study.name) for study in studies])} side by side")
    return Report(
        title=title,
        question=QUESTION,
        summary=study_sentences(studies)[:1],
        verdicts=cards,
        sections=sections,
        figures=[figure],
        kicker="weightscape comparison",
        source="tables/agreement.csv",
    )


def agreement_sentence(claim: Agreement) -> str:
    """Say in how many studies a claim is supported, contradicted, and of the same sign."""
    n, estimated, positive = claim.n_studies, claim.n_estimated, claim.n_positive
    parts = [f"{word} in {count}" for word, count in _verdicts(claim).items()]
    text = f"{capital(listing(parts))} of {n} studies" if parts else f"Undetermined in {every(n)} studies"
    if not estimated:
        return f"{text}; none of them could estimate the statistic."
    sign = "positive" if positive else "negative"
    if estimated == 1:
        return f"{text}; the only estimate is {sign}."
    if positive in (0, estimated):
        return f"{text}; {every(estimated)} estimates are {sign}."
    known = f"the {estimated} that have one" if estimated < n else f"the {n} studies"
    return f"{text}; the estimate is positive in {positive} of {known}."


def study_sentences(studies: Sequence[FinishedStudy]) -> list[str]:
    """Say how different the studies are, whose plan was changed, and which roles differ."""
    places: dict[tuple[str, str, str], list[str]] = {}
    for study in studies:
        places.setdefault((study.backbone, study.weights, study.data), []).append(plain(study.name))
    runs = sum(study.runs for study in studies)
    combinations = f"{len(places)} combination{'s' * (len(places) != 1)} of backbone and data"
    sentences = [f"{len(studies)} studies with {runs:,} training runs on {combinations}."]
    sentences += [
        f"{capital(listing(names))} share a backbone and data ({backbone}, {data}), so they do not show that a claim "
        "holds elsewhere."
        for (backbone, _, data), names in places.items()
        if len(names) > 1
    ]
    if differing := roles_that_differ(studies):
        sentences.append(f"The studies' plans name different series or metrics for: {listing(differing)}.")
    if changed := [plain(study.name) for study in studies if study.plan_changed]:
        sentences.append(f"In {listing(changed)}, the plan was changed after registration.")
    if amended := [plain(study.name) for study in studies if study.plan_amended]:
        sentences.append(f"In {listing(amended)}, the plan was amended after results had been seen: see its report.")
    return sentences


def adjustment_sentence(compared: pd.DataFrame) -> str:
    """Say when the comparison counts a claim as decided."""
    claims, studies = compared["claim"].nunique(), compared["study"].nunique()
    return (
        "A claim is decided in a study if its own report decides it and its p remains significant after Holm's "
        f"adjustment for all {len(compared)} tests of this page ({claims} claims in {studies} studies, including any "
        "that could not be tested)."
    )


def _verdicts(claim: Agreement) -> dict[str, int]:
    """Return in how many studies a claim is decided in either way, where it is."""
    counts = {"supported": claim.n_supported, "contradicted": claim.n_contradicted}
    return {word: count for word, count in counts.items() if count}


def _card(claim: Agreement, studies: pd.DataFrame) -> Verdict:
    n, counts = claim.n_studies, _verdicts(claim)
    verdict = next((word for word, count in counts.items() if count == n), "undetermined")
    parts = [f"{count} {word}" for word, count in counts.items()]
    word = f"{', '.join(parts)} of {n}" if parts else f"undetermined in {n} of {n}"
    values = [
        f"{number(study.statistic) if pd.notna(study.statistic) else 'not estimable'} in {plain(study.study)}"
        for study in studies.itertuples()
    ]
    return Verdict(
        claim=claim.claim,
        title=claim.title,
        question="",
        verdict=verdict,
        reason=agreement_sentence(claim),
        numbers=f"{claim.statistic_name}: {', '.join(values)}",
        word=word,
    )


def _claims(compared: pd.DataFrame) -> Table:
    rows = []
    for row in compared.itertuples():
        value, span = estimate(row.statistic, row.low, row.high)
        pvalues = (row.pvalue, row.pvalue_holm, row.pvalue_studies)
        rows.append(
            [
                Cell(row.claim),
                Cell(plain(row.study)),
                Cell(value, None if pd.isna(row.statistic) else float(row.statistic)),
                Cell(span),
                *(Cell(probability(p), None if pd.isna(p) else float(p)) for p in pvalues),
                Cell(row.verdict_alone),
                Cell(row.verdict),
            ]
        )
    columns = ["claim", "study", "statistic", "95 % interval", "p", "p (Holm, its study)", "p (Holm, all studies)",
               "verdict alone", "verdict here"]  # fmt: skip
    return Table("Every claim in every study, in the units of the cards.", columns, rows, "tables/claims.csv")


def _marks(study: FinishedStudy) -> list[str]:
    marks = {"changed": study.plan_changed, "amended": study.plan_amended}
    return [word for word, applies in marks.items() if applies]


def _studies(studies: Sequence[FinishedStudy]) -> Table:
    rows = [
        [
            Cell(plain(study.name)),
            Cell(study.title),
            Cell(study.backbone),
            Cell(study.data),
            Cell(f"{study.runs:,}", float(study.runs)),
            Cell(str(study.seeds), float(study.seeds)),
            Cell(", ".join([study.plan_hash[:12], *_marks(study)])),
        ]
        for study in studies
    ]
    columns = ["study", "title", "backbone", "data", "runs", "seeds", "plan"]
    caption = "The studies; plan: the start of the SHA-256 sum of the plan that was analysed."
    return Table(caption, columns, rows, "tables/studies.csv")
