from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import evaluate
from weightscape.evaluation import metrics
from weightscape.evaluation.calibration import fit_temperature
from weightscape.evaluation.detection import detection_table
from weightscape.evaluation.metrics import compute_metrics
from weightscape.evaluation.runs import LabelledSet, Run
from weightscape.evaluation.table import evaluation_table
from weightscape.files import file_sha256, write_array, write_arrays, write_json
from weightscape.report.tables import evaluation_summary
from weightscape.statistics.outcomes import evaluation_outcomes

COLUMNS = [
    "condition", "series", "family", "dose", "seed", "set", "kind", "corruption", "severity", "seen", "calibration",
    "n", "accuracy", "nll", "brier", "ece", "adaptive_ece", "classwise_ece", "smooth_ece", "brier_reliability",
    "brier_resolution", "brier_uncertainty", "temperature",
]  # fmt: skip


def make_sets(n: int, corruptions: int = 2) -> list[LabelledSet]:
    rng = np.random.default_rng(0)

    def labels() -> np.ndarray:
        return rng.integers(0, 10, n)

    return [
        LabelledSet("validation", "validation", labels()),
        LabelledSet("test", "test", labels()),
        LabelledSet("uci_digits", "ood", labels()),
        *(LabelledSet(f"test-blur-{i + 1}", "corruption", labels(), "blur", i + 1) for i in range(corruptions)),
    ]


def make_run(condition: str, dose: float, seed: int, sets: list[LabelledSet]) -> Run:
    rng = np.random.default_rng(seed)
    logits = {}
    for entry in sets:
        logits[entry.name] = 4 * rng.standard_normal((len(entry.labels), 10)).astype(np.float32)
        logits[entry.name][np.arange(len(entry.labels)), entry.labels] += 3
    seen = ["blur"] if condition != "baseline" else []
    return Run(condition, condition.split("-")[0], "family", dose, seed, logits, seen)


def test_schema_and_order_of_the_table():
    sets = make_sets(40)
    runs = [make_run("dropout-0.2", 0.2, 1, sets), make_run("dropout-0.2", 0.2, 0, sets)]
    runs.append(make_run("baseline", np.nan, 0, sets))
    table = evaluation_table(runs, sets)
    assert list(table.columns) == COLUMNS
    assert len(table) == 3 * 5 * 2
    keys = ["condition", "seed", "set", "calibration"]
    assert not table.duplicated(keys).any()
    pd.testing.assert_frame_equal(table, table.sort_values(keys, ignore_index=True))
    assert table["severity"].dtype == "Int64"
    assert table["dose"].dtype == "float64"
    assert table["seed"].dtype == table["n"].dtype == "int64"
    assert table.query("kind != 'corruption'")["severity"].isna().all()
    assert (table.query("set == 'test-blur-2'")["severity"] == 2).all()
    assert (table["seen"] == ((table["kind"] == "corruption") & (table["condition"] != "baseline"))).all()
    assert table.query("condition == 'baseline'")["dose"].isna().all()
    assert not table.drop(columns=["severity", "dose"]).isna().any().any()


def test_values_are_those_of_the_metrics_and_the_temperature_comes_from_validation():
    sets = make_sets(60)
    run = make_run("baseline", np.nan, 3, sets)
    table = evaluation_table([run], sets).set_index(["set", "calibration"])
    temperature = fit_temperature(run.logits["validation"], sets[0].labels)
    raw, scaled = table.loc[("uci_digits", "raw")], table.loc[("uci_digits", "temperature")]
    assert raw["temperature"] == 1
    assert scaled["temperature"] == temperature
    assert raw["ece"] == compute_metrics(run.logits["uci_digits"], sets[2].labels)["ece"]
    expected = compute_metrics(run.logits["uci_digits"].astype(float) / temperature, sets[2].labels)
    assert (scaled["nll"], scaled["accuracy"]) == (expected["nll"], raw["accuracy"])


def test_a_metric_that_is_declared_is_in_every_table(monkeypatch):
    """One line: its column, its outcomes raw and scaled, and its mean and SD in the summary of the report."""
    margin = metrics.Metric("confidence", lambda predictions: float(predictions.confidences.mean()))
    monkeypatch.setattr(metrics, "METRICS", (*metrics.METRICS, margin))
    sets = make_sets(60)
    table = evaluation_table([make_run("baseline", np.nan, 3, sets)], sets)
    assert list(table.columns) == [*COLUMNS[:-1], "confidence", "temperature"]
    outcomes = set(evaluation_outcomes(table)["outcome"])
    assert {"evaluation/ood/confidence", "evaluation/ood/confidence_temperature"} <= outcomes
    assert "evaluation/ood/accuracy_temperature" not in outcomes
    assert {"confidence_mean", "confidence_sd"} <= set(evaluation_summary(table))


def test_what_was_adjusted_together_before_still_is():
    """Metrics that came later have a family of outcomes of their own, so no adjusted p of an earlier study moves."""
    table = evaluation_table([make_run("baseline", np.nan, 3, make_sets(60))], make_sets(60))
    outcomes = evaluation_outcomes(table)
    names = outcomes["outcome"].str.split("/").str[-1].str.removesuffix("_temperature")
    families = names.groupby(outcomes["outcome_family"]).agg(set).to_dict()
    assert families == {
        "evaluation": {"accuracy", "nll", "brier", "ece", "adaptive_ece"},
        "calibration": {"classwise_ece", "smooth_ece", "brier_reliability", "brier_resolution"},
        "corruption error": {"mce", "relative_mce"},
    }


def test_errors_say_which_run_and_set():
    sets = make_sets(10)
    run = make_run("baseline", np.nan, 0, sets[:-1])
    with pytest.raises(KeyError, match="baseline, seed 0: no logits for the set test-blur-2"):
        evaluation_table([run], sets)
    with pytest.raises(ValueError, match="expected one evaluation set of kind validation"):
        evaluation_table([run], sets[1:])
    with pytest.raises(ValueError, match="kind must be one of"):
        LabelledSet("test", "tset", sets[0].labels)


def write_job(tmp_path, outputs: str, sets: list[LabelledSet], runs: list[Run]) -> SimpleNamespace:
    """Write logits and labels as the workflow does and return what Snakemake gives to the script."""
    labels, logits = [], []
    for entry in sets:
        labels.append(tmp_path / entry.name / "labels.npy")
        write_array(entry.labels, labels[-1])
    for run in runs:
        logits.append(tmp_path / run.condition / f"block-{run.seed}" / "logits.npz")
        write_arrays({f"{run.seed}/{name}": array for name, array in run.logits.items()}, logits[-1])
    write_json({"class_names": [f"class {label}" for label in range(10)]}, tmp_path / "manifest.json")
    tables = ("evaluation", "class_accuracy", "detection")
    return SimpleNamespace(
        input=SimpleNamespace(labels=labels, logits=logits, manifest=tmp_path / "manifest.json"),
        output=SimpleNamespace(**{name: tmp_path / outputs / f"{name}.parquet" for name in tables}),
        params=SimpleNamespace(
            sets=[
                {"name": entry.name, "kind": entry.kind, "corruption": entry.corruption, "severity": entry.severity}
                for entry in sets
            ],
            runs=[
                {
                    "condition": r.condition,
                    "series": r.series,
                    "family": r.family,
                    "dose": dose,
                    "seeds": [r.seed],
                    "corruptions_seen": r.corruptions_seen,
                }
                for r, dose in zip(runs, [None, 0.2], strict=True)
            ],
        ),
        log=[tmp_path / "log"],
        rule="evaluate",
    )


def test_the_script_writes_the_same_bytes_every_time(tmp_path):
    sets = make_sets(30)
    runs = [make_run("baseline", np.nan, 0, sets), make_run("dropout-0.2", 0.2, 1, sets)]
    for name in ("first", "second"):
        evaluate.main(write_job(tmp_path, name, sets, runs))
    for name in ("evaluation", "class_accuracy", "detection"):
        for suffix in (".parquet", ".csv"):
            assert file_sha256(tmp_path / f"first/{name}{suffix}") == file_sha256(tmp_path / f"second/{name}{suffix}")
    table = pd.read_parquet(tmp_path / "first/evaluation.parquet")
    pd.testing.assert_frame_equal(table, evaluation_table(runs, sets), check_exact=True)
    classes = pd.read_parquet(tmp_path / "first/class_accuracy.parquet")
    assert set(classes["class_name"]) == {f"class {label}" for label in range(10)}
    detected = pd.read_parquet(tmp_path / "first/detection.parquet")
    pd.testing.assert_frame_equal(detected, detection_table(runs, sets), check_exact=True)
    from_csv = pd.read_csv(
        tmp_path / "first/evaluation.csv", keep_default_na=False, na_values={"dose": "", "severity": ""}
    )
    np.testing.assert_array_equal(from_csv["nll"], table["nll"])
    np.testing.assert_array_equal(from_csv["corruption"], table["corruption"])
