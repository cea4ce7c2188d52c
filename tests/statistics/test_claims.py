"""Similarities and verdicts on made-up studies whose truth is known, down to too few seeds and missing series."""

import functools
import operator
import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from weightscape.statistics.accuracies import count_logit
from weightscape.statistics.constants import MINIMUM_SEEDS
from weightscape.statistics.cross_validated import cross_validated_cosine, without_each_seed
from weightscape.statistics.features import fingerprints
from weightscape.statistics.multiplicity import holm
from weightscape.statistics.series import conditions_of_series
from weightscape.statistics.similarity import similarity_table
from weightscape.statistics.spectral_contrast import opposed_series
from weightscape.statistics.study import analyse_study
from weightscape.statistics.verdicts import COLUMNS, claims_table
from weightscape.streams import stream
from weightscape.words.reasons import reason

FAMILIES = ("change", "shape", "scale")


def judge(tables, plan):
    claims = claims_table(tables, plan).set_index("claim")
    return claims.assign(reason=claims["facts"].map(reason))


@pytest.fixture(scope="module")
def claims(simulate_study, plan):
    return judge(simulate_study(vendi={"synthetic": 0.5, "affine": 0.2}, ood={"synthetic": 0.5}), plan)


def test_every_claim_is_supported_where_it_is_true(claims):
    series = ["randaugment", "affine", "synthetic"]
    of_family = [[f"1-{family}-{name}" for name in series] + [f"1-{family}"] for family in FAMILIES]
    assert list(claims.index) == [*functools.reduce(operator.iadd, of_family, []), "2a", "2b", "2c", "2d"]
    assert set(claims.verdict[:14]) == {"supported"}
    known = claims[claims.statistic.notna()]
    assert ((known.low <= known.statistic) & (known.statistic <= known.high)).all()


def test_contradicted_where_the_opposite_is_true(simulate_study, plan):
    tables = simulate_study(vendi={"affine": 0.5}, ood={"synthetic": -0.5})
    swapped = replace(plan, dropout=plan.weight_decay, weight_decay=plan.dropout)
    claims = judge(tables, swapped)
    assert set(claims.verdict[:14]) == {"contradicted"}


def test_claims_are_adjusted_within_their_group(claims):
    """The series on the primary family; the means and claims 2; the series on each other family."""
    groups = {name: list(rows.index) for name, rows in claims.groupby("group", sort=False)}
    assert list(groups) == ["primary", "secondary", "exploratory shape", "exploratory scale"]
    assert groups["secondary"] == ["1-change", "1-shape", "1-scale", "2a", "2b", "2c", "2d"]
    for name, members in groups.items():
        rows = claims.loc[members]
        expected = holm(rows.pvalue.to_numpy(float))
        np.testing.assert_allclose(rows.pvalue_holm.to_numpy(float), expected)
        assert name == "secondary" or (rows.series != "").all()
    assert (claims.loc[groups["primary"]].feature_family == "change").all()


def test_a_series_that_does_nothing_leaves_claim_one_undetermined_and_is_named(simulate_study, plan):
    claims = judge(simulate_study(strength={"weight_decay": 0.0}), plan)
    for claim in ("1-change-affine", "1-shape", "1-scale"):
        assert claims.verdict[claim] == "undetermined"
        assert re.search("weight decay (is|are) not shown to act", claims.reason[claim])
        for column in ("statistic", "pvalue_holm", "pvalue_equivalence", "detectable"):
            assert np.isnan(claims.loc[claim, column])


def test_a_series_that_is_not_more_diverse_keeps_its_numbers_and_gets_no_verdict(simulate_study, plan):
    tables = simulate_study(vendi={"affine": -0.5, "synthetic": 0.0})
    claims = judge(tables, plan)
    both = judge(simulate_study(), plan)
    for name, outcome in (("affine", "are less diverse than"), ("synthetic", "are not shown to differ from")):
        found = claims.loc[f"1-change-{name}"]
        assert found.verdict == "undetermined"
        assert found.statistic == both.statistic[f"1-change-{name}"]
        assert found.reason.startswith(f"No verdict, since the training sets of {name} {outcome} the baseline's")
    assert (
        claims.statistic["1-change"]
        == claims.statistic["1-change-randaugment"]
        == both.statistic["1-change-randaugment"]
    )
    assert "Left out: affine and synthetic, not shown to be more diverse" in claims.reason["1-change"]
    none = judge(simulate_study(vendi=dict.fromkeys(plan.diversity, 0.0)), plan)
    assert none.verdict["1-change"] == "undetermined"
    assert none.reason["1-change"].startswith("The data of none of randaugment, affine and synthetic are shown")


def test_layers_that_training_does_not_reach_are_counted_in_the_reason(study_tables, plan):
    spectra = study_tables.spectra.assign(sv_max=1.0, sv_min=0.1)
    spectra.loc[spectra["layer"] == "b.1", "sv_min"] = 0.0
    reasons = judge(replace(study_tables, spectra=spectra), plan).reason
    said = "1 layer left out: the baseline's training does not reach all of its weights."
    assert said in reasons["1-change"]
    assert said not in reasons["1-scale"]


def test_a_difference_within_the_margin_is_told_from_one_that_is_too_imprecise(simulate_study, plan):
    """Diversity that does nothing: with a wide margin T is shown to be smaller, with a narrow one it is not."""
    tables = simulate_study(strength=dict.fromkeys(plan.diversity, 0.0))
    wide, narrow = (judge(tables, replace(plan, margin=margin)).loc["1-change-affine"] for margin in (20.0, 0.01))
    assert (wide.verdict, narrow.verdict) == ("undetermined", "undetermined")
    assert wide.statistic == narrow.statistic
    half = (wide.high - wide.low) / 2 / stats.t(7).ppf(0.975)
    assert wide.pvalue_equivalence == pytest.approx(stats.t(7).sf((20 - abs(wide.statistic)) / half))
    assert "The difference is shown to be smaller than the margin of 20" in wide.reason
    assert "is not shown to be smaller than the margin of 0.0100" in narrow.reason
    assert "the study is too imprecise to tell" in narrow.reason
    assert np.isnan(judge(tables, plan).pvalue_equivalence["2a"])


def test_the_smallest_detectable_contrast_is_found_with_its_power(claims):
    """By the noncentral t of SciPy at Holm's strictest level, three claims in the group."""
    claim = claims.loc["1-change-affine"]
    standard_error = (claim.high - claim.low) / 2 / stats.t(7).ppf(0.975)
    critical = stats.t(7).ppf(1 - 0.05 / 3 / 2)
    shift = claim.detectable / standard_error
    power = stats.nct(7, shift).sf(critical) + stats.nct(7, shift).cdf(-critical)
    assert power == pytest.approx(0.8, abs=1e-5)
    assert "With 80\N{NO-BREAK SPACE}% power this study finds a difference of " in claim.reason


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


def mirrored(tables, conditions, metrics):
    """The study with conditions of the opposite effect: mirrored at the baseline, in W and in its change."""
    spectra = tables.spectra.copy()
    baseline = spectra[spectra["condition"] == "baseline"][metrics].to_numpy(float)
    for condition in conditions:
        rows = (spectra["condition"] == condition).to_numpy()
        spectra.loc[rows, metrics] = 2 * baseline - spectra.loc[rows, metrics].to_numpy(float)
    return replace(tables, spectra=spectra)


def test_diversity_whose_series_are_opposed_is_mixed_and_says_who_goes_where(simulate_study, plan):
    tables = simulate_study()
    opposed = mirrored(tables, ("synthetic-0.5", "synthetic-1"), [*plan.shape, *plan.scale, "effective_rank"])
    claims = judge(opposed, plan)
    assert set(claims.verdict[["1-change", "1-shape", "1-scale"]]) == {"mixed"}
    assert claims.verdict["1-shape-affine"] == "supported"
    assert claims.verdict["1-shape-synthetic"] == "contradicted"
    reason = claims.reason["1-shape"]
    assert re.search(r"(randaugment|affine) and synthetic \(cosine −\d", reason)
    assert re.search(r"synthetic −[\d.]+ \[.*?\] along dropout and .* along weight decay", reason)
    assert set(judge(tables, plan).verdict[["1-change", "1-shape", "1-scale"]]) == {"supported"}
    alone = judge(opposed, replace(plan, diversity=("randaugment", "affine")))
    assert alone.verdict["1-shape"] == "supported"


def test_opposed_series_are_those_whose_adjusted_interval_of_the_cosine_lies_below_0():
    """a and b are opposed and c is across; d is opposed to a too, but so noisily that its interval holds 0."""
    rng = stream("opposed")
    axis, across = np.eye(6)[0], np.eye(6)[1]
    effects = {
        "a": 8 * axis + rng.normal(size=(8, 6)),
        "b": -8 * axis + rng.normal(size=(8, 6)),
        "c": 8 * across + rng.normal(size=(8, 6)),
        "d": 4 * across + axis * (rng.normal(size=(8, 1)) * 3 - 1) + 0.1 * rng.normal(size=(8, 6)),
        "e": 9 * across + rng.normal(size=(8, 6)),
    }
    deleted = {name: without_each_seed(effect) for name, effect in effects.items()}
    prints = SimpleNamespace(effects=effects, effects_deleted=deleted, seeds=range(8), features=range(6))
    series = {name: [name] for name in effects}
    (found,) = opposed_series(prints, series, ["a", "b", "c"], removed=())
    assert found.series == ("a", "b")
    expected = cross_validated_cosine(effects["a"], effects["b"])
    assert (found.cosine.value, found.cosine.high) == pytest.approx((expected.value, expected.high))
    uncertain = cross_validated_cosine(effects["a"], effects["d"])
    assert uncertain.value < 0 < uncertain.high
    assert opposed_series(prints, series, ["a", "c", "d"], removed=()) == []
    assert opposed_series(prints, series, ["a"], removed=()) == []


def test_series_that_are_opposed_only_in_how_far_training_went_are_not_opposed():
    rng = stream("opposed by learning")
    axes = np.eye(6)
    truth = {"a": 5 * axes[0] + 9 * axes[1], "b": 5 * axes[0] - 9 * axes[1], "early": 8 * axes[1]}
    effects = {name: effect + 0.5 * rng.normal(size=(8, 6)) for name, effect in truth.items()}
    deleted = {name: without_each_seed(effect) for name, effect in effects.items()}
    prints = SimpleNamespace(effects=effects, effects_deleted=deleted, seeds=range(8), features=range(6))
    series = {name: [name] for name in effects}
    assert len(opposed_series(prints, series, ["a", "b"], removed=())) == 1
    assert opposed_series(prints, series, ["a", "b"], removed=["early"]) == []


def test_no_difference_is_undetermined(simulate_study, plan):
    claims = judge(simulate_study(name="null-2"), plan)
    assert claims.verdict["2a"] == "undetermined"
    assert claims.verdict["2b"] == "undetermined"
    assert "no difference is shown" in claims.reason["2b"]


def test_claim_2a_is_the_paired_log_difference_to_the_most_diverse_augmentation(simulate_study, plan):
    tables = simulate_study(vendi={"synthetic": 0.5, "affine": 0.2, "randaugment": 0.0})
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
    secondary = claims[claims.group == "secondary"]
    tested = secondary.pvalue.dropna()
    assert 0 < len(tested) < len(secondary) == 7
    assert claims.pvalue_holm[tested.idxmin()] == pytest.approx(7 * tested.min())


def test_a_verdict_that_does_not_survive_holm_is_taken_back(simulate_study, plan):
    """p between .05/4 and .05 decides a claim alone, but not among the secondary ones."""
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
    whole, without = judge(tables, narrow), judge(replace(tables, spectra=broken), narrow)
    assert whole.reason["1-shape"] == without.reason["1-shape"]
    assert whole.reason["1-shape-synthetic"] == without.reason["1-shape-synthetic"]


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
    assert results.claims.facts[:-1].map(reason).str.contains("(?i)too few seeds").all()
    assert not results.similarity.determined.any()
    assert results.similarity.facts.map(reason).str.len().min() > 0
    assert np.isfinite(results.effects["mean"]).all()


def test_three_seeds_give_numbers(simulate_study, plan):
    claims = judge(simulate_study(seeds=3, ood={"synthetic": 2.0}, vendi=dict.fromkeys(plan.diversity, 3.0)), plan)
    assert np.isfinite(claims.statistic[["2a", "2b"]]).all()
    assert (claims.n_seeds[["1-change", "1-shape", "1-scale", "2a"]] == 3).all()


def test_missing_series_are_named(simulate_study, change_each, plan):
    tables = simulate_study()
    without = change_each(tables, lambda table: table[table["series"] != "synthetic"])
    claims = judge(without, plan)
    lacking = ["1-change-synthetic", "2a", "2b", "2c"]
    assert set(claims.verdict[[*lacking, "2d"]]) == {"undetermined"}
    assert claims.reason[lacking].str.contains("no complete runs of synthetic").all()
    assert claims.verdict["1-change"] == "supported"
    assert "Left out: synthetic" in claims.reason["1-change"]
    claims = judge(tables, replace(plan, synthetic=(), weight_decay=()))
    assert claims.reason[:-1].str.contains("names no series for this claim").all()


def test_a_study_without_natural_ood_set_says_so(simulate_study, plan):
    tables = simulate_study()
    evaluation = tables.evaluation[tables.evaluation["kind"] != "ood"]
    results = analyse_study(replace(tables, evaluation=evaluation), plan)
    facts = results.claims.set_index("claim").facts
    assert reason(facts["2b"]) == "The study has no natural out-of-distribution set."


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
