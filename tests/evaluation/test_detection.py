import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax
from sklearn.metrics import roc_auc_score, roc_curve
from test_evaluation_table import make_run, make_sets

from weightscape.evaluation.classes import class_accuracy_table
from weightscape.evaluation.detection import SCORES, detect, detection_table


@given(st.integers(0, 5000), st.integers(1, 60), st.integers(1, 60), st.integers(0, 3))
@settings(deadline=None, max_examples=80)
def test_detection_agrees_with_scikit_learn(seed, n, m, decimals):
    rng = np.random.default_rng(seed)
    inside, outside = (np.round(rng.standard_normal(k) + gap, decimals) for k, gap in ((n, 0.8), (m, 0)))
    truth = np.repeat([1, 0], [n, m])
    scores = np.concatenate([inside, outside])
    found = detect(inside, outside)
    assert found.auroc == pytest.approx(roc_auc_score(truth, scores))
    false_rates, true_rates, _ = roc_curve(truth, scores, drop_intermediate=False)
    assert found.fpr95 == pytest.approx(false_rates[np.flatnonzero(true_rates >= 0.95 - 1e-12)[0]])


def test_scores_are_their_formulas():
    logits = np.random.default_rng(0).normal(size=(30, 4))
    p = softmax(logits, axis=1)
    np.testing.assert_allclose(np.exp(SCORES["msp"](logits)), p.max(axis=1))
    np.testing.assert_allclose(SCORES["energy"](logits), np.log(np.exp(logits).sum(axis=1)))
    np.testing.assert_allclose(SCORES["entropy"](logits), (p * np.log(p)).sum(axis=1))


def test_certain_and_extreme_logits_have_finite_scores():
    for score in SCORES.values():
        assert np.isfinite(score(np.array([[5000.0, -5000.0], [0.0, 0.0]]))).all()


def test_a_set_far_away_is_told_apart_and_the_same_set_is_not():
    scores = np.linspace(0, 1, 100)
    assert vars(detect(scores + 5, scores)) == {"auroc": 1, "fpr95": 0}
    same = detect(scores, scores)
    assert same.auroc == 0.5
    assert same.fpr95 == pytest.approx(0.95)


def test_the_table_has_every_other_set_and_score():
    sets = make_sets(60)
    runs = [make_run("baseline", None, seed, sets) for seed in (1, 0)]
    table = detection_table(runs, sets)
    assert len(table) == 2 * 3 * 3
    assert set(table["set"]) == {"uci_digits", "test-blur-1", "test-blur-2"}
    assert table["seed"].tolist() == sorted(table["seed"])
    row = table[(table["seed"] == 0) & (table["set"] == "uci_digits") & (table["score"] == "energy")].iloc[0]
    inside, outside = (
        np.log(np.exp(runs[1].logits[name].astype(float)).sum(axis=1)) for name in ("test", "uci_digits")
    )
    assert row["auroc"] == pytest.approx(roc_auc_score(np.repeat([1, 0], 60), np.concatenate([inside, outside])))
    assert (row["n"], row["n_test"]) == (60, 60)


def test_a_study_without_other_sets_has_an_empty_table_with_all_columns():
    sets = make_sets(20)[:2]
    table = detection_table([make_run("baseline", None, 0, sets)], sets)
    assert len(table) == 0
    assert {"auroc", "fpr95", "score", "dose"} <= set(table.columns)


def test_two_test_sets_and_missing_logits_are_refused():
    sets = make_sets(20)
    run = make_run("baseline", None, 0, sets[:-1])
    with pytest.raises(ValueError, match="expected one evaluation set of kind test"):
        detection_table([run], [*sets, sets[1]])
    with pytest.raises(KeyError, match="baseline, seed 0: no logits for the set test-blur-2"):
        detection_table([run], sets)


def test_accuracies_of_classes_average_to_the_accuracy_of_the_set():
    sets = make_sets(200)
    run = make_run("dropout-0.2", 0.2, 4, sets)
    names = [f"class {label}" for label in range(10)]
    table = class_accuracy_table([run], sets, names)
    assert set(table["set"]) == {"validation", "test", "uci_digits"}
    for entry in sets[:3]:
        rows = table[table["set"] == entry.name]
        assert rows["class_name"].tolist() == names
        assert rows["n"].sum() == 200
        right = run.logits[entry.name].argmax(axis=1) == entry.labels
        assert np.average(rows["accuracy"], weights=rows["n"]) == pytest.approx(right.mean())
        assert rows["accuracy"].iloc[3] == right[entry.labels == 3].mean()


def test_a_class_without_images_in_a_set_has_no_row():
    sets = make_sets(200)
    sets[1].labels[:] = 2
    table = class_accuracy_table([make_run("baseline", None, 0, sets)], sets, [str(label) for label in range(10)])
    assert table.loc[table["set"] == "test", "class_name"].tolist() == ["2"]
