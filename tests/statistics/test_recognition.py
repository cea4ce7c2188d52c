"""The gate of claim 2: which synthetic images count as recognised, and what becomes of verdicts on others."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from weightscape.statistics.preregistration import analysis
from weightscape.statistics.recognised_share import REAL, class_mean_accuracy, share_of_real
from weightscape.statistics.study import analyse_study
from weightscape.words.reasons import claim_reason
from weightscape.words.verdicts import MEANINGS, verdict_words


def test_the_accuracy_is_the_mean_over_classes():
    labels = np.repeat([0, 1], [90, 10])
    right = np.concatenate([np.ones(90, bool), np.zeros(10, bool)])
    accuracy, error = class_mean_accuracy(right, labels)
    assert accuracy == 0.5
    expected = [(91 / 92) * (1 / 92) / 92, (1 / 12) * (11 / 12) / 12]
    assert error == pytest.approx(np.sqrt(sum(expected)) / 2)


def test_the_lower_bound_is_the_root_of_the_test():
    synthetic, real, chance = (0.4, 0.02), (0.6, 0.03), 0.1

    def z(g):
        difference = (synthetic[0] - chance) - g * (real[0] - chance)
        return difference / np.hypot(synthetic[1], g * real[1]) - norm.ppf(0.95)

    share = share_of_real(synthetic, real, chance)
    assert share.value == pytest.approx(0.6)
    assert share.low == pytest.approx(brentq(z, 0, share.value))


def test_the_lower_bound_lies_below_the_true_share_in_19_of_20_studies():
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(10), 40)
    below = []
    for _ in range(1000):
        synthetic, real = (class_mean_accuracy(rng.random(400) < p, labels) for p in (0.35, 0.6))
        below.append(share_of_real(synthetic, real, 0.1).low <= 0.5)
    assert 0.93 < np.mean(below) < 0.97


@pytest.mark.parametrize(
    ("synthetic", "real", "outcome"),
    [
        ((0.55, 0.02), (0.6, 0.02), "recognised"),
        ((0.36, 0.02), (0.6, 0.02), "not recognised"),  # half of it, but the bound is lower
        ((0.25, 0.01), (0.62, 0.01), "not recognised"),  # the images that issue 11 saw, with nine classes
        ((0.55, 0.02), (0.11, 0.02), "cannot tell"),
    ],
)
def test_outcomes(synthetic, real, outcome):
    assert share_of_real(synthetic, real, 0.1).outcome(0.5) == outcome


def quality(outcome, learnt_from="pool"):
    row = {"pool": "guidance-1", "learnt_from": learnt_from, "classifier_accuracy": 0.25, "chance": 0.111}
    row |= {"recognised_share": 0.27, "recognised_share_low": 0.21, "threshold": 0.5, "outcome": outcome}
    real = {**row, "pool": REAL, "learnt_from": "", "classifier_accuracy": 0.62, "outcome": "recognised"}
    return pd.DataFrame([real, row])


@pytest.fixture
def judged(simulate_study, plan):
    """Return the claims of a study whose synthetic data are clearly better, by how its images were measured."""
    tables = simulate_study(vendi={"synthetic": 1.0}, ood={"synthetic": 1.0})
    pools = {"synthetic-0.5": "guidance-1", "synthetic-1": "guidance-1"}

    def claims(table):
        found = analyse_study(replace(tables, quality=table, pools=pools), plan)
        return found.claims.set_index("claim", drop=False), found.robustness

    return claims


def test_a_claim_on_images_that_are_not_recognised_gets_no_verdict(judged):
    passed, _ = judged(quality("recognised"))
    failed, robustness = judged(quality("not recognised"))
    assert passed.verdict["2a"] == passed.verdict["2b"] == "supported"
    for claim in ("2a", "2b", "2c", "2d"):
        assert failed.verdict[claim] == "undetermined"
        assert verdict_words(failed.loc[claim]) == "undetermined: not recognised"
        assert failed.statistic[claim] == pytest.approx(passed.statistic[claim], nan_ok=True)
        assert failed.n_variants[claim] == 0
    text = claim_reason(failed.loc["2b"])
    assert text.startswith("No verdict, since a classifier of real images recognises 0.250 of the synthetic ones")
    assert "where the plan asks for 0.500. With synthetic the odds" in text
    assert set(robustness.loc[robustness["claim"] == "2a", "kind"]) == {"plan"}
    assert "Not recognised: " in dict(MEANINGS)["undetermined"]


def test_claim_one_is_judged_as_before(judged):
    passed, _ = judged(quality("recognised"))
    failed, _ = judged(quality("not recognised"))
    one = [name for name in passed.index if name.startswith("1")]
    pd.testing.assert_series_equal(passed.loc[one, "verdict"], failed.loc[one, "verdict"])


@pytest.mark.parametrize(("learnt_from", "words"), [("pool", "no run trains on"), ("subset", "no external data")])
def test_a_claim_says_what_the_generator_learnt_from(judged, learnt_from, words):
    claims, _ = judged(quality("recognised", learnt_from))
    assert words in claim_reason(claims.loc["2a"])


def test_images_that_nobody_can_judge_give_no_verdict(judged):
    claims, _ = judged(quality("cannot tell"))
    assert claims.verdict["2a"] == "undetermined"
    assert "no classifier recognises unseen real images" in claim_reason(claims.loc["2a"])


def test_a_study_whose_images_were_not_measured_is_judged_as_before(judged):
    claims, _ = judged(None)
    assert claims.verdict["2a"] == "supported"
    assert "generator" not in claim_reason(claims.loc["2a"])


def test_the_gate_is_registered(plan):
    assert "0.5 times as often as unseen real ones" in analysis(plan)["gate"]
    assert analysis(plan) != analysis(replace(plan, recognised=0.6))
