"""Claims 2c and 2d on known truths; `test_condition_regression` has the regression behind both."""

import re
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestPower

from weightscape.statistics.accuracies import accuracies, count_probit
from weightscape.statistics.claim import finding_of
from weightscape.statistics.claims.diversity_slope import DiversitySlope
from weightscape.statistics.claims.effective_robustness import EffectiveRobustness, conditions_on_the_line
from weightscape.statistics.claims.synthetic_accuracy import SyntheticAccuracy
from weightscape.statistics.claims.synthetic_diversity import SyntheticDiversity
from weightscape.statistics.condition_regression import regress_conditions
from weightscape.statistics.power import CANDIDATES
from weightscape.statistics.series import conditions_of_series
from weightscape.streams import stream
from weightscape.words.reasons import words

CLAIM_2C, CLAIM_2D = EffectiveRobustness(), DiversitySlope()
OTHERS = ["baseline", "dropout-0.1", "dropout-0.2", "weight_decay-0.3"]


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


def test_equals_the_regression_and_the_mean_written_out(study_tables, series, plan):
    evaluation = on_a_line(study_tables, lift=0.1, noise=0.1, name="by hand")
    finding = CLAIM_2C.compare(evaluation, series, plan)
    x, y = (accuracies(evaluation, kind, count_probit) for kind in ("test", "ood"))
    best = words(finding.facts).split("probits higher than ")[1].split(",")[0]
    line = regress_conditions(y[OTHERS].to_numpy(), x[OTHERS].to_numpy())
    slope, error = line.slopes[0].value, line.slopes[0].standard_error
    gain = {name: table[series["synthetic"]].mean(axis=1) - table[series[best]].mean(axis=1)
            for name, table in (("x", x), ("y", y))}  # fmt: skip
    beside = gain["y"] - slope * gain["x"]
    parts = beside.var(ddof=1) / 8, gain["x"].mean() ** 2 * error**2
    df = sum(parts) ** 2 / (parts[0] ** 2 / 7 + parts[1] ** 2 / 2)
    assert finding.statistic == pytest.approx(beside.mean())
    assert finding.high == pytest.approx(beside.mean() + stats.t(df).ppf(0.975) * np.sqrt(sum(parts)))


def test_conditions_that_scatter_widen_the_interval(study_tables, series, plan):
    """A condition that is pulled off the line changes no run of the two that are compared."""
    evaluation = on_a_line(study_tables, lift=0.3)
    pulled = evaluation.copy()
    rows = (pulled["condition"] == "dropout-0.1") & (pulled["kind"] == "ood")
    pulled.loc[rows, "accuracy"] = stats.norm.cdf(stats.norm.ppf(pulled.loc[rows, "accuracy"]) + 0.4)
    one, two = (CLAIM_2C.compare(table, series, plan) for table in (evaluation, pulled))
    assert two.high - two.low > 3 * (one.high - one.low)


def test_early_stopping_noise_and_synthetic_images_do_not_fix_the_line():
    families = {"baseline": "baseline", "baseline_b": "baseline", "a-1": "augment",
                "dropout-1": "dropout", "short-1": "early_stop", "n-1": "noise", "s-1": "synthetic",
                "more-2": "more_real"}  # fmt: skip
    assert conditions_on_the_line(families, ["a-1"]) == ["baseline", "dropout-1", "more-2"]
    assert "short-1" in conditions_on_the_line(families, ["a-1"], ["synthetic"])


def test_among_conditions_that_scatter_as_much_a_small_lift_is_nothing_special(study_tables, plan):
    evaluation = on_a_line(study_tables, lift=0.3)
    for condition, scatter in zip(OTHERS, (0.3, -0.3, -0.3, 0.3), strict=True):
        rows = (evaluation["condition"] == condition) & (evaluation["kind"] == "ood")
        moved = stats.norm.ppf(evaluation.loc[rows, "accuracy"]) + scatter
        evaluation.loc[rows, "accuracy"] = stats.norm.cdf(moved)
    variants = CLAIM_2C.variants(replace(study_tables, evaluation=evaluation), plan)
    found = {str(variant.change): variant.judge() for variant in variants}
    among = found["as one condition among others that scatter about the line"]
    assert among.verdict == "undetermined"
    assert among.high - among.low > 0.6


def test_conditions_without_a_real_image_are_judged_apart(study_tables, plan):
    runs = study_tables.runs.copy()
    runs.loc[runs["condition"] == "synthetic-1", "n_real"] = 0
    tables = replace(study_tables, runs=runs, evaluation=on_a_line(study_tables, lift=0.3))
    half = {name: [c for c in conditions if c != "synthetic-1"] for name, conditions in tables.series.items()}
    assert repr(CLAIM_2C.judge(tables, plan)) == repr(CLAIM_2C.compare(tables.evaluation, half, plan))
    for claim, table in ((SyntheticAccuracy(), tables.evaluation), (SyntheticDiversity(), tables.diversity)):
        assert repr(claim.judge(tables, plan)) == repr(claim.compare(table, half, plan))
    pure = half | {"synthetic": ["synthetic-1"]}
    for claim, table in ((CLAIM_2C, "evaluation"), (SyntheticAccuracy(), "evaluation"),
                         (SyntheticDiversity(), "diversity")):  # fmt: skip
        variants = {str(variant.change): variant for variant in claim.variants(tables, plan)}
        apart = variants["synthetic images only, no real one"].judge()
        assert repr(apart) == repr(claim.compare(getattr(tables, table), pure, plan))
    none = replace(tables, runs=runs.assign(n_real=0))
    assert words(finding_of(lambda: CLAIM_2C.judge(none, plan)).facts) == (
        "No condition of synthetic has real images beside the synthetic ones."
    )


def test_the_condition_that_is_farthest_is_named(study_tables, series, plan):
    evaluation = on_a_line(study_tables, spread=0.0)
    rows = (evaluation["condition"] == "weight_decay-0.3") & evaluation["kind"].isin(["test", "ood"])
    evaluation.loc[rows, "accuracy"] = stats.norm.cdf(stats.norm.ppf(evaluation.loc[rows, "accuracy"]) - 1)
    text = words(CLAIM_2C.compare(evaluation, series, plan).facts)
    assert "weight decay 0.3 makes up 75% of their spread" in text


def test_a_line_that_the_conditions_do_not_fix_is_undetermined(study_tables, series, plan):
    """Seeds differ in the conditions' order, so that products of different seeds show no common spread."""
    evaluation = on_a_line(study_tables, lift=0.5)
    for i, condition in enumerate(OTHERS):
        for seed in range(8):
            rows = (
                (evaluation["condition"] == condition) & (evaluation["seed"] == seed) & (evaluation["kind"] == "test")
            )
            evaluation.loc[rows, "accuracy"] = 0.6 + 0.1 * ((i + seed) % 4)
    finding = CLAIM_2C.compare(evaluation, series, plan)
    assert finding.verdict == "undetermined"
    assert "do not determine a line" in words(finding.facts)
    assert np.isnan(finding.statistic)


def test_too_few_conditions_beside_the_line_are_named(study_tables, series, plan):
    evaluation = on_a_line(study_tables)
    evaluation = evaluation[~evaluation["series"].isin(["dropout", "weight_decay"])]
    finding = CLAIM_2C.compare(evaluation, series, plan)
    assert words(finding.facts) == "Too few other conditions (1): a line needs 4."


def test_claim_2c_without_a_dose_is_that_of_a_study_without_it(study_tables, series, plan):
    """The dose left out joins neither side: it does not become a condition that fixes the line."""
    evaluation = on_a_line(study_tables, lift=0.3)
    variants = CLAIM_2C.variants(replace(study_tables, evaluation=evaluation), plan)
    found = {str(variant.change): variant.judge() for variant in variants}
    without = evaluation[evaluation["condition"] != "synthetic-1"]
    fewer = {name: [c for c in conditions if c != "synthetic-1"] for name, conditions in series.items()}
    expected = CLAIM_2C.compare(without, fewer, plan)
    assert repr(found["without synthetic-1"]) == repr(expected)
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
    assert finding.statistic == pytest.approx(0.2 * 6, abs=0.1)
    assert re.search(r"probits higher under the most diverse of 6 conditions \(Vendi score \d+\)", words(finding.facts))


def test_claim_2d_without_each_condition(study_tables, plan):
    tables = replace(study_tables, evaluation=on_a_line(study_tables, name="2d"))
    variants = {str(variant.change): variant.judge() for variant in CLAIM_2D.variants(tables, plan)}
    assert "Too few conditions (5" in words(variants["without affine-0.5"].facts)


def test_claim_2d_needs_conditions_and_an_ood_set(study_tables, plan):
    few = study_tables.diversity[study_tables.diversity["series"].isin(["baseline", "synthetic"])]
    finding = CLAIM_2D.fit(study_tables.evaluation, few)
    assert words(finding.facts) == (
        "Too few conditions (3, the baseline and those that change the data): the regression needs 6."
    )
    none = study_tables.evaluation[study_tables.evaluation["kind"] != "ood"]
    assert "no natural out-of-distribution set" in words(
        finding_of(lambda: CLAIM_2D.fit(none, study_tables.diversity)).facts
    )
    series = conditions_of_series(study_tables.runs)
    assert "no natural out-of-distribution set" in words(finding_of(lambda: CLAIM_2C.compare(none, series, plan)).facts)


def test_seeds_that_claim_2c_needs_leave_the_line_as_it_is(study_tables, series, plan):
    """Against statsmodels where the line has no part, and none suffice where it has the larger one."""
    finding = CLAIM_2C.compare(on_a_line(study_tables, lift=0.03, noise=0.03), series, plan)
    beside = finding.facts.comparison

    def needed(share):
        facts = replace(finding.facts, comparison=replace(beside, line_share=share))
        return CLAIM_2C.seeds_needed(study_tables, plan, replace(finding, facts=facts), 0.8, 0.05)

    d_z = finding.statistic / (finding.standard_error * np.sqrt(8))
    expected = TTestPower().solve_power(d_z, power=0.8, alpha=0.05)
    assert needed(0.0) == min(seeds for seeds in CANDIDATES if seeds >= expected)
    assert needed(0.95) is None
