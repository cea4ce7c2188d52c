"""The manipulation check: images that are more or less diverse are found so, and chance seldom passes for diversity."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from weightscape.diversity.table import Sets, diversity_tables
from weightscape.statistics.manipulation import COLUMNS, manipulation_checks, manipulation_table
from weightscape.statistics.series import conditions_of_series
from weightscape.streams import stream
from weightscape.words.reasons import reason


def scores_table(log_scores: dict[str, np.ndarray]) -> pd.DataFrame:
    """Return a diversity table with these log Vendi scores of the seeds of each condition ``<series>-<dose>``."""
    rows = [
        {"condition": name, "series": name.split("-")[0], "dose": float("nan"), "seed": seed, "space": "embedding",
         "class_name": "all", "n": 100, "vendi_1": np.exp(score), "vendi_2": 1.0}
        for name, scores in log_scores.items()
        for seed, score in enumerate(scores)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def checks_of(table, plan, names):
    return manipulation_checks(table, conditions_of_series(table), replace(plan, diversity=tuple(names)))


def images_of(condition, images, rng):
    if condition == "noise":
        return np.clip(images + rng.normal(0, 60, images.shape), 0, 255).astype(np.uint8)
    if condition == "constant":
        return np.repeat(images[:1], len(images), axis=0)
    return images


def test_noise_is_more_diverse_a_repeated_image_less_and_a_copy_neither(plan):
    tables = []
    for seed in range(6):
        rng = stream("manipulation images", seed)
        images = (rng.random((40, 1, 1, 3)) * np.linspace(60, 200, 64).reshape(1, 8, 8, 1)).astype(np.uint8)
        for condition in ("baseline", "noise", "constant", "copy"):
            pixels = images_of(condition, images, rng)
            features, labels = pixels.reshape(40, -1).astype(float), np.zeros(40, int)
            spaces = {"embedding": Sets(features, features, features)}
            table, _ = diversity_tables(spaces, Sets(labels, labels, labels), ["3"], ("manipulation", seed))
            tables.append(table.assign(condition=condition, series=condition, dose=np.nan, seed=seed))
    checks = checks_of(pd.concat(tables), plan, ["noise", "constant", "copy"])
    assert [check.outcome for check in checks.values()] == ["more diverse", "less diverse", "not shown"]
    assert [check.passed for check in checks.values()] == [True, False, False]


def test_is_the_paired_t_test_of_log_scores_over_doses_with_holm(plan):
    rng = stream("manipulation")
    base, a, b, other = rng.normal(size=(4, 8))
    table = scores_table({"baseline": base, "augment-1": a + 2, "augment-2": b + 2, "affine-1": other})
    checks = checks_of(table, plan, ["augment", "affine"])
    tests = [stats.ttest_rel((a + b) / 2 + 2, base), stats.ttest_rel(other, base)]
    assert checks["augment"].difference.value == pytest.approx(((a + b) / 2 + 2 - base).mean())
    assert checks["augment"].difference.low == pytest.approx(tests[0].confidence_interval().low)
    assert checks["augment"].pvalue_holm == pytest.approx(2 * tests[0].pvalue)
    assert checks["affine"].pvalue_holm == pytest.approx(tests[1].pvalue)


@pytest.mark.parametrize("seeds", [6, 12])
def test_four_series_that_are_no_more_diverse_seldom_pass(plan, seeds):
    """Family-wise over four series that share the baseline's scores."""
    rng = stream("manipulation level", seeds)
    names = ["a", "b", "c", "d"]
    passed = 0
    for _ in range(400):
        scores = rng.normal(size=(1, seeds)) + 0.3 * rng.normal(size=(5, seeds))
        table = scores_table(dict(zip(["baseline", *names], scores, strict=True)))
        passed += any(check.outcome != "not shown" for check in checks_of(table, plan, names).values())
    assert passed / 400 <= 0.07


def test_what_was_not_measured_is_not_shown_and_still_counts_for_holm(plan):
    rng = stream("manipulation missing")
    base, a = rng.normal(size=(2, 8))
    table = scores_table({"baseline": base, "augment-1": a})
    checks = checks_of(table, plan, ["augment", "noise"])
    assert checks["noise"].outcome == "not shown"
    assert np.isnan(checks["noise"].pvalue_holm)
    assert checks["augment"].pvalue_holm == pytest.approx(min(1, 2 * stats.ttest_rel(a, base).pvalue))
    few = checks_of(table[table["seed"] < 2], plan, ["augment"])["augment"]
    assert (few.outcome, np.isnan(few.difference.value)) == ("not shown", True)


def test_table_and_sentences(simulate_study, plan):
    tables = simulate_study(vendi={"affine": 0.0})
    checks = manipulation_checks(tables.diversity, tables.series, replace(plan, diversity=("affine", "x")))
    table = manipulation_table(checks)
    assert list(table.columns) == COLUMNS
    assert list(table["series"]) == ["affine", "x"]
    assert reason(table["facts"][0]).startswith("The training sets of affine are not shown to differ from")
    assert reason(table["facts"][1]) == "The diversity of x could not be compared with the baseline's."
    assert manipulation_table({}).empty
