"""The robustness table: each variant does what its name says."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from weightscape.statistics.contrast import family_contrast
from weightscape.statistics.facts import NotDecided, write_facts
from weightscape.statistics.families import FEATURE_FAMILIES
from weightscape.statistics.positions import COLUMNS as POSITION_COLUMNS
from weightscape.statistics.positions import positions_table
from weightscape.statistics.robustness import COLUMNS, robustness_table
from weightscape.statistics.spectral_contrast import claim_one_effects, claim_one_fingerprints
from weightscape.statistics.spectral_variants import whitening
from weightscape.statistics.verdicts import claims_table, with_stability
from weightscape.streams import stream
from weightscape.words.reasons import claim_reason, read
from weightscape.words.reasons import reason as reason_of

SHAPE = next(family for family in FEATURE_FAMILIES if family.name == "shape")


@pytest.fixture(scope="module")
def table(study_tables, plan):
    return robustness_table(study_tables, plan)


def row(table, claim, variant):
    found = table[(table.claim == claim) & (table.variant == variant)]
    assert len(found) == 1
    return found.iloc[0]


def test_the_first_row_of_each_claim_is_the_claim(table, study_tables, plan):
    claims = claims_table(study_tables, plan).set_index("claim")
    planned = table[table.kind == "plan"].set_index("claim")
    assert list(table.columns) == COLUMNS
    assert list(planned.index) == list(claims.index)
    np.testing.assert_array_equal(planned.statistic, claims.statistic)
    np.testing.assert_array_equal(planned.pvalue, claims.pvalue)
    assert planned.same_verdict.all()


def test_variants_of_claim_one(table):
    kinds = table[table.claim == "1-shape"].groupby("kind").size().to_dict()
    assert kinds == {"plan": 1, "layers": 2, "scaling": 2, "layer group": 4, "metric": 4, "dose": 6, "series": 3}
    of_series = table[table.claim == "1-change-randaugment"].groupby("kind").size().to_dict()
    assert of_series == {"plan": 1, "layers": 2, "scaling": 2, "layer group": 4, "metric": 3, "dose": 4}
    assert len(table[table.claim == "1-shape-randaugment"]) == 1


def test_dropping_a_metric_equals_a_study_without_it(table, study_tables, plan):
    fewer = replace(plan, shape=("stable_rank", "alpha", "num_spikes"))
    expected = claims_table(study_tables, fewer).set_index("claim").loc["1-shape"]
    assert row(table, "1-shape", "without entropy").statistic == pytest.approx(expected.statistic)


def test_dropping_a_dose_or_a_series_equals_a_study_without_it(table, study_tables, change_each, plan):
    """For claim 1 in the units of the whole study: the change is of the effects alone."""
    without = change_each(study_tables, lambda part: part[part["condition"] != "randaugment-9"])
    expected = claims_table(without, plan).set_index("claim")
    for claim in ("2a", "2b"):
        assert row(table, claim, "without randaugment-9").statistic == pytest.approx(expected.statistic[claim])
    for family in FEATURE_FAMILIES:
        effects = claim_one_fingerprints(study_tables, family, plan).effects
        synthetic = (effects["synthetic-0.5"] + effects["synthetic-1"]) / 2
        D, W = (effects["dropout-0.1"] + effects["dropout-0.2"]) / 2, effects["weight_decay-0.3"]
        fewer_doses = (effects["randaugment-5"] + effects["affine-0.5"] + synthetic) / 3
        fewer_series = (effects["affine-0.5"] + synthetic) / 2
        for variant, V in (("without randaugment-9", fewer_doses), ("without randaugment", fewer_series)):
            found = row(table, f"1-{family.name}", variant)
            assert found.statistic == pytest.approx(family_contrast(V, D, W).statistic.value)


@pytest.mark.parametrize(
    ("pooling", "variant"),
    [
        ("raw mean", "mean over layers in their own units"),
        ("standardised median", "median over layers"),
    ],
)
def test_other_means_over_layers(table, study_tables, plan, pooling, variant):
    prints = replace(claim_one_fingerprints(study_tables, SHAPE, plan), pooling=pooling)
    expected = family_contrast(*claim_one_effects(prints.effects, study_tables.series, plan))
    assert row(table, "1-shape", variant).statistic == pytest.approx(expected.statistic.value)


def test_the_interval_of_a_claim_estimates_the_units_without_each_seed(table, study_tables, plan):
    """The jackknife of the whole procedure, by analysing eight studies that lack a seed."""
    spectra = study_tables.spectra

    def statistic(some):
        fewer = replace(study_tables, spectra=some)
        prints = claim_one_fingerprints(fewer, SHAPE, plan)
        return family_contrast(*claim_one_effects(prints.effects, fewer.series, plan)).statistic.value

    deleted = [statistic(spectra[spectra["seed"] != seed]) for seed in range(8)]
    planned = row(table, "1-shape", "as planned")
    half = stats.t(7).ppf(0.975) * np.std(deleted) * np.sqrt(7)
    assert planned.high == pytest.approx(planned.statistic + half)


def test_dropping_a_layer_group_equals_a_study_without_it(table, study_tables, plan):
    spectra = study_tables.spectra
    without = replace(study_tables, spectra=spectra[spectra["group"] != "late"])
    expected = claims_table(without, plan).set_index("claim").statistic["1-shape"]
    assert row(table, "1-shape", "without late").statistic == pytest.approx(expected)


def test_decorrelated_noise_has_unit_covariance_with_ample_data():
    matrix = stream("covariance").normal(size=(4, 4))
    covariance = matrix @ matrix.T + np.eye(4)
    W = whitening(covariance, df=10**9)
    np.testing.assert_allclose(W @ covariance @ W.T, np.eye(4), atol=1e-6)
    np.testing.assert_allclose(whitening(np.diag([4.0, 9.0]), df=1), np.diag([1 / 2, 1 / 3]))


def test_analyses_that_change_nothing_are_not_counted(study_tables, change_each, plan):
    """With one dose in each series there is no dose to choose."""
    dropped = ("dropout-0.2", "randaugment-9", "synthetic-1")
    single = change_each(study_tables, lambda part: part[~part["condition"].isin(dropped)])
    table = robustness_table(single, plan)
    assert not set(table.kind) & {"dose", "strength"}


def test_scalings_that_a_feature_does_not_have_are_passed_over(study_tables, plan):
    """A feature that depends on the seed but on no condition differs between no conditions, nor do its differences."""
    spectra = study_tables.spectra.copy()
    rows = (spectra["group"] == "stem") & (spectra["of"] != "before")
    spectra.loc[rows, "num_spikes"] = spectra.loc[rows, "seed"].astype(float)
    table = robustness_table(replace(study_tables, spectra=spectra), plan)
    assert table[(table.claim == "1-shape") & (table.kind == "scaling")].empty
    assert not table[(table.claim == "1-change") & (table.kind == "scaling")].empty


@pytest.fixture(scope="module")
def learning(simulate_study, plan):
    """A study in which stopping early acts in a direction of its own and doubles the training loss.

    RandAugment is 1.5 times as hard to fit; the loss under other conditions is the baseline's.
    """
    tables = simulate_study()
    spectra, runs = tables.spectra.copy(), tables.runs.copy()
    early = spectra[spectra["condition"] == "baseline_b"].assign(
        condition="early_stop-0.5", series="early_stop", family="early_stop", dose=0.5
    )
    for metric, shift in {"alpha": 5.0, "num_spikes": 5.0, "stable_rank": 3.0, "effective_rank": 5.0}.items():
        early[metric] += shift
    early.loc[early["group"] == "late", "log_norm"] += 6.0
    added = runs[runs["condition"] == "baseline_b"].assign(
        condition="early_stop-0.5", series="early_stop", family="early_stop", dose=0.5
    )
    runs = pd.concat([runs, added], ignore_index=True)
    factor = runs["series"].map({"early_stop": 2.0, "randaugment": 1.5}).fillna(1.0)
    runs["fitted_loss"] = 0.1 * factor * np.exp(0.02 * stream("losses").normal(size=len(runs)))
    found = replace(tables, runs=runs, spectra=pd.concat([spectra, early], ignore_index=True))
    return found, replace(plan, early_stop=("early_stop",))


def test_without_the_role_nothing_is_removed_and_the_claim_says_so(learning, plan):
    tables, _ = learning
    reason = claims_table(tables, plan).set_index("claim").facts.map(reason_of)["1-shape"]
    assert "How far training went is not separated from diversity" in reason


def test_variants_keep_the_direction_of_early_stopping_or_compare_at_equal_loss(learning):
    tables, plan = learning
    table = robustness_table(tables, plan)
    effects = claim_one_fingerprints(tables, SHAPE, plan).effects
    V = (effects["randaugment-5"] + effects["randaugment-9"]) / 2
    V = (V + effects["affine-0.5"] + (effects["synthetic-0.5"] + effects["synthetic-1"]) / 2) / 3
    D, W = (effects["dropout-0.1"] + effects["dropout-0.2"]) / 2, effects["weight_decay-0.3"]
    E = effects["early_stop-0.5"]
    assert row(table, "1-shape", "as planned").statistic == pytest.approx(family_contrast(V, D, W, E).statistic.value)
    raw = row(table, "1-shape", "with the direction of early stopping")
    assert raw.statistic == pytest.approx(family_contrast(V, D, W).statistic.value)
    losses = np.log(tables.runs.pivot(index="seed", columns="condition", values="fitted_loss")).mean()
    losses = losses - losses["baseline"]
    early = losses["early_stop-0.5"]
    harder = {
        "v": (losses[["randaugment-5", "randaugment-9"]].mean() + losses["affine-0.5"]
              + losses[["synthetic-0.5", "synthetic-1"]].mean()) / 3,
        "d": losses[["dropout-0.1", "dropout-0.2"]].mean(),
        "w": losses["weight_decay-0.3"],
    }  # fmt: skip
    at_equal_loss = [X - loss / early * E for X, loss in zip((V, D, W), harder.values(), strict=True)]
    found = row(table, "1-shape", "at equal training loss")
    assert found.statistic == pytest.approx(family_contrast(*at_equal_loss).statistic.value)
    reason = claims_table(tables, plan).set_index("claim").facts.map(reason_of)["1-shape"]
    assert "along early stop, which is removed" in reason
    assert "With that direction, T = " in reason
    assert "At equal training loss, T = " in reason


def test_losses_that_early_stopping_does_not_change_compare_nothing(learning):
    tables, plan = learning
    noise = 0.1 * np.exp(0.02 * stream("no losses").normal(size=len(tables.runs)))
    for runs in (tables.runs.assign(fitted_loss=noise), tables.runs.drop(columns="fitted_loss")):
        table = robustness_table(replace(tables, runs=runs), plan)
        assert set(table[table.kind == "learning"].variant) == {"with the direction of early stopping"}


def test_positions_are_the_parts_of_claim_one(learning):
    tables, plan = learning
    table = positions_table(tables, plan).set_index(["feature_family", "series"])
    assert list(table.reset_index().columns) == POSITION_COLUMNS
    assert len(table) == 3 * len(tables.series)
    claims = claims_table(tables, plan).set_index("claim")
    effects = claim_one_fingerprints(tables, SHAPE, plan).effects
    D, W, E = (
        (effects["dropout-0.1"] + effects["dropout-0.2"]) / 2,
        effects["weight_decay-0.3"],
        effects["early_stop-0.5"],
    )
    for name in plan.diversity:
        found = table.loc["shape", name]
        assert found.contrast == claims.statistic[f"1-shape-{name}"]
        assert found.contrast == pytest.approx(found.along_dropout - found.along_weight_decay)
        assert (found.role, found.manipulation) == ("diversity", "more diverse")
    affine = family_contrast(effects["affine-0.5"], D, W, E)
    found = table.loc["shape", "affine"]
    assert found.along_early_stop == pytest.approx(affine.along_e.value)
    assert (found.length, found.length_high) == pytest.approx(
        (affine.presence_v.length.value, affine.presence_v.length.high)
    )
    early = table.loc["shape", "early_stop"]
    assert np.isnan([early.along_dropout, early.along_weight_decay, early.contrast]).all()
    assert early.along_early_stop == pytest.approx(early.length)
    assert early.fitted_loss == pytest.approx(0.2, rel=0.05)
    assert table.loc["shape", "randaugment"].fitted_loss == pytest.approx(0.15, rel=0.05)
    assert table.loc["change", "dropout"].role == "dropout"
    assert not table.loc["shape", "baseline_b"].acts


def test_a_series_beside_claim_one_that_lacks_a_value_has_no_position(study_tables, plan):
    spectra = study_tables.spectra.copy()
    spectra.loc[(spectra["condition"] == "baseline_b") & (spectra["layer"] == "b.3"), "entropy"] = np.nan
    runs = study_tables.runs.copy()
    narrow = replace(plan, diversity=("randaugment", "synthetic"))
    spectra.loc[(spectra["condition"] == "affine-0.5") & (spectra["layer"] == "b.0"), "entropy"] = np.nan
    table = positions_table(replace(study_tables, spectra=spectra, runs=runs), narrow)
    table = table.set_index(["feature_family", "series"])
    assert np.isnan(table.loc[("shape", "affine"), "length"])
    assert np.isfinite(table.loc[("scale", "affine"), "length"])
    assert np.isfinite(table.loc[("shape", "synthetic"), "contrast"])
    assert positions_table(study_tables, replace(plan, dropout=("absent",))).empty


def test_bootstrap_over_images_uses_each_dose_of_synthetic_and_of_the_best(study_tables, plan):
    rng = stream("images")
    conditions = study_tables.runs["condition"].unique()
    images = {c: rng.random((8, 300)) < (0.8 if c.startswith("synthetic") else 0.6) for c in conditions}
    table = robustness_table(replace(study_tables, images=images), plan)
    found = row(table, "2b", "bootstrap over seeds and images")
    assert found.verdict == "supported"
    assert found.low < np.log(0.8 / 0.2) - np.log(0.6 / 0.4) < found.high
    images["synthetic-0.5"] = rng.random((8, 300)) < 0.4
    assert (
        row(robustness_table(replace(study_tables, images=images), plan), "2b", found.variant).statistic
        < found.statistic - 0.5
    )


def test_stability_counts_other_analyses_with_the_same_verdict_of_decided_claims(table, study_tables, plan):
    claims = with_stability(claims_table(study_tables, plan), table)
    claims = claims.assign(reason=[claim_reason(claim) for claim in claims.itertuples()]).set_index("claim")
    others = table[(table.claim == "1-scale") & (table.kind != "plan")]
    assert claims.n_variants["1-scale"] == len(others)
    assert claims.n_same_verdict["1-scale"] == others.same_verdict.sum() < len(others)
    sentence = f"the verdict is the same in {others.same_verdict.sum()} of {len(others)} other analyses."
    assert claims.reason["1-scale"].endswith(sentence)
    assert claims.verdict["2b"] == "undetermined"
    assert claims.n_variants["2b"] > 0
    assert pd.isna(claims.n_same_verdict["2b"])
    assert "other analyses" not in claims.reason["2b"]


def test_a_verdict_that_fell_to_holm_is_named_as_it_was(table, study_tables, plan):
    claims = with_stability(claims_table(study_tables, plan), table)
    claim = claims[claims["claim"] == "1-shape"].copy()
    precision = read(claim.facts.iloc[0])
    fallen = replace(precision, finding=NotDecided(precision.finding, 0.2, "supported"))
    claim["verdict"], claim["facts"] = "undetermined", write_facts(fallen)
    others = table[(table.claim == "1-shape") & (table.kind != "plan")]
    assert claim_reason(next(claim.itertuples())).endswith(
        f"“supported”, as in the planned one, in {others.same_verdict.sum()} of {len(others)} other analyses."
    )


def test_claims_without_their_series_have_no_rows(study_tables, plan):
    table = robustness_table(study_tables, replace(plan, synthetic=("missing",), dropout=()))
    assert set(table.claim) == {"2d"}


def test_the_table_does_not_depend_on_the_order_of_rows(study_tables, change_each, plan):
    shuffled = change_each(study_tables, lambda part: part.sample(frac=1, random_state=5))
    pd.testing.assert_frame_equal(
        robustness_table(study_tables, plan), robustness_table(shuffled, plan), check_exact=True
    )
