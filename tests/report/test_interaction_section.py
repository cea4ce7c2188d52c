"""The section on combinations: there with combinations only, and what it says of the effects table."""

import pandas as pd
import pytest

from weightscape.report.interactions import interaction_sections

CONDITIONS = [
    {"condition": "baseline", "series": "baseline", "family": "baseline", "dose": None, "dose_label": ""},
    {"condition": "dropout-0.2", "series": "dropout", "family": "dropout", "dose": 0.2, "dose_label": "p"},
    {
        "condition": "weight_decay-0.3", "series": "weight_decay", "family": "weight_decay", "dose": 0.3,
        "dose_label": "λ",
    },
    {
        "condition": "both-0.2-0.3", "series": "both-0.2-0.3", "family": "combination", "dose": None, "dose_label": "",
        "parts": ["dropout-0.2", "weight_decay-0.3"],
    },
]  # fmt: skip
OUTCOMES = ["delta/log_norm", "delta/entropy"]


@pytest.fixture
def effects():
    """Effects of the combination, and interactions of which one is clear."""
    rows = [
        {"outcome": outcome, "level": level, "condition": "both-0.2-0.3", "series": "both-0.2-0.3",
         "mean": mean, "low": mean - 0.1, "high": mean + 0.1, "d_z": 2.0, "pvalue": p, "pvalue_holm": p,
         "dose": float("nan")}
        for outcome, level, mean, p in (
            ("delta/log_norm", "condition", -0.75, 0.004), ("delta/log_norm", "interaction", 0.25, 0.008),
            ("delta/entropy", "condition", 0.5, 0.004), ("delta/entropy", "interaction", 0.02, 0.6),
        )
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_a_study_without_combinations_has_no_such_section(effects):
    assert interaction_sections(effects, CONDITIONS[:3], OUTCOMES) == []


def test_it_names_the_parts_and_what_is_beyond_their_sum(effects):
    (section,) = interaction_sections(effects, CONDITIONS, OUTCOMES)
    assert section.sentences == [
        "1 combination of interventions (both-0.2-0.3) is compared with the sum of what the parts do alone, in 2 "
        "outcomes. The difference is clear (Holm p ≤ 0.05) in 1 of 2 cases:"
    ]
    (point,) = section.points
    assert point.startswith("log norm, change: both-0.2-0.3 +0.25 (")
    assert point.endswith(" beyond the sum")
    (table,) = section.tables
    assert [cell.text for cell in table.rows[0]][:5] == [
        "both-0.2-0.3", "dropout 0.2 + weight decay 0.3", "log norm, change", "−0.750", "0.25",
    ]  # fmt: skip
    assert len(table.rows) == 2
    assert table.source == "tables/effects.csv"


def test_it_says_so_where_nothing_is_beyond_the_sum(effects):
    (section,) = interaction_sections(effects.assign(pvalue_holm=0.5), CONDITIONS, OUTCOMES)
    assert section.sentences[0].endswith("in 0 of 2 cases.")
    assert section.points == []
