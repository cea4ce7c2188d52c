"""Claims 2c and 2d: the line against polyfit, the mixed model against REML written out, both on known truths."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

from weightscape.statistics.accuracies import accuracies, count_probit
from weightscape.statistics.claim import finding_of
from weightscape.statistics.claims.diversity_slope import DiversitySlope
from weightscape.statistics.claims.effective_robustness import EffectiveRobustness, accuracy_line
from weightscape.statistics.claims.synthetic_accuracy import SyntheticAccuracy
from weightscape.statistics.claims.synthetic_diversity import SyntheticDiversity
from weightscape.statistics.mixed_model import NotFittedError, fit_mixed_model
from weightscape.statistics.series import conditions_of_series
from weightscape.streams import stream
from weightscape.words.reasons import words

CLAIM_2C, CLAIM_2D = EffectiveRobustness(), DiversitySlope()


def on_a_line(study, slope=0.6, lift=0.0, noise=0.02, spread=0.4, name="line"):
    """Return the study's evaluation with test accuracies that differ between conditions and OOD accuracies on a line.

    Synthetic conditions lie `lift` probits above it.
    """
    evaluation = study.evaluation.copy()
    rng = stream("line", name)
    names = sorted(evaluation["condition"].unique())
    test = dict(zip(names, 1.0 + spread * rng.normal(size=len(names)), strict=True))
    for (condition, _), rows in evaluation.groupby(["condition", "seed"]):
        inside = test[condition] + noise * rng.normal()
        outside = slope * inside - 1 + lift * condition.startswith("synthetic") + noise * rng.normal()
        for kind, value in (("test", inside), ("ood", outside)):
            index = rows.index[rows["kind"] == kind]
            evaluation.loc[index, "accuracy"] = stats.norm.cdf(value)
            evaluation.loc[index, "n"] = 10**6
    return evaluation


@pytest.fixture(scope="module")
def series(study_tables):
    return conditions_of_series(study_tables.runs)


def test_probit_of_counts():
    probits = count_probit(np.array([0.0, 0.5, 1.0]), np.array([100.0, 100.0, 100.0]))
    assert probits[1] == pytest.approx(0)
    assert probits[2] == pytest.approx(-probits[0])
    assert probits[2] == pytest.approx(stats.norm.ppf(100.5 / 101))


def test_lift_above_the_line_is_found_whatever_the_accuracy(study_tables, series, plan):
    finding = CLAIM_2C.compare(on_a_line(study_tables, lift=0.3), series, plan)
    assert finding.verdict == "supported"
    assert finding.low < 0.3 < finding.high
    assert "slope 0.6" in words(finding.facts)


def test_below_the_line_reads_as_lower_and_several_series_take_the_plural(study_tables, series, plan):
    evaluation = on_a_line(study_tables, lift=-0.3)
    finding = CLAIM_2C.compare(evaluation, series, plan)
    assert finding.verdict == "contradicted"
    assert "synthetic lies 0." in words(finding.facts)
    assert "probits lower than" in words(finding.facts)
    both = replace(plan, synthetic=("synthetic", "affine"), augmentation=("randaugment",))
    assert "synthetic and affine lie 0." in words(CLAIM_2C.compare(evaluation, series, both).facts)


def test_on_the_line_there_is_no_robustness_although_accuracy_differs(study_tables, series, plan):
    finding = CLAIM_2C.compare(on_a_line(study_tables), series, plan)
    assert finding.verdict == "undetermined"
    assert finding.low < 0 < finding.high


def test_equals_polyfit_with_seeds_deleted_by_hand(study_tables, series, plan):
    evaluation = on_a_line(study_tables, lift=0.1, noise=0.1, name="by hand")
    finding = CLAIM_2C.compare(evaluation, series, plan)
    x, y = (accuracies(evaluation, kind, count_probit) for kind in ("test", "ood"))
    best = words(finding.facts).split("probits higher than ")[1].split(",")[0]
    others = ["baseline", "dropout-0.1", "dropout-0.2", "weight_decay-0.3"]

    def statistic(seeds):
        slope = np.polyfit(x.loc[seeds, others].mean(), y.loc[seeds, others].mean(), 1)[0]
        residual = (y - slope * x).loc[seeds].mean()
        return residual[series["synthetic"]].mean() - residual[series[best]].mean()

    seeds = list(x.index)
    deleted = np.array([statistic([s for s in seeds if s != out]) for out in seeds])
    error = np.sqrt(7 / 8 * ((deleted - deleted.mean()) ** 2).sum())
    assert finding.statistic == pytest.approx(statistic(seeds))
    assert finding.high == pytest.approx(statistic(seeds) + stats.t(7).ppf(0.975) * error)


def test_a_line_that_the_conditions_do_not_fix_is_undetermined(study_tables, series, plan):
    finding = CLAIM_2C.compare(on_a_line(study_tables, spread=0.0, noise=0.1, lift=0.5), series, plan)
    assert finding.verdict == "undetermined"
    assert "do not determine a line" in words(finding.facts)
    assert np.isnan(finding.statistic)


def test_too_few_conditions_beside_the_line_are_named(study_tables, series, plan):
    evaluation = on_a_line(study_tables)
    evaluation = evaluation[~evaluation["series"].isin(["dropout", "weight_decay"])]
    finding = CLAIM_2C.compare(evaluation, series, plan)
    assert words(finding.facts) == "Too few other conditions (1): a line needs 4."


def test_the_line_is_that_of_linregress_through_the_means():
    inside, outside = stream("line of means").normal(size=(2, 8, 5))
    intercept, slope = accuracy_line(inside, outside)
    expected = stats.linregress(inside.mean(axis=0), outside.mean(axis=0))
    assert (intercept, slope) == pytest.approx((expected.intercept, expected.slope))
    assert np.isnan(accuracy_line(np.ones((8, 5)), outside)).all()


def test_claim_2c_without_a_dose_is_that_of_a_study_without_it(study_tables, series, plan):
    """The dose left out joins neither side: it does not become a condition that fixes the line."""
    evaluation = on_a_line(study_tables, lift=0.3)
    variants = CLAIM_2C.variants(replace(study_tables, evaluation=evaluation), plan)
    found = {str(variant.change): variant.judge() for variant in variants}
    without = evaluation[evaluation["condition"] != "synthetic-1"]
    fewer = {name: [c for c in conditions if c != "synthetic-1"] for name, conditions in series.items()}
    expected = CLAIM_2C.compare(without, fewer, plan)
    assert found["without synthetic-1"] == expected
    assert "line of 4 other conditions" in words(expected.facts)


def test_a_single_augmentation_was_not_chosen(study_tables, series, plan):
    only = replace(plan, augmentation=("affine",))
    for finding in (
        SyntheticDiversity().compare(study_tables.diversity, series, only),
        SyntheticAccuracy().compare(study_tables.evaluation, series, only),
        CLAIM_2C.compare(on_a_line(study_tables), series, only),
    ):
        assert "affine" in words(finding.facts)
        assert "augmentation" not in words(finding.facts)


def model_data(slope=0.0, condition_sd=0.2, n_conditions=10, n_seeds=6, name="model"):
    rng = stream("mixed model", name)
    vendi, own = rng.normal(size=n_conditions), condition_sd * rng.normal(size=n_conditions)
    seed = 0.1 * rng.normal(size=n_seeds)
    grid = [(c, s) for c in range(n_conditions) for s in range(n_seeds)]
    data = pd.DataFrame(grid, columns=["c", "seed"])
    data["condition"] = data["c"].map("c{}".format)
    data["test"] = 1.5 + 0.2 * rng.normal(size=len(data))
    data["vendi"] = vendi[data["c"]] + 0.01 * rng.normal(size=len(data))
    data["ood"] = (
        0.5 * data["test"]
        + slope * data["vendi"]
        + own[data["c"]]
        + seed[data["seed"]]
        + 0.05 * rng.normal(size=len(data))
    )
    return data


def reml(data):
    """Maximise the restricted likelihood of the crossed model directly (Patterson & Thompson 1971)."""
    X = np.column_stack([np.ones(len(data)), data["test"], data["vendi"]])
    y = data["ood"].to_numpy()
    same = [
        np.equal.outer(data[name].to_numpy(), data[name].to_numpy()).astype(float) for name in ("seed", "condition")
    ]

    def solve(log_sd):
        seed, condition, rest = np.exp(2 * log_sd)
        V = seed * same[0] + condition * same[1] + rest * np.eye(len(y))
        inverse = np.linalg.inv(V)
        information = X.T @ inverse @ X
        beta = np.linalg.solve(information, X.T @ inverse @ y)
        residual = y - X @ beta
        deviance = np.linalg.slogdet(V)[1] + np.linalg.slogdet(information)[1] + residual @ inverse @ residual
        return deviance, beta, np.linalg.inv(information)

    best = optimize.minimize(
        lambda x: solve(x)[0], np.log([0.1, 0.2, 0.05]), method="Nelder-Mead", options={"xatol": 1e-6}
    )
    _, beta, covariance = solve(best.x)
    return beta[2], np.sqrt(covariance[2, 2]), np.exp(best.x)


def test_mixed_model_equals_reml_written_out():
    data = model_data(slope=0.1)
    ours = fit_mixed_model(data)
    slope, error, sds = reml(data)
    assert ours.slope.value == pytest.approx(slope, rel=1e-4)
    assert ours.slope.standard_error == pytest.approx(error, rel=0.02)
    assert (ours.seed_sd, ours.condition_sd, ours.residual_sd) == pytest.approx(tuple(sds), rel=0.02)
    assert ours.slope.pvalue == pytest.approx(2 * stats.t(10 - 3).sf(abs(slope / error)), rel=0.02)


def test_mixed_model_finds_a_slope_and_its_size():
    estimate = fit_mixed_model(model_data(slope=0.5, condition_sd=0.1)).slope
    assert estimate.low < 0.5 < estimate.high
    assert estimate.pvalue < 0.001


def test_peculiar_conditions_do_not_make_diversity_significant():
    """Diversity does nothing, but each condition has a robustness of its own."""
    pvalues = [fit_mixed_model(model_data(condition_sd=0.3, name=f"null {i}")).slope.pvalue for i in range(40)]
    assert np.mean(np.array(pvalues) <= 0.05) <= 0.15


def test_a_model_that_cannot_be_fitted_says_why():
    data = model_data()
    with pytest.raises(NotFittedError) as error:
        fit_mixed_model(data.assign(vendi=2 * data["test"]))
    assert "do not vary apart" in words(error.value.facts)


def test_claim_2d_pairs_runs_with_their_diversity(study_tables):
    evaluation = on_a_line(study_tables, noise=0.01, name="2d")
    diversity = study_tables.diversity.copy()
    chosen = (diversity["space"] == "embedding") & (diversity["class_name"] == "all")
    wide = accuracies(evaluation, "ood", count_probit) - 0.6 * accuracies(evaluation, "test", count_probit)
    lift = [wide.loc[s, c] for s, c in zip(diversity["seed"], diversity["condition"], strict=True)]
    steps = {name: i for i, name in enumerate(sorted(diversity["condition"].unique()))}
    height = diversity["condition"].map(steps).to_numpy()
    diversity.loc[chosen, "vendi_1"] = np.exp(height + np.array(lift))[chosen]
    keys = zip(evaluation["condition"], evaluation["kind"], strict=True)
    bonus = np.array([0.2 * steps.get(c, 0) if kind == "ood" else 0.0 for c, kind in keys])
    moved = stats.norm.cdf(stats.norm.ppf(evaluation["accuracy"].clip(1e-6, 1 - 1e-6)) + bonus)
    finding = CLAIM_2D.fit(evaluation.assign(accuracy=moved), diversity)
    assert finding.verdict == "supported"
    assert finding.statistic == pytest.approx(0.2, abs=0.05)
    assert "over 6 conditions" in words(finding.facts)


def test_claim_2d_needs_conditions_and_an_ood_set(study_tables, plan):
    few = study_tables.diversity[study_tables.diversity["series"].isin(["baseline", "synthetic"])]
    finding = CLAIM_2D.fit(study_tables.evaluation, few)
    assert words(finding.facts) == (
        "Too few conditions (3, the baseline and those that change the data): the model needs 6."
    )
    none = study_tables.evaluation[study_tables.evaluation["kind"] != "ood"]
    assert "no natural out-of-distribution set" in words(
        finding_of(lambda: CLAIM_2D.fit(none, study_tables.diversity)).facts
    )
    series = conditions_of_series(study_tables.runs)
    assert "no natural out-of-distribution set" in words(finding_of(lambda: CLAIM_2C.compare(none, series, plan)).facts)
