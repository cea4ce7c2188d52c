"""Similarities and verdicts on made-up studies whose truth is known, down to too few seeds and missing series."""

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from weightscape.statistics.accuracies import count_logit
from weightscape.statistics.constants import MINIMUM_SEEDS
from weightscape.statistics.cross_validated import cross_validated_cosine
from weightscape.statistics.features import fingerprints
from weightscape.statistics.series import conditions_of_series
from weightscape.statistics.similarity import similarity_table
from weightscape.statistics.spectral_contrast import most_opposed
from weightscape.statistics.study import analyse_study
from weightscape.statistics.verdicts import COLUMNS, claims_table
from weightscape.streams import stream
from weightscape.words.reasons import reason


def judge(tables, plan):
    claims = claims_table(tables, plan).set_index("claim")
    return claims.assign(reason=claims["facts"].map(reason))


@pytest.fixture(scope="module")
def claims(simulate_study, plan):
    return judge(simulate_study(vendi={"synthetic": 0.5, "affine": 0.2}, ood={"synthetic": 0.5}), plan)


def test_every_claim_is_supported_where_it_is_true(claims):
    assert list(claims.index) == ["1-shape", "1-scale", "2a", "2b", "2c", "2d"]
    assert set(claims.verdict[:4]) == {"supported"}
    known = claims[claims.statistic.notna()]
    assert ((known.low <= known.statistic) & (known.statistic <= known.high)).all()


def test_contradicted_where_the_opposite_is_true(simulate_study, plan):
    tables = simulate_study(vendi={"affine": 0.5}, ood={"synthetic": -0.5})
    swapped = replace(plan, dropout=plan.weight_decay, weight_decay=plan.dropout)
    claims = judge(tables, swapped)
    assert set(claims.verdict[:4]) == {"contradicted"}


def test_a_series_that_does_nothing_leaves_claim_one_undetermined_and_is_named(simulate_study, plan):
    claims = judge(simulate_study(strength={"weight_decay": 0.0}), plan)
    for claim in ("1-shape", "1-scale"):
        assert claims.verdict[claim] == "undetermined"
        assert re.search("weight decay (is|are) not shown to act", claims.reason[claim])
        assert np.isnan(claims.statistic[claim])
        assert np.isnan(claims.pvalue_holm[claim])


def test_opposite_regularisers_are_called_one_axis(simulate_study, plan):
    """Weight decay of negative strength along dropout's axis: both are the two ends of it."""
    tables = simulate_study()
    spectra = tables.spectra.copy()
    rows = (spectra["condition"] == "weight_decay-0.3").to_numpy()
    metrics = [*plan.shape, *plan.scale]
    baseline, dropout = (
        spectra[spectra["condition"] == name][metrics].to_numpy(float) for name in ("baseline", "dropout-0.1")
    )
    spectra.loc[rows, metrics] = 2 * baseline - dropout
    claims = judge(replace(tables, spectra=spectra), plan)
    assert "Dropout and weight decay are nearly opposite (cosine −" in claims.reason["1-shape"]
    assert "one axis only" not in judge(tables, plan).reason["1-shape"]


def test_diversity_whose_series_are_opposed_is_told(simulate_study, plan):
    """Synthetic data of negative strength: mirrored at the baseline."""
    tables = simulate_study()
    spectra = tables.spectra.copy()
    metrics = [*plan.shape, *plan.scale]
    baseline = spectra[spectra["condition"] == "baseline"][metrics].to_numpy(float)
    for condition in ("synthetic-0.5", "synthetic-1"):
        rows = (spectra["condition"] == condition).to_numpy()
        spectra.loc[rows, metrics] = 2 * baseline - spectra.loc[rows, metrics].to_numpy(float)
    reason = judge(replace(tables, spectra=spectra), plan).reason["1-shape"]
    assert re.search(r"hides that (randaugment|affine) and synthetic are opposed \(cosine −\d", reason)
    assert "opposed" not in judge(tables, plan).reason["1-shape"]


def test_the_most_opposed_series_are_those_of_the_lowest_cosine_that_is_below_0_for_certain():
    """a and b are opposed and c is across; d is opposed to a too, but so noisily that its interval holds 0."""
    rng = stream("opposed")
    axis, across = np.eye(6)[0], np.eye(6)[1]
    effects = {
        "a": 8 * axis + rng.normal(size=(8, 6)),
        "b": -8 * axis + rng.normal(size=(8, 6)),
        "c": 8 * across + rng.normal(size=(8, 6)),
        "d": 4 * across + axis * (rng.normal(size=(8, 1)) * 3 - 1) + 0.1 * rng.normal(size=(8, 6)),
    }
    prints = SimpleNamespace(series_effect=lambda names: effects[names[0]])
    series = {name: [name] for name in effects}
    pair, cosine = most_opposed(prints, series, ["a", "b", "c"])
    assert pair == ("a", "b")
    means = [np.mean([x @ y for i, x in enumerate(effects[p]) for j, y in enumerate(effects[q]) if i != j])
             for p, q in (("a", "b"), ("a", "a"), ("b", "b"))]  # fmt: skip
    assert cosine.value == pytest.approx(means[0] / np.sqrt(means[1] * means[2]))
    uncertain = cross_validated_cosine(effects["a"], effects["d"])
    assert uncertain.value < 0 < uncertain.high
    assert most_opposed(prints, series, ["a", "c", "d"]) is None


def test_no_difference_is_undetermined(simulate_study, plan):
    claims = judge(simulate_study(name="null-2"), plan)
    assert claims.verdict["2a"] == "undetermined"
    assert claims.verdict["2b"] == "undetermined"
    assert "no difference is shown" in claims.reason["2b"]


def test_claim_2a_is_the_paired_log_difference_to_the_most_diverse_augmentation(simulate_study, plan):
    tables = simulate_study(vendi={"synthetic": 0.5, "affine": 0.2})
    claim = judge(tables, plan).loc["2a"]
    table = tables.diversity
    table = table[(table["space"] == "embedding") & (table["class_name"] == "all")]
    log = np.log(table.pivot(index="seed", columns="condition", values="vendi_1"))
    difference = (log["synthetic-0.5"] + log["synthetic-1"]) / 2 - log["affine-0.5"]
    theirs = stats.ttest_1samp(difference, 0)
    assert claim.statistic == pytest.approx(difference.mean())
    assert claim.pvalue == pytest.approx(theirs.pvalue)
    assert claim.low == pytest.approx(theirs.confidence_interval(0.95).low)
    assert "affine, the most diverse augmentation" in claim.reason


def test_claim_2b_chooses_the_augmentation_on_validation_and_not_on_test_or_ood(simulate_study, plan):
    """randaugment validates best; affine is better on test and out of distribution and must not be chosen."""
    tables = simulate_study(ood={"affine": 1.0})
    evaluation = tables.evaluation
    for kind, series in (("validation", "randaugment"), ("test", "affine")):
        evaluation.loc[(evaluation["kind"] == kind) & (evaluation["series"] == series), "accuracy"] = 0.999
    claim = judge(tables, plan).loc["2b"]
    ood = evaluation[(evaluation["kind"] == "ood") & (evaluation["calibration"] == "raw")]
    right = 1000 * ood.pivot(index="seed", columns="condition", values="accuracy")
    logit = np.log((right + 0.5) / (1000 - right + 0.5))
    synthetic = (logit["synthetic-0.5"] + logit["synthetic-1"]) / 2
    difference = synthetic - (logit["randaugment-5"] + logit["randaugment-9"]) / 2
    assert "randaugment, the augmentation that validates best" in claim.reason
    assert claim.statistic == pytest.approx(difference.mean())
    assert claim.pvalue == pytest.approx(stats.ttest_1samp(difference, 0).pvalue)


def test_logit_of_counts_is_finite_and_antisymmetric():
    logits = count_logit(np.array([0.0, 0.25, 0.75, 1.0]), np.array([100, 100, 100, 100]))
    np.testing.assert_allclose(logits, -logits[::-1])
    assert logits[2] == pytest.approx(np.log(75.5 / 25.5))


def test_holm_counts_claims_that_could_not_be_tested(simulate_study, plan):
    claims = judge(simulate_study(strength={"weight_decay": 0.0}, ood={"synthetic": 0.5}), plan)
    tested = claims.pvalue.dropna()
    assert 0 < len(tested) < len(claims)
    assert claims.pvalue_holm[tested.idxmin()] == pytest.approx(min(1, len(claims) * tested.min()))


def test_a_verdict_that_does_not_survive_holm_is_taken_back(simulate_study, plan):
    """p between .05/6 and .05 decides a claim alone, but not among six."""
    tables = simulate_study(strength={"weight_decay": 0.0})
    diversity = tables.diversity
    offset = diversity["seed"].map(dict(enumerate([0.3, -0.1, 0.25, 0.2, -0.05, 0.3, 0.1, 0.05])))
    level = np.where(diversity["series"] == "synthetic", offset, np.where(diversity["series"] == "affine", -1.0, 0.0))
    claim = judge(replace(tables, diversity=diversity.assign(vendi_1=np.exp(2 + level))), plan).loc["2a"]
    assert 0.0125 < claim.pvalue < 0.05
    assert claim.verdict == "undetermined"
    assert claim.reason.startswith("Not decided after adjusting")


def test_conditions_outside_the_claim_cannot_change_it(simulate_study, plan):
    tables = simulate_study()
    narrow = replace(plan, diversity=("synthetic",))
    broken = tables.spectra.copy()
    broken.loc[broken["condition"] == "affine-0.5", "alpha"] = np.nan
    assert judge(tables, narrow).reason["1-shape"] == judge(replace(tables, spectra=broken), narrow).reason["1-shape"]


def test_reason_says_which_features_were_left_out(simulate_study, plan):
    tables = simulate_study()
    spectra = tables.spectra.copy()
    spectra.loc[spectra["group"] == "stem", "num_spikes"] = 1.0
    reason = judge(replace(tables, spectra=spectra), plan).reason["1-shape"]
    assert "15 features (1 left out: stem/spikes: the seeds of a condition do not differ in it)" in reason


@pytest.mark.parametrize("seeds", [1, 2])
def test_too_few_seeds_are_undetermined_with_a_reason_and_never_an_error(simulate_study, plan, seeds):
    results = analyse_study(simulate_study(seeds=seeds), plan)
    assert seeds < MINIMUM_SEEDS
    assert set(results.claims.verdict) == {"undetermined"}
    assert results.claims.facts[:5].map(reason).str.contains("(?i)too few seeds").all()
    assert not results.similarity.determined.any()
    assert results.similarity.facts.map(reason).str.len().min() > 0
    assert np.isfinite(results.effects["mean"]).all()


def test_three_seeds_give_numbers(simulate_study, plan):
    claims = judge(simulate_study(seeds=3, ood={"synthetic": 2.0}), plan)
    assert np.isfinite(claims.statistic[["2a", "2b"]]).all()
    assert (claims.n_seeds[:4] == 3).all()


def test_missing_series_are_named(simulate_study, change_each, plan):
    tables = simulate_study()
    without = change_each(tables, lambda table: table[table["series"] != "synthetic"])
    claims = judge(without, plan)
    assert set(claims.verdict) == {"undetermined"}
    assert claims.reason[:5].str.contains("no complete runs of synthetic").all()
    claims = judge(tables, replace(plan, synthetic=(), weight_decay=()))
    assert claims.reason[:5].str.contains("names no series for this claim").all()


def test_a_study_without_natural_ood_set_says_so(simulate_study, plan):
    tables = simulate_study()
    evaluation = tables.evaluation[tables.evaluation["kind"] != "ood"]
    results = analyse_study(replace(tables, evaluation=evaluation), plan)
    assert reason(results.claims.facts[3]) == "The study has no natural out-of-distribution set."


def test_similarity_is_the_cosine_of_dose_averaged_fingerprints(study_tables, plan):
    series = conditions_of_series(study_tables.runs)
    prints = fingerprints(study_tables.spectra, plan.shape)
    table = similarity_table({"shape": prints}, series).set_index(["series_a", "series_b"])
    expected = cross_validated_cosine(
        prints.series_effect(["dropout-0.1", "dropout-0.2"]), prints.series_effect(["weight_decay-0.3"])
    )
    found = table.loc[("dropout", "weight_decay")]
    assert (found.cosine, found.low, found.high) == pytest.approx((expected.value, expected.low, expected.high))
    assert found.cosine == pytest.approx(found.inner / (found.norm_a * found.norm_b))
    assert table.loc[("weight_decay", "dropout")].cosine == pytest.approx(found.cosine)
    assert len(table) == 6**2
    assert table.loc[("dropout", "randaugment")].cosine > 0.8


def test_similarity_of_the_control_is_undetermined(study_tables, plan):
    series = conditions_of_series(study_tables.runs)
    table = similarity_table({"shape": fingerprints(study_tables.spectra, plan.shape)}, series)
    control = table[(table.series_a == "baseline_b") | (table.series_b == "baseline_b")]
    assert not control.determined.any()
    assert control.cosine.isna().all()
    assert set(control.facts.map(reason)) == {"Baseline b is not shown to act."}
    assert table[table.determined].facts.eq("").all()


def test_the_same_tables_give_the_same_results_in_any_row_order(simulate_study, change_each, plan):
    tables = simulate_study()
    shuffled = change_each(tables, lambda table: table.sample(frac=1, random_state=3))
    one, two = analyse_study(tables, plan), analyse_study(shuffled, plan)
    for name in ("effects", "similarity", "claims"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name), check_exact=True)


def test_claims_have_the_columns_that_the_report_reads(claims):
    assert list(claims.reset_index().columns) == [*COLUMNS, "reason"]
    assert claims.reason.str.endswith(".").all()
    assert claims.question.str.endswith("?").all()
