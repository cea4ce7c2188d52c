"""The effects table, row by row, against SciPy and against sums by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from weightscape.statistics import paired_effect
from weightscape.statistics.effects import COLUMNS, effects_table
from weightscape.statistics.outcomes import diversity_outcomes, evaluation_outcomes, spectra_outcomes
from weightscape.streams import stream


@pytest.fixture(scope="module")
def outcomes(study_tables, plan):
    return pd.concat(
        [
            spectra_outcomes(study_tables.spectra, plan),
            evaluation_outcomes(study_tables.evaluation),
            diversity_outcomes(study_tables.diversity),
        ]
    )


@pytest.fixture(scope="module")
def effects(study_tables, outcomes):
    return effects_table(study_tables.runs, outcomes)


def row(effects, outcome, condition, level="condition"):
    found = effects[(effects.outcome == outcome) & (effects.condition == condition) & (effects.level == level)]
    assert len(found) == 1
    return found.iloc[0]


def test_paired_effect_against_scipy():
    differences = stream("paired").normal(1, 2, size=8)
    effect, theirs = paired_effect(differences), stats.ttest_1samp(differences, 0)
    interval = theirs.confidence_interval(0.95)
    assert (effect.low, effect.high) == pytest.approx((interval.low, interval.high))
    assert effect.d_z == pytest.approx(theirs.statistic / np.sqrt(8))
    assert effect.pvalue == pytest.approx(
        stats.permutation_test((differences,), np.mean, permutation_type="samples", n_resamples=np.inf).pvalue
    )


def test_paired_effect_without_spread_is_infinitely_larger_than_it():
    effect = paired_effect(np.full(5, 0.1))
    assert effect.d_z == np.inf
    assert effect.mean == pytest.approx(0.1)
    assert paired_effect(np.full(5, -0.1)).d_z == -np.inf
    nothing = paired_effect(np.zeros(5))
    assert nothing.pvalue == 1
    assert np.isnan(nothing.d_z)


def test_paired_effect_of_one_seed_is_a_mean_only():
    effect = paired_effect(np.array([2.0, np.nan]))
    assert (effect.n_seeds, effect.mean) == (1, 2.0)
    assert np.isnan([effect.low, effect.d_z, effect.pvalue]).all()


def test_a_row_is_the_paired_difference_of_layer_means(effects, study_tables):
    spectra = study_tables.spectra
    rows = spectra[(spectra["of"] == "after") & (spectra["group"] != "head")]
    means = rows.groupby(["condition", "seed"])["stable_rank"].mean().unstack("condition")
    expected = paired_effect((means["dropout-0.2"] - means["baseline"]).to_numpy(float))
    found = row(effects, "spectra/stable_rank", "dropout-0.2")
    assert (found["mean"], found.low, found.pvalue) == pytest.approx((expected.mean, expected.low, expected.pvalue))
    assert (found.series, found.family, found.dose, found.n_seeds) == ("dropout", "dropout", 0.2, 8)


def test_series_level_averages_doses_within_each_seed(effects, study_tables):
    evaluation = study_tables.evaluation
    raw = evaluation[(evaluation["set"] == "digits") & (evaluation["calibration"] == "raw")]
    wide = raw.pivot(index="seed", columns="condition", values="accuracy")
    differences = (wide["synthetic-0.5"] + wide["synthetic-1"]) / 2 - wide["baseline"]
    found = row(effects, "evaluation/ood/accuracy", "synthetic", level="series")
    assert found["mean"] == pytest.approx(differences.mean())
    assert found.high == pytest.approx(paired_effect(differences.to_numpy()).high)
    assert np.isnan(found.dose)


def test_slope_level_is_the_slope_on_the_dose_within_each_seed(effects, study_tables):
    evaluation = study_tables.evaluation
    raw = evaluation[(evaluation["set"] == "test") & (evaluation["calibration"] == "raw")]
    wide = raw.pivot(index="seed", columns="condition", values="accuracy")
    slopes = [np.polyfit([5, 9], pair, 1)[0] for pair in wide[["randaugment-5", "randaugment-9"]].to_numpy()]
    found = row(effects, "evaluation/test/accuracy", "randaugment", level="slope")
    expected = paired_effect(np.array(slopes))
    assert (found["mean"], found.low, found.pvalue) == pytest.approx((expected.mean, expected.low, expected.pvalue))
    assert set(effects[effects.level == "slope"].series) == {"dropout", "randaugment", "synthetic"}


def test_bca_interval_stands_beside_the_t_interval(effects):
    assert ((effects.low_bca <= effects["mean"]) & (effects["mean"] <= effects.high_bca)).all()
    width = (effects.high_bca - effects.low_bca) / (effects.high - effects.low)
    assert 0.5 < width.median() < 1


def test_westfall_young_is_over_all_outcomes_of_a_family(effects):
    rows = effects[(effects.outcome_family == "scale") & (effects.level == "condition")]
    assert rows.pvalue_westfall_young.min() == 2 / 2**8
    assert (rows.pvalue_westfall_young >= rows.pvalue - 1e-12).all()
    assert rows[rows.condition == "baseline_b"].pvalue_westfall_young.min() > 0.1


def test_a_missing_seed_is_left_out_of_its_rows_only(study_tables, outcomes):
    some = outcomes[~((outcomes["condition"] == "affine-0.5") & (outcomes["seed"] == 0))]
    table = effects_table(study_tables.runs, some)
    counts = table[table.level == "condition"].groupby("condition").n_seeds.unique()
    assert counts["affine-0.5"].tolist() == [7]
    assert counts["dropout-0.1"].tolist() == [8]
    assert table[table.condition == "affine-0.5"].pvalue_westfall_young.isna().all()


def test_known_effects_are_found_and_the_control_is_nothing(effects):
    assert row(effects, "spectra/entropy", "dropout-0.1").low > 0
    assert row(effects, "spectra/late/entropy", "weight_decay-0.3").high < 0
    control = effects[(effects.condition == "baseline_b") & (effects.level == "condition")]
    assert len(control) == effects.outcome.nunique()
    assert (control.pvalue < 0.05).mean() < 0.15


def test_outcomes_and_families(effects):
    outcomes = effects.drop_duplicates("outcome").set_index("outcome")["outcome_family"]
    assert outcomes["spectra/early/alpha"] == "shape"
    assert outcomes["spectra/log_norm"] == "scale"
    assert outcomes["spectra/effective_rank"] == "other"
    assert outcomes["delta/stable_rank"] == "change"
    assert outcomes["evaluation/corruption/ece"] == "evaluation"
    assert outcomes["evaluation/test/nll_temperature"] == "evaluation"
    assert outcomes["diversity/embedding/vendi_1"] == "diversity"
    assert "evaluation/test/accuracy_temperature" not in outcomes
    assert not any("head" in outcome for outcome in outcomes.index)


def test_diversity_has_rows_only_where_it_was_measured(effects):
    rows = effects[effects.outcome == "diversity/pixel/vendi_2"]
    assert set(rows.series) == {"baseline_b", "randaugment", "affine", "synthetic"}


def test_holm_is_over_the_conditions_of_one_outcome(effects):
    rows = effects[(effects.outcome == "spectra/alpha") & (effects.level == "condition")]
    assert len(rows) == 9
    smallest = rows.loc[rows.pvalue.idxmin()]
    assert smallest.pvalue_holm == pytest.approx(min(1, len(rows) * smallest.pvalue))


def test_columns_and_order_do_not_depend_on_the_order_of_rows(effects, study_tables, outcomes):
    assert list(effects.columns) == COLUMNS
    assert "baseline" not in set(effects.condition)
    shuffled = effects_table(study_tables.runs.sample(frac=1, random_state=1), outcomes.sample(frac=1, random_state=2))
    pd.testing.assert_frame_equal(effects, shuffled, check_exact=True)


def test_sets_of_a_kind_are_averaged(study_tables):
    evaluation = study_tables.evaluation
    other = evaluation[evaluation["kind"] == "ood"].assign(set="more", accuracy=0.0)
    both = evaluation_outcomes(pd.concat([evaluation, other])).set_index(["outcome", "condition", "seed"])["value"]
    one = evaluation_outcomes(evaluation).set_index(["outcome", "condition", "seed"])["value"]
    key = ("evaluation/ood/accuracy", "baseline", 0)
    assert both[key] == pytest.approx(one[key] / 2)


def test_a_missing_baseline_is_refused(study_tables, outcomes):
    with pytest.raises(ValueError, match="'baseline'"):
        effects_table(study_tables.runs, outcomes[outcomes["condition"] != "baseline"])
