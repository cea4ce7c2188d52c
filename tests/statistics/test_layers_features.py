"""Means over layers and fingerprints: the same layers in every run, units of seed noise, nothing silent."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from weightscape.statistics.features import Dropped, fingerprints, within_condition_sd
from weightscape.statistics.layers import frozen_conditions, layer_means, layer_metrics
from weightscape.statistics.study import analyse_study
from weightscape.words.reasons import reason


def change(spectra, value, **where):
    """Return a copy in which the rows that match have `value` in the columns of `value`."""
    spectra = spectra.copy()
    rows = np.logical_and.reduce([spectra[column] == wanted for column, wanted in where.items()])
    for column, number in value.items():
        spectra.loc[rows, column] = number
    return spectra


def test_mean_over_layers_leaves_out_the_head(study_tables):
    spectra = study_tables.spectra
    means = layer_means(spectra, ["entropy"])
    rows = spectra[(spectra["condition"] == "baseline") & (spectra["seed"] == 2) & (spectra["of"] == "after")]
    value = rows[rows["group"] != "head"]["entropy"].mean()
    assert means.values.loc[("baseline", 2), "entropy"] == pytest.approx(value)
    early = rows[rows["group"] == "early"]["entropy"].mean()
    assert means.values.loc[("baseline", 2), "early/entropy"] == pytest.approx(early)
    assert means.total == {"stem/entropy": 1, "early/entropy": 2, "middle/entropy": 1, "late/entropy": 1, "entropy": 5}


def test_a_layer_that_lacks_a_value_in_one_run_is_left_out_of_all(study_tables):
    spectra = change(study_tables.spectra, {"alpha": np.nan}, condition="dropout-0.1", seed=3, layer="b.0")
    means = layer_means(spectra, ["alpha", "entropy"])
    assert (means.used["early/alpha"], means.total["early/alpha"]) == (1, 2)
    assert means.used["early/entropy"] == 2
    only = spectra[(spectra["layer"] == "b.1") & (spectra["condition"] == "baseline") & (spectra["of"] == "after")]
    np.testing.assert_allclose(means.values.loc["baseline", "early/alpha"], only["alpha"].astype(float))


def test_counts_with_missing_values_are_read(study_tables):
    spectra = study_tables.spectra.assign(num_spikes=study_tables.spectra["num_spikes"].round().astype("Int64"))
    spectra.loc[spectra["layer"] == "b.3", "num_spikes"] = pd.NA
    means = layer_means(spectra, ["num_spikes"])
    assert means.used["late/num_spikes"] == 0
    assert means.values["late/num_spikes"].isna().all()
    assert np.isfinite(means.values["num_spikes"]).all()


def test_two_rows_for_a_layer_or_an_unknown_metric_are_refused(study_tables):
    spectra = study_tables.spectra
    with pytest.raises(ValueError, match="two rows for one layer"):
        layer_means(pd.concat([spectra, spectra.head(1)]), ["alpha"])
    with pytest.raises(ValueError, match="no column gamma"):
        layer_means(spectra, ["gamma"])


def layer_table(spectra, metric, layers):
    """A metric of some layers, runs × layers, by plain pandas."""
    rows = spectra[spectra["layer"].isin(layers) & (spectra["of"] == "after")]
    return rows.pivot(index=["condition", "seed"], columns="layer", values=metric).astype(float)


def pooled_sd(table):
    """The SD between the seeds of a condition, pooled over conditions."""
    return np.sqrt(table.groupby("condition").var(ddof=1).mean())


def test_a_feature_is_the_mean_of_layers_in_their_own_units_then_in_its_own(study_tables):
    """One layer has 100 times the values of the other: in a raw mean it would stand for both."""
    spectra = study_tables.spectra.copy()
    rows = spectra["layer"] == "b.1"
    spectra.loc[rows, "entropy"] = 100 * spectra.loc[rows, "entropy"].astype(float)
    prints = fingerprints(spectra, ["entropy"])
    layers = layer_table(spectra, "entropy", ["b.0", "b.1"])
    feature = (layers / pooled_sd(layers)).mean(axis=1)
    column = prints.features.index("early/entropy")
    assert prints.scales[column] == pytest.approx(pooled_sd(feature))
    for condition in ("dropout-0.2", "baseline_b"):
        difference = feature[condition].to_numpy() - feature["baseline"].to_numpy()
        np.testing.assert_allclose(prints.effects[condition][:, column], difference / pooled_sd(feature), rtol=1e-9)
    assert "baseline" not in prints.effects
    assert prints.layers["early/entropy"] == (2, 2)


@pytest.mark.parametrize(("pooling", "pool"), [("raw mean", "mean"), ("standardised median", "median")])
def test_other_ways_to_make_a_feature_of_layers(study_tables, pooling, pool):
    spectra = study_tables.spectra
    prints = replace(fingerprints(spectra, ["entropy"]), pooling=pooling)
    layers = layer_table(spectra, "entropy", ["b.0", "b.1"])
    if pool == "median":
        layers = (layers - layers.loc["baseline"].mean()) / pooled_sd(layers)
    feature = getattr(layers, pool)(axis=1)
    difference = feature["affine-0.5"].to_numpy() - feature["baseline"].to_numpy()
    found = prints.effects["affine-0.5"][:, prints.features.index("early/entropy")]
    np.testing.assert_allclose(found, difference / pooled_sd(feature), rtol=1e-9)


def test_constant_layers_are_left_out_and_counted(study_tables):
    spectra = change(study_tables.spectra, {"num_spikes": 4.0}, layer="b.0")
    prints = fingerprints(spectra, ["num_spikes"])
    assert prints.layers["early/num_spikes"] == (1, 2)
    alone = fingerprints(spectra[spectra["layer"] != "b.0"], ["num_spikes"])
    np.testing.assert_allclose(prints.effects["affine-0.5"], alone.effects["affine-0.5"])


def test_conditions_beside_the_others_change_nothing_for_them(study_tables):
    spectra = change(study_tables.spectra, {"entropy": np.nan}, condition="affine-0.5", layer="b.0")
    spectra = spectra[~((spectra["condition"] == "affine-0.5") & (spectra["seed"] == 1) & (spectra["of"] == "before"))]
    alone = fingerprints(spectra[spectra["condition"] != "affine-0.5"], ["entropy"])
    beside = fingerprints(spectra, ["entropy"], beside=["affine-0.5"])
    for condition, effect in alone.effects.items():
        np.testing.assert_array_equal(beside.effects[condition], effect)
    missing = np.isnan(beside.effects["affine-0.5"]).all(axis=0)
    assert [name for name, nothing in zip(beside.features, missing, strict=True) if nothing] == ["early/entropy"]
    fewer = spectra[~((spectra["condition"] == "affine-0.5") & (spectra["seed"] == 2))]
    assert "affine-0.5" not in fingerprints(fewer, ["entropy"], beside=["affine-0.5"]).effects


def test_units_are_estimated_anew_without_a_seed(study_tables):
    spectra = study_tables.spectra
    without = fingerprints(spectra, ["entropy", "alpha"]).without_seed(2)
    fewer = fingerprints(spectra[spectra["seed"] != 2], ["entropy", "alpha"])
    assert without.seeds == fewer.seeds == (0, 1, 3, 4, 5, 6, 7)
    np.testing.assert_allclose(without.scales, fewer.scales)
    np.testing.assert_allclose(without.effects["affine-0.5"], fewer.effects["affine-0.5"])
    np.testing.assert_allclose(
        fingerprints(spectra, ["entropy", "alpha"]).effects_deleted["affine-0.5"][2], fewer.effects["affine-0.5"]
    )


def test_fingerprint_does_not_depend_on_units_or_on_the_weights_before(study_tables):
    spectra = study_tables.spectra
    other = spectra.assign(entropy=spectra["entropy"] * 1000 + 7)
    one, two = fingerprints(spectra, ["entropy"]), fingerprints(other, ["entropy"])
    np.testing.assert_allclose(one.effects["affine-0.5"], two.effects["affine-0.5"], rtol=1e-8)


def test_features_without_spread_or_value_are_dropped_with_the_reason(study_tables):
    spectra = change(study_tables.spectra, {"num_spikes": 4.0}, group="stem")
    spectra = change(spectra, {"alpha": np.inf}, group="late", condition="baseline")
    prints = fingerprints(spectra, ["alpha", "num_spikes"])
    assert prints.dropped == {
        "late/alpha": Dropped("no layer", 1),
        "stem/num_spikes": Dropped("constant"),
    }
    assert set(prints.features).isdisjoint(prints.dropped)
    assert all(np.isfinite(effect).all() for effect in prints.effects.values())


def test_rounding_is_not_taken_for_spread(study_tables):
    spectra = study_tables.spectra
    tiny = np.where(np.arange(len(spectra)) % 2 == 0, 0.1 + 0.2, 0.3)
    prints = fingerprints(spectra.assign(entropy=tiny), ["entropy"])
    assert prints.features == ()


def test_only_seeds_that_all_conditions_have_are_paired(study_tables):
    spectra = study_tables.spectra
    spectra = spectra[~((spectra["condition"] == "affine-0.5") & (spectra["seed"] == 1))]
    prints = fingerprints(spectra, ["entropy"])
    assert prints.seeds == (0, 2, 3, 4, 5, 6, 7)
    assert prints.effects["dropout-0.1"].shape[0] == 7


def test_series_effect_is_the_mean_over_doses(study_tables):
    prints = fingerprints(study_tables.spectra, ["entropy", "alpha"])
    doses = ["dropout-0.1", "dropout-0.2"]
    np.testing.assert_allclose(prints.series_effect(doses), (prints.effects[doses[0]] + prints.effects[doses[1]]) / 2)


def test_a_study_without_baseline_is_refused(study_tables):
    spectra = study_tables.spectra
    with pytest.raises(ValueError, match="no condition 'baseline'"):
        fingerprints(spectra[spectra["condition"] != "baseline"], ["entropy"])


def test_a_feature_that_varies_in_one_seed_only_has_no_unit(study_tables):
    """Without that seed it would have no spread left."""
    spectra = change(study_tables.spectra, {"num_spikes": 4.0}, group="late")
    spectra = change(spectra, {"num_spikes": 5.0}, group="late", seed=3, condition="affine-0.5")
    assert fingerprints(spectra, ["num_spikes"]).dropped == {"late/num_spikes": Dropped("one differs")}
    spectra = change(spectra, {"num_spikes": 5.0}, group="late", seed=4, condition="affine-0.5")
    assert fingerprints(spectra, ["num_spikes"]).dropped == {}


def test_spread_of_a_constant_condition_counts_in_the_pooled_sd(study_tables):
    """A baseline without spread does not drop a feature: the other conditions have one."""
    spectra = change(study_tables.spectra, {"num_spikes": 4.0}, group="late", condition="baseline")
    assert "late/num_spikes" in fingerprints(spectra, ["num_spikes"]).features


def test_sd_within_conditions_does_not_see_differences_between_them():
    runs = np.array([[[0.0], [2.0]], [[10.0], [10.0]]])
    assert within_condition_sd(runs) == pytest.approx(1.0)
    assert within_condition_sd(runs + np.array([[[0.0]], [[50.0]]])) == pytest.approx(1.0)


@pytest.mark.parametrize("rounding", [0.0, 1e-5])
def test_layers_that_the_baselines_training_does_not_reach_have_no_change(study_tables, rounding):
    """Weights without a gradient are changed by weight decay alone: the rank jumps, however weak it is."""
    spectra = study_tables.spectra.assign(sv_max=2.0, sv_min=0.02)
    dead = (spectra["layer"] == "b.1") & (spectra["family"] != "weight_decay")
    spectra.loc[dead, "sv_min"] = 2.0 * rounding
    spectra.loc[(spectra["layer"] == "b.1") & ~dead, "stable_rank"] += 1000.0
    metrics = ["stable_rank", "entropy"]
    change, after = (layer_metrics(spectra, metrics, of) for of in ("delta", "after"))
    assert change.values["stable_rank"].columns[change.values["stable_rank"].isna().any()].tolist() == ["b.1"]
    assert not after.values["stable_rank"].isna().any(axis=None)
    prints = fingerprints(spectra, metrics, of="delta")
    assert prints.layers["early/stable_rank"] == (1, 2)
    assert prints.unreached == ("b.1",)
    assert np.abs(prints.effects["weight_decay-0.3"]).max() < 50


def test_a_condition_that_loses_rank_drops_no_layer(study_tables):
    spectra = study_tables.spectra.assign(sv_max=2.0, sv_min=lambda table: 0.02 * (table["family"] != "dropout"))
    assert not layer_metrics(spectra, ["entropy"], "delta").values["entropy"].isna().any(axis=None)


@pytest.fixture
def with_sizes(study_tables):
    """Return the spectra with singular values: of changes of full rank."""
    return study_tables.spectra.assign(sv_min=0.1, sv_max=1.0)


def freeze(spectra, condition, *layers):
    """Return the spectra as if a condition's training had left layers as they are: nothing is known of their change."""
    rows = (spectra["condition"] == condition) & (spectra["of"] == "delta") & spectra["layer"].isin(layers)
    spectra = spectra.copy()
    spectra.loc[rows, ["sv_min", "sv_max", "entropy", "alpha", "num_spikes", "stable_rank"]] = np.nan
    return spectra


def test_frozen_layers_of_one_condition_change_nothing_for_the_others(with_sizes):
    frozen = freeze(with_sizes, "affine-0.5", "b.0")
    assert frozen_conditions(frozen[frozen["of"] == "delta"]) == ["affine-0.5"]
    whole, means = (layer_means(table, ["entropy"], of="delta") for table in (with_sizes, frozen))
    assert means.used == whole.used
    others = means.values.drop(index="affine-0.5", level="condition")
    pd.testing.assert_frame_equal(others, whole.values.drop(index="affine-0.5", level="condition"), check_exact=True)
    own = means.values.loc["affine-0.5"]
    assert own[["early/entropy", "entropy"]].isna().all(axis=None)
    assert np.isfinite(own[["stem/entropy", "middle/entropy", "late/entropy"]]).all(axis=None)
    alone = fingerprints(with_sizes[with_sizes["condition"] != "affine-0.5"], ["entropy"], of="delta")
    prints = fingerprints(frozen, ["entropy"], of="delta", beside=["affine-0.5"])
    assert prints.features == alone.features
    for name, effect in alone.effects.items():
        np.testing.assert_array_equal(prints.effects[name], effect)
    assert np.isnan(prints.effects["affine-0.5"]).any()


def test_a_layer_that_no_run_trains_is_one_that_training_does_not_reach(with_sizes):
    frozen = with_sizes
    for condition in with_sizes["condition"].unique():
        frozen = freeze(frozen, condition, "b.0")
    assert fingerprints(frozen, ["entropy"], of="delta").unreached == ("b.0",)
    assert frozen_conditions(frozen[frozen["of"] == "delta"]) == []
    means = layer_means(frozen, ["entropy"], of="delta")
    assert (means.used["early/entropy"], means.total["early/entropy"]) == (1, 2)
    assert np.isfinite(means.values).all(axis=None)


def test_the_tables_of_a_study_say_so_and_go_on(study_tables, with_sizes, plan):
    frozen = replace(study_tables, spectra=freeze(with_sizes, "affine-0.5", "b.0"))
    results = analyse_study(frozen, plan)
    pairs = results.similarity[
        (results.similarity["series_a"] == "affine") & (results.similarity["series_b"] == "dropout")
    ]
    facts = pairs.set_index("feature_family")["facts"].map(reason)
    assert facts["change"] == "Training leaves layers of affine as they are, so there is no change of them to compare."
    assert "leaves layers" not in facts["shape"]
    rows = results.effects[(results.effects["series"] == "affine") & (results.effects["level"] == "series")]
    known = rows.set_index("outcome")["mean"].notna()
    assert not known["delta/early/entropy"]
    assert known["delta/late/entropy"]
    assert known["spectra/early/entropy"]
    assert np.isfinite(results.claims["statistic"][:3]).all()  # of the layers that all series of the claim have


def test_a_study_that_trains_the_classifier_only_has_no_change_to_judge(study_tables, with_sizes, plan):
    frozen = with_sizes
    for condition in with_sizes["condition"].unique():
        frozen = freeze(frozen, condition, *with_sizes["layer"].unique())
    results = analyse_study(replace(study_tables, spectra=frozen), plan)
    assert not results.similarity.query("feature_family == 'change'")["determined"].any()
    assert (results.claims.query("feature_family == 'change'")["verdict"] == "undetermined").all()
