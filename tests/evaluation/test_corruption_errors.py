"""Corruption errors by hand, and what a condition was trained on left out of both sides of a comparison."""

import numpy as np
import pandas as pd
import pytest

from weightscape.evaluation.corruption_errors import corruption_errors, seen_corruptions, without_seen
from weightscape.statistics.effects import effects_table
from weightscape.statistics.outcomes import beside_baseline, evaluation_outcomes

KINDS, SEVERITIES, SEEDS = ("fog", "gaussian_noise", "snow"), (1, 3, 5), range(4)
CONDITIONS = {"baseline": (), "noise-0.1": ("gaussian_noise",), "dropout-0.2": ()}
MEASURES = ("nll", "brier", "ece", "adaptive_ece")


@pytest.fixture
def evaluation() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    rows = []
    for name, seen in CONDITIONS.items():
        for seed in SEEDS:
            sets = [("validation", "validation", "", None), ("test", "test", "", None)]
            sets += [(f"test-{kind}-{s}", "corruption", kind, s) for kind in KINDS for s in SEVERITIES]
            for set_name, kind, corruption, severity in sets:
                accuracy = 0.95 - 0.1 * (severity or 0) - 0.03 * rng.random()
                if corruption and corruption in seen:
                    accuracy += 0.04
                for calibration in ("raw", "temperature"):
                    rows.append(
                        {
                            "condition": name, "series": name.split("-")[0], "family": name.split("-")[0],
                            "dose": float(name.split("-")[1]) if "-" in name else np.nan, "seed": seed,
                            "set": set_name, "kind": kind, "corruption": corruption, "severity": severity,
                            "seen": bool(corruption) and corruption in seen, "calibration": calibration, "n": 100,
                            "accuracy": accuracy, **dict.fromkeys(MEASURES, 1 - accuracy), "temperature": 1.0,
                        }
                    )  # fmt: skip
    return pd.DataFrame(rows).astype({"severity": "Int64"})


def judged(evaluation: pd.DataFrame) -> pd.DataFrame:
    """Return the outcomes by name, condition and seed, beside the baseline's."""
    return beside_baseline(evaluation_outcomes(evaluation)).set_index(["outcome", "condition", "seed"])


def error(evaluation: pd.DataFrame, condition: str, seed: int, kind: str, severity: int | None) -> float:
    """Return one error, found without pandas' grouping."""
    (accuracy,) = {
        row.accuracy
        for row in evaluation.itertuples()
        if (row.condition, row.seed) == (condition, seed)
        and (row.corruption == kind and row.severity == severity if severity else row.set == kind)
    }
    return 1 - accuracy


def test_corruption_errors_are_those_of_the_definition(evaluation):
    found = corruption_errors(evaluation, "baseline").set_index(["condition", "seed", "corruption"])
    for name, seed, kind in (("noise-0.1", 2, "fog"), ("dropout-0.2", 0, "snow"), ("baseline", 3, "gaussian_noise")):
        top = sum(error(evaluation, name, seed, kind, s) for s in SEVERITIES)
        lost = top - 3 * error(evaluation, name, seed, "test", None)
        base = [sum(error(evaluation, "baseline", s, kind, severity) for severity in SEVERITIES) for s in SEEDS]
        clean = [3 * error(evaluation, "baseline", s, "test", None) for s in SEEDS]
        assert found.at[(name, seed, kind), "ce"] == pytest.approx(top / np.mean(base))
        assert found.at[(name, seed, kind), "relative_ce"] == pytest.approx(lost / np.mean(np.subtract(base, clean)))
    baseline = found.loc["baseline"].groupby("corruption")[["ce", "relative_ce"]].mean()
    np.testing.assert_allclose(baseline, 1)


def test_a_corruption_that_costs_the_baseline_nothing_has_no_error(evaluation):
    evaluation.loc[evaluation["corruption"] == "fog", "accuracy"] = 1.0
    found = corruption_errors(evaluation, "baseline")
    fog = found[found["corruption"] == "fog"]
    assert fog[["ce", "relative_ce"]].isna().all().all()
    values = judged(evaluation)["value"]
    expected = found[(found["condition"] == "dropout-0.2") & (found["seed"] == 1)]["ce"].dropna().mean()
    assert values["evaluation/corruption/mce", "dropout-0.2", 1] == pytest.approx(expected)


def test_what_a_condition_was_trained_on_is_left_out_of_its_mean_and_of_the_baselines(evaluation):
    outcomes = judged(evaluation)
    corrupted = evaluation[(evaluation["kind"] == "corruption") & (evaluation["calibration"] == "raw")]
    for name, kinds in (("noise-0.1", ["fog", "snow"]), ("dropout-0.2", list(KINDS))):
        rows = corrupted[corrupted["corruption"].isin(kinds) & (corrupted["seed"] == 1)]
        entry = outcomes.loc[("evaluation/corruption/accuracy", name, 1)]
        assert entry["value"] == pytest.approx(rows.loc[rows["condition"] == name, "accuracy"].mean())
        assert entry["baseline"] == pytest.approx(rows.loc[rows["condition"] == "baseline", "accuracy"].mean())


def test_gaining_on_the_own_corruption_alone_is_no_effect(evaluation):
    """The difference that the effects table has is that on the other corruptions."""
    effects = effects_table(evaluation, evaluation_outcomes(evaluation)).set_index(["level", "outcome", "condition"])
    raw = evaluation[(evaluation["calibration"] == "raw") & evaluation["corruption"].isin(["fog", "snow"])]
    means = raw.groupby(["condition", "seed"])["accuracy"].mean()
    expected = (means["noise-0.1"] - means["baseline"]).mean()
    for level, name in (("condition", "noise-0.1"), ("series", "noise")):
        found = effects.at[(level, "evaluation/corruption/accuracy", name), "mean"]
        assert found == pytest.approx(expected)
    assert abs(expected) < 0.01


def test_an_interaction_is_on_the_corruptions_that_the_combination_was_not_trained_on(evaluation):
    """All four values of the difference of differences are on the same ones."""
    both = evaluation[evaluation["condition"] == "noise-0.1"].assign(condition="both", series="both", family="both")
    both["accuracy"] -= 0.01 * both["seed"] + 0.02
    evaluation = pd.concat([evaluation, both], ignore_index=True)
    runs = evaluation.assign(dose=evaluation["dose"].where(evaluation["condition"] != "both"))
    effects = effects_table(runs, evaluation_outcomes(evaluation), {"both": ("noise-0.1", "dropout-0.2")})
    found = effects[(effects["level"] == "interaction") & (effects["outcome"] == "evaluation/corruption/accuracy")]
    rows = evaluation[(evaluation["calibration"] == "raw") & evaluation["corruption"].isin(["fog", "snow"])]
    means = rows.groupby("condition")["accuracy"].mean()
    expected = means["both"] - means["noise-0.1"] - means["dropout-0.2"] + means["baseline"]
    assert found["mean"].to_list() == [pytest.approx(expected)]


def test_a_condition_trained_on_all_corruptions_has_no_mean(evaluation):
    evaluation["seen"] = (evaluation["kind"] == "corruption") & (evaluation["condition"] == "noise-0.1")
    conditions = judged(evaluation).loc["evaluation/corruption/accuracy"].index.get_level_values("condition")
    assert set(conditions) == {"baseline", "dropout-0.2"}
    effects = effects_table(evaluation, evaluation_outcomes(evaluation))
    assert "noise-0.1" not in set(effects.loc[effects["outcome"] == "evaluation/corruption/accuracy", "condition"])


def test_a_comparison_of_conditions_leaves_out_what_any_was_trained_on(evaluation):
    assert seen_corruptions(evaluation) == {"noise-0.1": ["gaussian_noise"]}
    both = without_seen(evaluation, ["noise-0.1", "dropout-0.2"])
    assert set(both["corruption"]) == {"", "fog", "snow"}
    assert set(both["condition"]) == {"noise-0.1", "dropout-0.2"}
    assert set(without_seen(evaluation, ["dropout-0.2"])["corruption"]) == {"", *KINDS}
