"""Every sentence of the report comes from the tables: changed tables change it."""

import pandas as pd
import pytest
from simulated_study import SimulatedStudy

from weightscape.report.content import Report
from weightscape.report.findings import (
    accuracy_sentences,
    control_sentences,
    diversity_sentences,
    similarity_sentences,
    strongest_changes,
)
from weightscape.report.sections import main_outcomes
from weightscape.report.synthetic import generator_sentences
from weightscape.report.tables import accuracy_table, evaluation_summary
from weightscape.report.verdicts import series_tables, verdict_counts, verdicts
from weightscape.statistics.facts import Case, write_facts
from weightscape.statistics.plan import Plan
from weightscape.statistics.verdicts import Precision
from weightscape.words.reasons import claim_reason
from weightscape.words.verdicts import verdict_words


def section(report: Report, anchor: str):
    return next(section for section in report.sections if section.anchor == anchor)


def changed(table: pd.DataFrame, row: pd.Series, **values) -> pd.DataFrame:
    table = table.copy()
    for name, value in values.items():
        table.loc[row, name] = value
    return table


def test_verdict_words_and_numbers_follow_the_claims_table(large: SimulatedStudy) -> None:
    claims = large.tables["claims"]
    pooled = claims[claims["series"] == ""]
    plan = Plan.from_mapping(large.claims_config)
    before = verdicts(claims, plan)
    assert [item.verdict for item in before] == list(pooled["verdict"])
    assert [item.reason for item in before] == [claim_reason(row) for row in pooled.itertuples()]
    assert "(stable rank, effective rank and entropy)" in before[0].question
    assert before[0].word == "undetermined: smaller than the margin"
    row = claims["claim"] == "1-scale"
    new = {"verdict": "contradicted", "statistic": -7.25, "low": -8.5, "high": -6.0, "n_variants": 0}
    after = verdicts(changed(claims, row, **new, facts=write_facts(Case("no feature"))), plan)
    found = next(item for item in after if item.claim == "1-scale")
    assert (found.verdict, found.reason, found.word) == (
        "contradicted",
        "No feature is left to compare.",
        found.verdict,
    )
    assert "−7.25" in found.numbers
    assert "−8.50 to −6.00" in found.numbers


def test_each_series_has_a_row_with_its_verdict_and_what_it_hangs_on(large: SimulatedStudy) -> None:
    claims, positions, manipulation = (large.tables[name] for name in ("claims", "positions", "manipulation"))
    primary, exploratory = series_tables(claims, positions, manipulation)
    assert len(primary.rows) == len(large.claims_config["diversity"])
    assert len(exploratory.rows) == 2 * len(primary.rows)
    row = dict(zip(primary.columns, (cell.text for cell in primary.rows[0]), strict=True))
    assert row["series"] == "randaugment"
    assert row["verdict"] == "undetermined: smaller than the margin"
    assert row["T, learning left in"].endswith("supported")
    assert row["data"] == "more diverse"
    assert exploratory.rows[0][1].text == "undetermined: no direction"


@pytest.mark.parametrize(
    ("estimate", "negligible", "kind"),
    [(0.5, True, "smaller than the margin"), (0.5, False, "too imprecise"), (float("nan"), False, "not estimable")],
)
def test_an_undetermined_claim_is_of_a_kind(estimate: float, negligible: bool, kind: str) -> None:
    facts = Precision(Case("no feature"), "undetermined", 1.0, 1.0, 0.01, negligible)
    row = pd.Series({"verdict": "undetermined", "statistic": estimate, "facts": write_facts(facts)})
    assert verdict_words(row) == f"undetermined: {kind}"


def test_a_claim_without_a_statistic_says_so_and_shows_no_number(large: SimulatedStudy) -> None:
    stated = verdicts(large.tables["claims"], Plan.from_mapping(large.claims_config))
    found = next(item for item in stated if item.claim == "1-shape")
    assert found.verdict == "undetermined"
    assert found.numbers.endswith("not estimable")
    assert "nan" not in found.numbers


def test_verdicts_that_are_not_exploratory_are_counted(large: SimulatedStudy) -> None:
    claims = large.tables["claims"].head(4).assign(verdict=["supported", "supported", "undetermined", "contradicted"])
    assert verdict_counts(claims) == "Of 4 registered claims: 2 supported, 1 contradicted and 1 undetermined."
    assert verdict_counts(claims.head(1)) == "Of 1 registered claim: 1 supported."
    exploratory = claims.assign(group=["primary", *["exploratory shape"] * 3])
    assert verdict_counts(exploratory) == "Of 1 registered claim: 1 supported."


def test_an_unknown_verdict_is_refused(large: SimulatedStudy) -> None:
    with pytest.raises(ValueError, match=r"claim 1-change: verdict 'likely'; allowed: supported, contradicted"):
        verdicts(large.tables["claims"].assign(verdict="likely"), Plan.from_mapping(large.claims_config))


def test_the_strongest_condition_is_named_for_each_metric(large: SimulatedStudy) -> None:
    effects = large.tables["effects"]
    (before,) = strongest_changes(effects, ["spectra/log_norm"])
    assert before.startswith("log norm: weight decay 1, −")
    row = (effects["outcome"] == "spectra/log_norm") & (effects["condition"] == "dropout-0.1")
    (after,) = strongest_changes(changed(effects, row, d_z=1e6, mean=0.5, low=0.4, high=0.6), ["spectra/log_norm"])
    assert after.startswith("log norm: dropout 0.1, +0.50")
    assert after.endswith("d_z = 1,000,000".replace(" ", "\N{NO-BREAK SPACE}"))
    (surest,) = strongest_changes(changed(effects, row, d_z=float("inf")), ["spectra/log_norm"])
    assert surest.endswith("∞")
    assert strongest_changes(effects, ["spectra/no_such_metric"]) == []


def test_the_negative_control_is_never_named_as_an_effect(large: SimulatedStudy) -> None:
    effects = large.tables["effects"]
    row = (effects["outcome"] == "spectra/log_norm") & (effects["condition"] == "baseline_b")
    (point,) = strongest_changes(changed(effects, row, d_z=1e9), ["spectra/log_norm"])
    assert "baseline" not in point


def test_similarity_counts_determined_pairs_once(large: SimulatedStudy) -> None:
    similarity = large.tables["similarity"]
    scale = similarity_sentences(similarity)[2]
    pairs = similarity[(similarity["feature_family"] == "scale") & (similarity["series_a"] < similarity["series_b"])]
    pairs = pairs[(pairs[["series_a", "series_b"]] != "baseline_b").all(axis=1)]
    assert f"{pairs['determined'].sum()} of {len(pairs)} pairs" in scale
    nothing = similarity.assign(determined=False, cosine=float("nan"))
    assert similarity_sentences(nothing)[0] == (
        f"In the spectra of the weights' change, 0 of {len(pairs)} pairs of series can be compared."
    )
    assert similarity_sentences(similarity.head(0)) == ["The study has no pair of series to compare."]


def test_a_single_pair_is_named_once(large: SimulatedStudy) -> None:
    similarity = large.tables["similarity"]
    pair = {"dropout", "weight_decay"}
    only = (
        similarity["feature_family"].eq("scale") & similarity["series_a"].isin(pair) & similarity["series_b"].isin(pair)
    )
    one = similarity.assign(determined=only)
    sentence = similarity_sentences(changed(one, only, cosine=-0.01, low=-0.54, high=0.51))[2]
    assert sentence.count("dropout and weight decay") == 1
    assert "pairs of series can be compared: dropout and weight decay (cosine −0.01, 95" in sentence


def test_no_pair_is_both_most_alike_and_most_opposed(large: SimulatedStudy) -> None:
    similarity = large.tables["similarity"]
    alike = similarity_sentences(similarity.assign(determined=True, cosine=0.5))[0]
    assert "most alike" in alike
    assert "most opposed" not in alike
    opposed = similarity_sentences(similarity.assign(determined=True, cosine=-0.5))[0]
    assert "most opposed" in opposed
    assert "most alike" not in opposed


def test_accuracy_names_who_gains_and_who_loses(large: SimulatedStudy) -> None:
    summary, effects = evaluation_summary(large.tables["evaluation"]), large.tables["effects"]
    level, gain, loss = accuracy_sentences(summary, effects)
    assert "0.948 on the test set" in level
    assert "affine 1 gains" in gain
    assert "early stop 0.4 loses" in loss
    row = (effects["outcome"] == "evaluation/ood/accuracy") & (effects["condition"] == "dropout-0.05")
    _, gain, _ = accuracy_sentences(summary, changed(effects, row, mean=0.9, low=0.8, high=1.0))
    assert "dropout 0.05 gains most relative to the baseline: +0.90" in gain


def test_a_loss_is_not_called_a_gain(large: SimulatedStudy) -> None:
    effects = large.tables["effects"]
    effects = effects.assign(mean=-effects["mean"].abs() - 0.001)
    sentences = accuracy_sentences(evaluation_summary(large.tables["evaluation"]), effects)
    assert not any(" gains " in sentence for sentence in sentences)


def test_a_falling_vendi_score_is_not_said_to_rise(large: SimulatedStudy) -> None:
    effects = large.tables["effects"]
    assert "raises the Vendi score most" in diversity_sentences(effects)[0]
    sentences = diversity_sentences(effects.assign(mean=-effects["mean"].abs() - 0.001))
    assert not any("rises" in sentence for sentence in sentences)


def test_the_generator_is_described_by_its_table(large: SimulatedStudy) -> None:
    quality = large.tables["generator_quality"]
    assert "no run trains on" in generator_sentences(quality, {})[0]
    assert "0.970 (guidance 1.5)" in generator_sentences(quality, {})[1]
    quality = quality.assign(memorised_fraction=[0.01, 0.0, 0.25, 0.0])
    assert "At most 25 %" in generator_sentences(quality, {})[2].replace("\N{NO-BREAK SPACE}", " ")
    assert "guidance 1.5" in generator_sentences(quality, {})[2]
    assert generator_sentences(quality.assign(memorised_fraction=0.0), {})[2].startswith("No synthetic image is nearer")
    cost = {"jobs": 1, "wall_seconds": 500.0, "cpu_seconds": 240.0, "start_seconds": 20.0, "peak_memory_mib": 900.0}
    assert generator_sentences(quality, {"train_generator": cost})[-1].endswith("training the generator took 4 min.")


def test_the_negative_control_is_counted(large: SimulatedStudy) -> None:
    effects = large.tables["effects"]
    outcomes = ["spectra/alpha", "spectra/entropy"]
    row = effects["condition"] == "baseline_b"
    calm = changed(effects, row, low=-1.0, high=1.0)
    assert "in 0 of 2 outcomes." in control_sentences(calm, outcomes)[0]
    loud = changed(calm, row & (effects["outcome"] == "spectra/alpha"), low=0.5)
    assert "in 1 of 2 outcomes: power-law α." in control_sentences(loud, outcomes)[0]


def test_the_report_reads_the_outcomes_of_the_plan(large: SimulatedStudy, make_report) -> None:
    report = make_report(large)
    points = section(report, "fingerprints").points
    assert len(points) == sum(len(large.claims_config[family]) for family in ("change", "shape", "scale"))
    assert len(set(points)) == len(points)


def test_a_study_without_generator_has_no_section_on_it(large: SimulatedStudy, make_report) -> None:
    assert section(make_report(large), "generator")
    without = {name: table for name, table in large.tables.items() if name != "generator_quality"}
    anchors = [item.anchor for item in make_report(SimulatedStudy(**{**vars(large), "tables": without})).sections]
    assert "generator" not in anchors


def test_the_tiny_study_has_sentences_too(small: SimulatedStudy, make_report) -> None:
    report = make_report(small)
    text = " ".join([*report.summary, *(sentence for item in report.sections for sentence in item.sentences)])
    assert "3 conditions, each with 2 paired seeds" in text
    n = (~small.tables["claims"]["group"].str.startswith("exploratory")).sum()
    assert f"Of {n} registered claims: {n} undetermined." in text
    assert "nan" not in text


def test_evaluation_summary_averages_sets_within_a_seed(large: SimulatedStudy) -> None:
    evaluation = large.tables["evaluation"]
    summary = evaluation_summary(evaluation).set_index(["condition", "kind", "calibration"])
    rows = evaluation[(evaluation["condition"] == "baseline") & (evaluation["kind"] == "corruption")]
    per_seed = rows[rows["calibration"] == "raw"].groupby("seed")["accuracy"].mean()
    entry = summary.loc[("baseline", "corruption", "raw")]
    assert entry["accuracy_mean"] == pytest.approx(per_seed.mean())
    assert entry["accuracy_sd"] == pytest.approx(per_seed.std())
    assert entry["n_seeds"] == 8


def test_the_accuracy_table_marks_means_without_corruptions_that_were_trained_on(large: SimulatedStudy) -> None:
    evaluation = large.tables["evaluation"].copy()
    corrupted, affine = evaluation["kind"] == "corruption", evaluation["series"] == "affine"
    evaluation["seen"] = corrupted & affine & (evaluation["corruption"] == "rotation")
    summary = evaluation_summary(evaluation)
    rows = summary[(summary["kind"] == "corruption") & (summary["left_out"] != "")]
    assert set(rows["condition"]) == {"affine-0.5", "affine-1"}
    assert set(rows["left_out"]) == {"rotation"}
    table = accuracy_table(summary, large.conditions)
    marked = {row[0].text: [cell.text for cell in row if cell.text.endswith("†")] for row in table.rows}
    assert [name for name, cells in marked.items() if cells] == ["affine 0.5", "affine 1"]
    others = evaluation[corrupted & (evaluation["condition"] == "affine-1") & (evaluation["corruption"] != "rotation")]
    mean = others.loc[others["calibration"] == "raw", "accuracy"].mean()
    assert [text.split()[0] for text in marked["affine 1"]] == [f"{mean:.3f}"]
    assert "the baseline's mean leaves out the same ones" in table.caption
    assert "†" not in accuracy_table(evaluation_summary(large.tables["evaluation"]), large.conditions).caption


def test_main_outcomes_are_in_the_effects_table(large: SimulatedStudy) -> None:
    from types import SimpleNamespace

    plan = Plan.from_mapping(large.claims_config)
    known = set(large.tables["effects"]["outcome"])
    assert set(main_outcomes(SimpleNamespace(plan=plan))) <= known
