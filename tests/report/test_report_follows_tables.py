"""Whatever number changes in a table, the texts that rest on it change, and no other does."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pandas as pd
import pytest
from pandas.api.types import is_bool_dtype, is_float_dtype, is_numeric_dtype
from simulated_study import SimulatedStudy

from weightscape.report.content import Report
from weightscape.statistics.recognised_share import REAL

SHOWN = (
    "spectra/stable_rank",
    "spectra/log_norm",
    "evaluation/ood/accuracy",
    "diversity/pixel/vendi_1",
    "diversity/embedding/vendi_1",
)


def texts(report: Report) -> dict[str, str]:
    """Return every text of a report that is derived from tables, each by a name for its place; a column is one text."""
    found = {f"summary {index}": sentence for index, sentence in enumerate(report.summary)}
    for item in report.verdicts:
        found[f"{item.claim} reason"], found[f"{item.claim} numbers"] = item.reason, item.numbers
        found[f"{item.claim} head"] = f"{item.title} {item.question} {item.verdict}"
    for index, table in enumerate(report.tables):
        for column, name in enumerate(table.columns):
            found[f"series table {index}: {name}"] = "|".join(row[column].text for row in table.rows)
    for section in report.sections:
        for kind in ("sentences", "points"):
            for index, text in enumerate(getattr(section, kind)):
                found[f"{section.anchor} {kind[:-1]} {index}"] = text
        for index, table in enumerate(section.tables):
            for column, name in enumerate(table.columns):
                found[f"{section.anchor} table {index}: {name}"] = "|".join(row[column].text for row in table.rows)
            found[f"{section.anchor} table {index}: caption"] = table.caption
        for name, text in section.listing:
            found[f"{section.anchor}: {name}"] = text
        found[f"{section.anchor} verbatim"] = section.verbatim
    return found


@pytest.fixture(scope="module")
def study(large: SimulatedStudy) -> SimulatedStudy:
    """Return the study with fewer outcomes: each test makes a whole report."""
    effects = large.tables["effects"]
    return large.with_table("effects", effects[effects["outcome"].isin(SHOWN)])


@pytest.fixture(scope="module")
def before(study: SimulatedStudy, make_report: Callable[..., Report]) -> dict[str, str]:
    return texts(make_report(study))


@pytest.fixture
def changed(before: dict[str, str], make_report: Callable[..., Report]) -> Callable[[SimulatedStudy], set[str]]:
    """Return a function from a changed study to the places whose texts differ from those of the unchanged one."""

    def places(study: SimulatedStudy) -> set[str]:
        after = texts(make_report(study))
        return {place for place in before.keys() | after.keys() if before.get(place) != after.get(place)}

    return places


def other(column: pd.Series) -> pd.Series:
    """Return a column with other numbers; ends of intervals move outwards and keep their sign."""
    if not is_float_dtype(column):
        return column + 3
    if column.name in ("low", "high"):
        outwards = -1 if column.name == "low" else 1
        return column * (1 + 0.3 * outwards * (column > 0) - 0.3 * outwards * (column < 0))
    return 0.6 * column + 0.013


SERIES = ("randaugment", "trivialaugment", "affine", "synthetic", "synthetic_sharp")
ESTIMATED = ("1-change", "2a", "2b", "2c")
NUMBERS = [f"{claim} numbers" for claim in ESTIMATED]
DECIDED_REASONS = [f"{claim} reason" for claim in ("2a", "2b")]
SIMILAR = [f"similarity sentence {index}" for index in range(3)]
ACCURACIES = [f"accuracy table 0: {kind} accuracy" for kind in ("validation", "test", "OOD", "corrupted")]
CORRUPTION_ERRORS = [f"accuracy table 2: {name}" for name in ("mCE", "gaussian noise", "rotation")]
ECES = [f"accuracy table 0: {name}" for name in ("test ECE", "test ECE, scaled", "OOD ECE", "OOD ECE, scaled")]
POINTS = ["fingerprints point 0", "fingerprints point 1"]
SENTENCES = ["accuracy sentence 1", "accuracy sentence 2", "diversity sentence 0", "diversity sentence 1"]


def two_tables(column: str) -> list[str]:
    return [f"fingerprints table 0: {column}", f"controls table 1: {column}"]


NOTHING: tuple[str, ...] = ()

# Every number in every table, and the places that rest on it.
PLACES: dict[str, dict[str, Sequence[str]]] = {
    "runs": {
        "seed": ["provenance: seeds"],
        "n_real": ["training table 0: real images"],
        "n_synthetic": ["training table 0: synthetic images"],
        "steps": ["training table 0: steps"],
        "final_validation_accuracy": ["training table 0: validation accuracy"],
        "fitted_loss": ["fingerprints sentence 0", "training table 0: training loss"],
        **dict.fromkeys(("block", "final_train_loss"), NOTHING),
    },
    "evaluation": {
        "accuracy": ["accuracy sentence 0", *ACCURACIES, *CORRUPTION_ERRORS],
        "nll": ["accuracy table 0: test NLL", "accuracy table 3: NLL"],
        "ece": [*ECES, "accuracy table 3: ECE"],
        "brier": ["accuracy table 3: Brier score"],
        **{
            name: [f"accuracy table 3: {label}"]
            for name, label in (
                ("brier_reliability", "Brier reliability"),
                ("brier_resolution", "Brier resolution"),
                ("brier_uncertainty", "Brier uncertainty"),
                ("adaptive_ece", "adaptive ECE"),
                ("classwise_ece", "class-wise ECE"),
                ("smooth_ece", "smooth ECE"),
            )
        },
        **dict.fromkeys(("seed", "severity", "n", "temperature"), NOTHING),
    },
    "class_accuracy": {
        "accuracy": [f"accuracy table 5: {label}" for label in range(3)],
        **dict.fromkeys(("seed", "n"), NOTHING),
    },
    "detection": {
        "auroc": [f"accuracy table 4: AUROC, {score}" for score in ("probability", "energy", "entropy")],
        "fpr95": [f"accuracy table 4: FPR95, {score}" for score in ("probability", "energy", "entropy")],
        **dict.fromkeys(("seed", "severity", "n", "n_test"), NOTHING),
    },
    "diversity": {
        "vendi_1": ["diversity table 0: Vendi score", "diversity table 0: 95 % interval"],
        "vendi_2": ["diversity table 0: Vendi score, q = 2"],
        "wvs": ["diversity table 0: weighted Vendi score"],
        "dcscore": ["diversity table 0: DCScore"],
        "mean_distance": ["diversity table 0: mean cosine distance"],
        "recall": ["diversity table 0: recall"],
        "coverage": ["diversity table 0: coverage"],
        **dict.fromkeys(
            ("seed", "n", "vendi_0.5", "vendi_inf", "wvs_published", "precision", "density"),
            NOTHING,
        ),
    },
    "diversity_curve": {
        "n": ["diversity sentence 2", "diversity table 1: caption"],
        "vendi_1": ["diversity table 1: 0", "diversity table 1: 1"],
        **dict.fromkeys(("seed", "parts", "vendi_0.5", "vendi_2", "vendi_inf"), NOTHING),
    },
    "effects": {
        "mean": [*POINTS, *SENTENCES, *two_tables("difference"), "accuracy table 1: OOD accuracy"],
        "low": [*POINTS, *SENTENCES, *two_tables("95 % interval"), "accuracy table 1: 95 % interval, OOD"],
        "high": [*POINTS, *SENTENCES, *two_tables("95 % interval"), "accuracy table 1: 95 % interval, OOD"],
        "d_z": [*POINTS, *two_tables("d_z")],
        "pvalue": two_tables("p"),
        "pvalue_holm": two_tables("p (Holm)"),
        **dict.fromkeys(("n_seeds", "low_bca", "high_bca", "pvalue_westfall_young"), NOTHING),
    },
    "similarity": {
        "cosine": [*SIMILAR, "similarity table 0: cosine"],
        "low": [*SIMILAR, "similarity table 0: 95 % interval"],
        "high": [*SIMILAR, "similarity table 0: 95 % interval"],
        **dict.fromkeys(("n_seeds", "n_features", "inner", "norm_a", "norm_b"), NOTHING),
    },
    "claims": {
        **dict.fromkeys(("n_seeds", "pvalue"), NUMBERS),
        "statistic": [*NUMBERS, "series table 0: T"],
        "low": [*NUMBERS, "series table 0: 95 % interval"],
        "high": [*NUMBERS, "series table 0: 95 % interval"],
        "pvalue_holm": [*NUMBERS, "series table 0: p (Holm)"],
        "detectable": ["series table 0: found with 80 % power"],
        **dict.fromkeys(("n_variants", "n_same_verdict"), DECIDED_REASONS),
        **dict.fromkeys(("pvalue_equivalence",), NOTHING),
    },
    "robustness": {
        "statistic": ["stability table 0: statistic"],
        "low": ["stability table 0: 95 % interval"],
        "high": ["stability table 0: 95 % interval"],
        "pvalue": ["stability table 0: p"],
        "n_seeds": [],
    },
    "controls": {
        "statistic": ["controls table 0: statistic"],
        "low": ["controls table 0: 95 % interval"],
        "high": ["controls table 0: 95 % interval"],
        "pvalue": ["controls table 0: p"],
    },
    "generator_quality": {
        "guidance_scale": [*[f"generator sentence {index}" for index in (1, 2, 3, 4)], "generator table 0: images"],
        "strength": [],
        "prompts": [],
        "n": ["generator table 0: number"],
        "classifier_accuracy": ["generator sentence 1", "generator table 0: recognised"],
        "chance": [],
        "recognised_share": ["generator table 0: of real, above chance"],
        "recognised_share_low": ["generator table 0: at least"],
        "threshold": [],
        "nearest_real_distance": [],
        "memorised_fraction": ["generator sentence 2", "generator table 0: near copies, %"],
        "vendi_ratio_pixel": ["generator sentence 3", "generator table 0: Vendi, pixels"],
        "vendi_ratio_embedding": ["generator sentence 3", "generator table 0: Vendi, embedding"],
        "precision": ["generator table 0: precision"],
        "recall": ["generator table 0: recall"],
        "density": ["generator table 0: density"],
        "coverage": ["generator table 0: coverage"],
        "frechet_distance": ["generator table 0: Fréchet"],
        "kernel_distance": ["generator sentence 4", "generator table 0: kernel"],
    },
    "generator_classes": {
        "n": [],
        "classifier_accuracy": [
            f"generator table 1: {pool}" for pool in (REAL, "guidance-0", "guidance-1.5", "guidance-4")
        ],
    },
}
# An interval that changes may change to how many decimals the estimate is rounded.
ROUNDED = {"difference", "statistic", "T", "OOD accuracy"}


@pytest.mark.parametrize(
    ("table", "column"), [(table, column) for table, columns in PLACES.items() for column in columns]
)
def test_a_number_changes_the_texts_that_rest_on_it(table: str, column: str, study: SimulatedStudy, changed) -> None:
    values = study.tables[table]
    found = changed(study.with_table(table, values.assign(**{column: other(values[column])})))
    if column in ("low", "high"):
        found = {place for place in found if place.rpartition(": ")[2] not in ROUNDED}
    assert found == set(PLACES[table][column])


def test_no_number_is_forgotten(study: SimulatedStudy) -> None:
    for name in PLACES:
        table = study.tables[name]
        numbers = {name for name in table if is_numeric_dtype(table[name]) and not is_bool_dtype(table[name])}
        assert numbers - {"dose"} == set(PLACES[name])


SUBSETS = [
    (
        "evaluation",
        {"kind": "test"},
        "accuracy",
        ["accuracy sentence 0", "accuracy table 0: test accuracy", "accuracy table 2: relative mCE"],
    ),
    ("evaluation", {"kind": "ood"}, "accuracy", ["accuracy sentence 0", "accuracy table 0: OOD accuracy"]),
    (
        "evaluation",
        {"kind": "corruption"},
        "accuracy",
        [
            *["accuracy sentence 0", "accuracy table 0: corrupted accuracy"],
            *[*CORRUPTION_ERRORS, "accuracy table 2: relative mCE"],
        ],
    ),
    ("evaluation", {"kind": "validation"}, "accuracy", ["accuracy table 0: validation accuracy"]),
    (
        "evaluation",
        {"kind": "test", "calibration": "raw"},
        "ece",
        ["accuracy table 0: test ECE", "accuracy table 3: ECE"],
    ),
    ("evaluation", {"kind": "test", "calibration": "temperature"}, "ece", ["accuracy table 0: test ECE, scaled"]),
    (
        "evaluation",
        {"kind": "ood", "calibration": "raw"},
        "ece",
        ["accuracy table 0: OOD ECE", "accuracy table 3: ECE"],
    ),
    ("evaluation", {"kind": "ood", "calibration": "temperature"}, "ece", ["accuracy table 0: OOD ECE, scaled"]),
    *[
        ("effects", {"outcome": outcome, "level": "condition"}, "mean", [place, "controls table 1: difference"])
        for outcome, place in (
            ("spectra/stable_rank", "fingerprints point 0"),
            ("spectra/log_norm", "fingerprints point 1"),
            ("diversity/pixel/vendi_1", "diversity sentence 0"),
            ("diversity/embedding/vendi_1", "diversity sentence 1"),
        )
    ],
    ("similarity", {"feature_family": "shape"}, "cosine", ["similarity sentence 1", "similarity table 0: cosine"]),
    ("similarity", {"feature_family": "scale"}, "cosine", ["similarity sentence 2", "similarity table 0: cosine"]),
]  # fmt: skip


@pytest.mark.parametrize(("table", "where", "column", "places"), SUBSETS)
def test_rows_change_only_what_is_said_of_them(
    table: str, where: dict[str, str], column: str, places: list[str], study: SimulatedStudy, changed
) -> None:
    values = study.tables[table].copy()
    rows = (values[list(where)] == pd.Series(where)).all(axis=1)
    values.loc[rows, column] = other(values.loc[rows, column])
    assert changed(study.with_table(table, values)) == set(places)


def test_the_size_of_the_study_is_that_of_its_runs(study: SimulatedStudy, make_report) -> None:
    runs = study.tables["runs"]
    fewer = runs[(runs["seed"] < 7) & (runs["condition"] != "affine-1")]
    report = make_report(study.with_table("runs", fewer))
    assert report.summary[0] == (
        "133 training runs of tf_efficientnet_lite0: 19 conditions, each with 7 paired seeds. The unit of every test "
        "is the run, never the layer or the image."
    )
    seeds = next(table for item in report.sections if item.anchor == "training" for table in item.tables).rows
    assert {row[2].text for row in seeds} == {"7"}


TRAINING = {"images": 99, "epochs": 1, "batch_size": 3, "optimizer": "sgd", "learning_rate": 0.5}
RECORDS = [
    ("backbone", "architecture", "vit_tiny", ["summary 0", "provenance: backbone"]),
    ("backbone", "source", "elsewhere", ["provenance: backbone"]),
    ("backbone", "parameters", 77, ["provenance: parameters"]),
    ("backbone", "sha256", "12" * 32, ["provenance: backbone weights, SHA-256"]),
    ("manifest", "source", "other_digits", ["provenance: data"]),
    ("provenance", "commit", "fedcba", ["provenance: git commit"]),
    ("provenance", "uncommitted_changes", True, ["provenance: git commit"]),
    ("provenance", "config_sha256", "34" * 32, ["provenance: config, SHA-256"]),
    (
        "provenance",
        "config",
        {"study": "another", "training": TRAINING},
        ["provenance verbatim", "provenance: training"],
    ),
    ("provenance", "platform", "Plan 9", ["provenance: machine"]),
    ("provenance", "cpus", 999, ["provenance: machine"]),
    ("provenance", "python", "9.9", ["provenance: versions"]),
    ("provenance", "versions", {"torch": "9.9"}, ["provenance: versions"]),
]


@pytest.mark.parametrize(("record", "key", "value", "places"), RECORDS)
def test_the_provenance_is_that_of_the_records(
    record: str, key: str, value: object, places: list[str], study: SimulatedStudy, changed
) -> None:
    assert changed(replace(study, **{record: {**getattr(study, record), key: value}})) == set(places)


@pytest.mark.parametrize(
    ("key", "column"),
    [
        ("jobs", "jobs"),
        ("wall_seconds", "wall time"),
        ("cpu_seconds", "CPU time"),
        ("start_seconds", "of it to start"),
        ("peak_memory_mib", "peak memory, MiB"),
    ],
)
def test_the_cost_is_that_of_the_benchmarks(key: str, column: str, study: SimulatedStudy, changed) -> None:
    rules = study.provenance["rules"]
    more = {**rules, "finetune": {**rules["finetune"], key: 3 * rules["finetune"][key]}}
    assert changed(replace(study, provenance={**study.provenance, "rules": more})) == {f"provenance table 2: {column}"}


def test_the_splits_are_those_of_the_manifest(study: SimulatedStudy, changed) -> None:
    sets = study.manifest["sets"]
    for key, value, column in (("n", 55, "images"), ("images_sha256", "56" * 32, "SHA-256 of the images")):
        manifest = {**study.manifest, "sets": {**sets, "test": {**sets["test"], key: value}}}
        assert changed(replace(study, manifest=manifest)) == {f"provenance table 0: {column}"}
    counts = {**sets["test"]["class_counts"], "3": 7}
    manifest = {**study.manifest, "sets": {**sets, "test": {**sets["test"], "class_counts": counts}}}
    assert changed(replace(study, manifest=manifest)) == {
        "provenance table 0: smallest class", "provenance table 0: imbalance", "provenance table 1: test",
    }  # fmt: skip


def test_the_largest_loss_is_named(study: SimulatedStudy, make_report) -> None:
    effects = study.tables["effects"].copy()
    row = (effects["outcome"] == "evaluation/ood/accuracy") & (effects["condition"] == "dropout-0.05")
    effects.loc[row, ["mean", "low", "high"]] = [-0.9, -1.0, -0.8]
    text = texts(make_report(study.with_table("effects", effects)))["accuracy sentence 2"]
    assert text.startswith("Out of distribution, dropout 0.05 loses most relative to the baseline: −0.90")
